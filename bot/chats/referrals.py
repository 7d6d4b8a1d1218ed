"""Referrals: handing on one's own code, and naming the friend who brought one here."""

from collections.abc import Sequence

from bot.cards import referrals as cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.chats.join import members_only, offer
from bot.routes import hear
from channels.line.messages import Choice, Reply, say
from channels.message import Action
from loyalty import referrals
from loyalty.errors import ReferralRefused
from runtime import codes

STEP = "referral_code"
LONGEST_SHOWN = 20


@hear.text("referrals")
@hear.text("friends_brought")
@hear.subject("referral")
@hear.postback("referrals")
def show(chat: Chat) -> Reply:
    if chat.profile is None or not chat.member:
        return members_only(chat)
    card = cards.code(chat.clinic, chat.t, chat.profile.referral_code)
    return say(card, choices=ways_on(chat.t, member=True))


@hear.text("friends")
@hear.postback("friends")
def friends(chat: Chat) -> Reply:
    if not chat.member:
        return members_only(chat)
    brought = referrals.friends(chat.session, chat.customer)
    counts = referrals.counts(chat.session, chat.customer)
    return say(cards.friends(chat.clinic, chat.t, brought, counts), choices=ways_on(chat.t, member=True))


@hear.text("friend_code")
@hear.subject("friend_code")
@hear.postback("friend_code")
def ask(chat: Chat) -> Reply:
    if chat.member:
        return _refused(chat, "already_customer")
    chat.ask(STEP)
    return say(chat.t("Please write the code your friend gave you: eight letters and digits."), choices=[_leave(chat)])


@hear.prefix("referral")
def carried(chat: Chat, text: str) -> Reply:
    """From a friend's link, or written by hand; without a code we ask for it."""
    return _bind(chat, text) if text else ask(chat)


@hear.step(STEP)
def typed(chat: Chat, text: str) -> Reply:
    return _bind(chat, text)


def in_a_sentence(chat: Chat) -> Reply | None:
    """A friend's code among words that nothing else hears; None when there is none that we know."""
    if not chat.clinic.settings.referral.enabled:
        return None
    known = referrals.known(chat.session, chat.clinic, codes.among(chat.heard.text))
    return _known(chat, known) if known else None


def _bind(chat: Chat, text: str) -> Reply:
    among = codes.among(text)
    for found in (among, codes.hidden(text)):
        if known := referrals.known(chat.session, chat.clinic, found):
            return _known(chat, known)
    meant = [code for code, sure in among.items() if sure]
    # Whatever people write around it; and what no table could be asked for, such as half an emoji.
    code = meant[0] if len(meant) == 1 else codes.squeezed(text)
    return _bind_code(chat, code) if code else ask(chat)


def _known(chat: Chat, known: Sequence[str]) -> Reply:
    if len(known) == 1:
        return _bind_code(chat, known[0])
    if chat.member:
        return _refused(chat, "already_customer")
    chat.ask(STEP)
    return say(
        chat.t("There is more than one code in your message. Which friend told you about us? Write that code alone."),
        choices=[_leave(chat)],
    )


def _bind_code(chat: Chat, code: str) -> Reply:
    try:
        referrals.bind(chat.session, chat.customer, code, chat.now)
    except ReferralRefused as refused:
        if refused.code == "unknown_code":
            return _unknown(chat, code)
        chat.leave_step()
        return _refused(chat, refused.code)
    chat.leave_step()
    said = chat.t("Thank you. We have noted that a friend told you about us.")
    greeting = offer(chat)
    return say(said, *greeting.messages, choices=greeting.choices)


def _unknown(chat: Chat, code: str) -> Reply:
    """Stays at the question: most often one letter is wrong."""
    chat.ask(STEP)
    said = chat.t(
        "We do not know the code {code}. Please look at it once more and write it again: eight letters and digits.",
        code=code[:LONGEST_SHOWN],
    )
    return say(said, choices=[_leave(chat)])


def _refused(chat: Chat, why: str) -> Reply:
    t = chat.t
    reasons = {
        "own_code": t("This is your own code. It is for your friends."),
        "already_bound": t("You have told us before who brought you. Once is enough."),
        "already_customer": t("A friend's code is for people who are new to us, and you are with us already."),
        "same_phone": t("This code belongs to your own phone number. It is for your friends."),
    }
    return say(reasons[why], choices=ways_on(t, member=chat.member))


def _leave(chat: Chat) -> Choice:
    return Choice(chat.t("Cancel"), Action("cancel"))
