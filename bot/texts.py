"""What answers a text: a phrase, a code, an open question, or what the sentence is about, in this order.

Words of what may be urgent for somebody's health go before everything that people may have written them in. Who surely
wants no offers, a copy, a correction, to be forgotten or a person is heard before what was asked, too. Others of health
in the answer to an open question stay this answer, and the staff are told.
"""

from bot import meant
from bot.chat import Chat, NotMeant
from bot.chats import birthday, cards, health, one_time, referrals, rewards
from bot.meant import STILL_HEARD
from bot.offered import on
from bot.routes import Route, Table
from bot.understand import Understood
from channels.line.messages import Reply

OF_DIGITS = frozenset({one_time.STEP, birthday.STEP})
"""What waits for digits alone: a sentence about something else is no answer to it, whatever digits are in it."""


def answer(table: Table, chat: Chat) -> Reply | None:
    """None where nobody hears it."""
    said = chat.heard.text
    if (phrase := table.phrase(said)) is not None and on(chat, phrase) and not _to_people(chat, phrase):
        return meant.phrase(table, chat, phrase)
    if (prefixed := table.prefixed(said)) is not None and on(chat, prefixed[0]):
        return prefixed[0].handler(chat, text=prefixed[1])
    understood = meant.of(table, chat)
    if understood.health == "urgent":
        return health.left_to_people(chat, urgent=True)
    if chat.open_step and understood.sure and understood.subjects and STILL_HEARD.issuperset(understood.subjects):
        chat.leave_step()
        return meant.answer(table, chat, understood)
    if (answered := _of_step(table, chat, understood)) is not None:
        if understood.health:
            health.tell(chat, urgent=False)
        return answered
    if (among := table.among(said)) is not None and on(chat, among[0]):
        return among[0].handler(chat, text=among[1])
    by_code = referrals.in_a_sentence(chat) or rewards.in_a_sentence(chat) or cards.in_a_sentence(chat)
    return by_code or one_time.alone(chat) or meant.answer(table, chat, understood)


def _of_step(table: Table, chat: Chat, understood: Understood) -> Reply | None:
    """The answer to what was asked; None where nothing was, or this is something else."""
    if not chat.open_step or (step := table.step(chat.open_step)) is None or not on(chat, step):
        return None
    if chat.open_step in OF_DIGITS and _is_of_something_else(chat.open_step, understood):
        chat.leave_step()
        return None
    try:
        return step.handler(chat, text=chat.heard.text)
    except NotMeant:
        return None


def _is_of_something_else(step: str, understood: Understood) -> bool:
    """A question bears the name of its own subject."""
    about = understood.sure and set(understood.subjects) - {step}
    return bool(about) or bool(understood.health)


def _to_people(chat: Chat, phrase: Route) -> bool:
    """A greeting and thanks are for whom the customer talks to."""
    return chat.with_people and phrase.name in ("greeting", "thanks")
