"""A friend who is to be linked with the clinic's record of them: by a phone, and by a code that comes to it as an SMS
or that staff read out."""

from typing import Literal
from uuid import UUID

from bot import texting
from bot.cards import grants as grant_cards
from bot.cards import one_time as cards
from bot.cards.frame import ways_on
from bot.chat import Chat, NotMeant, StaleAction
from bot.chats import own_email
from bot.routes import hear
from bot.words import plain
from channels.line.messages import Reply, say
from customers import grants, one_time
from customers.one_time import TooManyCodes
from facts import linked
from models.one_time import CodeState, OneTimeCode
from runtime.language import LANGUAGES, hearing_words

STEP = "one_time"
LIKE_DIGITS = 4
"""So many make a text a phone or a code that was typed wrong; fewer are anything else, and end the question."""


@hear.text("link_record")
@hear.postback("link_record")
def begin(chat: Chat) -> Reply:
    """What is typed next is a phone, or the code."""
    chat.ask(STEP)
    t = chat.t
    return say(
        t(
            "Type the phone number that you gave to {clinic}. If our staff have read a six-digit code out to you, "
            "type that.",
            clinic=chat.clinic.called(t.code),
        )
    )


@hear.step(STEP)
def typed(chat: Chat, text: str) -> Reply:
    text = _behind_the_wish(text) or text
    if (code := one_time.code_of(text)) is not None:
        return _entered(chat, code)
    phone = one_time.phone_of(chat.clinic, text)
    if phone is None and not _is_like_digits(text):
        chat.leave_step()
        raise NotMeant
    if phone is None:
        return say(
            chat.t("That is neither a mobile number nor a six-digit code. Please type it again, or write “cancel”.")
        )
    try:
        texted = linked.asked(chat.session, chat.customer, phone, chat.now, texting.texting(chat))
    except TooManyCodes as refused:
        chat.leave_step()
        return say(cards.too_many(chat.t, refused), choices=ways_on(chat.t, member=chat.member))
    chat.ask(STEP)
    if texted:
        return say(
            chat.t(
                "We have sent a six-digit code to this number by SMS. Please type it here within ten minutes. If it "
                "does not come, ask our staff at the counter."
            )
        )
    return say(
        chat.t(
            "If this number is in our records, our staff see your request now. They read a six-digit code out to you "
            "at the counter: please type it here within ten minutes."
        )
    )


def _is_like_digits(text: str) -> bool:
    return sum(map(str.isdecimal, text)) >= LIKE_DIGITS


def _behind_the_wish(text: str) -> str | None:
    """The figures in “link my record 081 234 5678”; None where it is no such text."""
    said = plain(text)
    wishes = (plain(words) for language in LANGUAGES for words in hearing_words(language).get("link_record", ()))
    behind = [said.removeprefix(wish) for wish in wishes if said.startswith(wish)]
    shortest = min(behind, key=len, default="")
    return shortest.strip(" :") if _is_like_digits(shortest) else None


def alone(chat: Chat) -> Reply | None:
    """The wish with the phone or the code behind it; or six digits that nothing else hears, while a code may be typed.
    None for any other text."""
    if (number := _behind_the_wish(chat.heard.text)) is not None:
        chat.ask(STEP)
        return typed(chat, number)
    code = one_time.code_of(chat.heard.text)
    if code is None or not one_time.anything_open(chat.session, chat.clinic, chat.now):
        return None
    return _entered(chat, code)


@hear.postback("link")
def answer(chat: Chat, code: UUID, answer: Literal["yes", "no"]) -> Reply:
    """Whether the record is theirs, once; later it says what became of it."""
    row = chat.session.get(OneTimeCode, (code, chat.clinic.id))
    if row is None or row.taker_id != chat.customer.id or row.purpose != "link":
        raise StaleAction("no code of this customer's")
    state = linked.answered(chat.session, row, chat.customer, chat.now, yes=answer == "yes")
    asked = texting.question(chat) if row.send_id is not None else None
    if asked is not None:
        return say(_became(chat, state), asked)
    return say(_became(chat, state), choices=ways_on(chat.t, member=chat.member))


def _entered(chat: Chat, code: str) -> Reply:
    found = one_time.enter(chat.session, chat.customer, code, chat.now)
    if found == "too_many":
        chat.leave_step()
        return say(chat.t("Too many codes did not fit. Please wait ten minutes, then ask our staff for a new one."))
    if found == "wrong":
        chat.ask(STEP)
        return say(chat.t("This code does not fit, or its ten minutes are over. Please type it again, or ask for one."))
    chat.leave_step()
    if found.purpose == "email":
        return own_email.proved(chat, found)
    if found.send_id is not None and (said := _proved(chat, found)) is not None:
        return said
    record = one_time.owner(chat.session, found)
    if record is None:
        return say(_became(chat, "refused"), choices=ways_on(chat.t, member=chat.member))
    if found.purpose == "grant":
        return say(grant_cards.accept(chat.clinic, chat.t, found, record, grants.what_of(found)))
    return say(cards.is_it_you(chat.session, chat.clinic, chat.t, found, record))


def _proved(chat: Chat, row: OneTimeCode) -> Reply | None:
    """What is said of a phone that is theirs now; None where a record may be theirs too, which is asked first."""
    state = linked.proved(chat.session, row, chat.customer, chat.now)
    if state == "one":
        return None
    t = chat.t
    said = {
        "alone": t("Thank you, this phone is confirmed as yours."),
        "several": t(
            "Thank you, this phone is confirmed as yours. Several records have it: our staff see your request now, and "
            "read a six-digit code out to you at the counter for the one that is yours. Please type it here."
        ),
        "somebodys": t("Another LINE account has confirmed this phone before. Please ask our staff at the counter."),
        "gone": t("This question is over, and nothing was linked. Please ask our staff for a new code."),
    }[state]
    if state == "several":
        chat.ask(STEP)
    asked = texting.question(chat) if state == "alone" else None
    return say(said, asked) if asked else say(said, choices=ways_on(t, member=chat.member))


def _became(chat: Chat, state: CodeState) -> str:
    t = chat.t
    if state == "done":
        return t(
            "Thank you, it is linked: what {clinic} has noted for you is here now.", clinic=chat.clinic.called(t.code)
        )
    if state == "waits":
        return t("Thank you. Our staff look at it once more, and you hear from us here.")
    if state == "declined":
        return t("Nothing was linked. Please tell our staff at the counter.")
    if state == "refused":
        return t("This could not be linked, and nothing was changed. Please ask our staff at the counter.")
    return t("This question is over, and nothing was linked. Please ask our staff for a new code.")
