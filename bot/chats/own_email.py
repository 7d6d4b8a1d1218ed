"""A customer's own mail address: told in the chat, proved by a code that was sent to it, changed and forgotten."""

from typing import Literal

from bot.cards import own_email as cards
from bot.cards.frame import ways_on
from bot.cards.one_time import too_many
from bot.chat import Chat, NotMeant
from bot.chats.ages import ask_age, wishes
from bot.deciding import wisher
from bot.routes import hear
from bot.texting import Somebody
from channels import outbox
from channels.base import Provided
from channels.line.messages import Card, Reply, say
from customers import one_time, own_email
from customers.one_time import TooManyCodes
from models.one_time import OneTimeCode
from privacy import consent, suppressions

STEP = "own_email"
CHANNEL: Literal["email"] = own_email.KIND


@hear.text("own_email")
@hear.postback("own_email")
def show(chat: Chat) -> Reply:
    """What is known, else the question for it."""
    known = own_email.of(chat.session, chat.customer)
    if known is None or known.value is None:
        return another(chat)
    if suppressions.holds(chat.session, chat.clinic, CHANNEL, known.value):
        return _said(chat, cards.refused(chat.clinic, chat.t, known.value))
    offers = consent.may_send_offers(chat.session, chat.customer, CHANNEL, chat.now)
    return _said(chat, cards.standing(chat.clinic, chat.t, known.value, offers=offers))


@hear.text("email_anew")
@hear.postback("email_anew")
def anew(chat: Chat) -> Reply:
    """The address that is known is proved once more: to one that came back nothing else goes before."""
    known = own_email.of(chat.session, chat.customer)
    if known is None or known.value is None or not mails(chat):
        return another(chat)
    return _prove(chat, known.value)


@hear.text("another_email")
@hear.postback("another_email")
def another(chat: Chat) -> Reply:
    """What is typed next is an address."""
    if not mails(chat):
        return _said(chat, chat.t("We do not write by e-mail. Everything comes to you here in LINE."))
    chat.ask(STEP)
    return say(
        chat.t("Type the e-mail address at which {clinic} may reach you.", clinic=chat.clinic.called(chat.t.code))
    )


@hear.step(STEP)
def typed(chat: Chat, text: str) -> Reply:
    address = own_email.read(text)
    if address is None and "@" not in text:
        chat.leave_step()
        raise NotMeant
    if address is None:
        chat.ask(STEP)
        return say(chat.t("That is no e-mail address. Please type it again, or write “cancel”."))
    if not mails(chat):
        chat.leave_step()
        return _said(chat, chat.t("We do not write by e-mail. Everything comes to you here in LINE."))
    chat.leave_step()
    return _prove(chat, address)


def _prove(chat: Chat, address: str) -> Reply:
    try:
        code = own_email.ask(chat.session, chat.customer, address, chat.now)
    except TooManyCodes as refused:
        return _said(chat, too_many(chat.t, refused))
    _send(chat, address, code)
    return say(
        chat.t(
            "We have sent a six-digit code to {address}. Please type it here within ten minutes. If it is not there, "
            "look among the unwanted mail as well.",
            address=own_email.shown(address),
        )
    )


def proved(chat: Chat, row: OneTimeCode) -> Reply:
    """The code was typed. Offers are asked for once, of who may agree to them."""
    became, address = own_email.prove(chat.session, row, chat.customer, chat.now)
    if became == "another_record":
        return _said(
            chat,
            chat.t(
                "This address belongs to another record with us, so nothing was changed. Please ask our staff about it."
            ),
        )
    if became == "gone":
        return _said(chat, chat.t("This code is over. Please ask for a new one."))
    # Whoever reads it wants to be written to there, whatever came back from it before.
    suppressions.lift(chat.session, chat.clinic, CHANNEL, address)
    thanks = chat.t("Thank you. {address} is yours here now.", address=own_email.shown(address))
    asks = consent.may_ask(chat.session, chat.customer, consent.MARKETING, CHANNEL, chat.now)
    if asks and consent.may_agree(chat.session, chat.customer, chat.now):
        return say(thanks, cards.offers_question(chat.clinic, chat.t))
    return _said(chat, thanks)


def _question(chat: Chat) -> Card | None:
    return cards.offers_question(chat.clinic, chat.t) if own_email.of(chat.session, chat.customer) else None


wishes.add(CHANNEL, _question)


@hear.postback("mail_offers")
def offers(chat: Chat, answer: Literal["yes", "no"]) -> Reply:
    """A tap on the question, however old, or on the switch."""
    t, wanted = chat.t, answer == "yes"
    text = cards.offers_text(chat.clinic, t)
    why = wisher(chat).agree(consent.MARKETING, text, CHANNEL) if wanted else None
    if why == "age_unknown":
        return say(ask_age(chat, CHANNEL))
    if why == "under_age":
        return _said(chat, t("We send offers to nobody under 20, or whose age we do not know."))
    if wanted:
        known = own_email.of(chat.session, chat.customer)
        if known and known.value and suppressions.holds(chat.session, chat.clinic, CHANNEL, known.value):
            return show(chat)
        return _said(chat, t("Thank you. News and offers come by e-mail, too."))
    wisher(chat).decide(consent.MARKETING, text, CHANNEL, granted=False)
    return _said(chat, t("Understood. No news and offers come by e-mail."))


@hear.text("forget_email")
@hear.postback("forget_email")
def forget(chat: Chat) -> Reply:
    own_email.forget(chat.session, chat.customer)
    return _said(chat, chat.t("The address is removed. What our clinic was told elsewhere, our staff can remove."))


def by_mail(chat: Somebody) -> bool | None:
    """Whether offers come by mail; None where none can."""
    if not mails(chat) or own_email.of(chat.session, chat.customer) is None:
        return None
    return consent.may_send_offers(chat.session, chat.customer, CHANNEL, chat.now)


def mails(chat: Somebody) -> bool:
    """Whether the clinic writes mail at all."""
    if CHANNEL not in chat.channels:
        return False
    channel = chat.channels[CHANNEL]
    return isinstance(channel, Provided) and channel.serves(chat.clinic)


def _send(chat: Chat, address: str, code: str) -> None:
    """At any hour and beside every limit of what is said unasked: it was asked for just now."""
    channel = chat.channels[CHANNEL]
    body = channel.render(cards.code(chat.clinic, chat.t, code), chat.clinic, chat.t)
    outbox.write(chat.session, channel, chat.clinic, chat.customer, address, body, "own_email", worth=one_time.LIFE)


def _said(chat: Chat, words: str | Card) -> Reply:
    return say(words, choices=ways_on(chat.t, member=chat.member))
