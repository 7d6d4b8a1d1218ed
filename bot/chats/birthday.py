"""The birthday: picked or typed, looked at once more, then fixed."""

import datetime as dt

from bot.cards import birthday as cards
from bot.cards.earned import earned
from bot.cards.frame import ways_on
from bot.chat import Chat, NotMeant, StaleAction
from bot.chats.join import members_only
from bot.chats.limits import unless_full
from bot.days import NoSuchDay, written
from bot.routes import hear
from bot.words import says
from channels.line.messages import Reply, say
from loyalty import birthdays
from loyalty.errors import EarningRefused

STEP = "birthday"


@hear.text("birthday")
@hear.subject("birthday")
@hear.postback("birthday")
def show(chat: Chat) -> Reply:
    if not chat.member:
        return members_only(chat)
    if chat.customer.birth_month_day is not None:
        return _known(chat)
    day = written(chat.heard.text)
    return _ask(chat) if day is None else _read(chat, day)


def _read(chat: Chat, day: dt.date | NoSuchDay) -> Reply:
    """A look at what was typed, or why it can be no birthday, and the question once more."""
    if isinstance(day, NoSuchDay):
        return _ask(chat, cards.no_such_day(chat.t, day))
    if not _possible(chat, day):
        return _ask(chat, chat.t("That year cannot be right. A day and a month are enough: we keep no year."))
    return _look(chat, day)


def _ask(chat: Chat, *why: str) -> Reply:
    chat.ask(STEP)
    points = chat.clinic.settings.points.birthday
    return say(*why, cards.choose(chat.clinic, chat.t, points, _today(chat)), choices=ways_on(chat.t, member=True))


@hear.postback("birthday_picked")
def picked(chat: Chat, date: dt.date) -> Reply:
    if not chat.member:
        return members_only(chat)
    if chat.customer.birth_month_day is not None:
        return _known(chat)
    if not _possible(chat, date):
        raise StaleAction("a day that the picker does not offer")
    return _look(chat, date)


@hear.step(STEP)
def typed(chat: Chat, text: str) -> Reply:
    """A day, or a yes or no to the one that was read; whatever else is said is heard as itself."""
    if (day := written(text)) is not None:
        return _read(chat, day)
    read = chat.state.data.get("day")
    if read is not None and says(text, "yes"):
        month_day = dt.date.fromisoformat(read)
        chat.leave_step()
        return fix(chat, month_day.month, month_day.day)
    if any(map(str.isdecimal, text)) or (read is not None and says(text, "no")):
        return _ask(chat)
    raise NotMeant


def _look(chat: Chat, date: dt.date) -> Reply:
    chat.ask(STEP, day=date.isoformat())
    return say(cards.confirm(chat.clinic, chat.t, date, _today(chat)), choices=ways_on(chat.t, member=True))


@hear.postback("birthday_set")
@unless_full
def fix(chat: Chat, month: int, day: int) -> Reply:
    t = chat.t
    try:
        line = birthdays.set_birthday(chat.session, chat.customer, month, day, chat.now)
    except EarningRefused as refused:
        if refused.code == "birthday_locked":
            return _known(chat)
        if refused.code == "not_a_member":
            return members_only(chat)
        raise StaleAction(refused.code) from refused
    if line is None:
        said = t("Thank you. We have noted {day} as your birthday.", day=cards.day_words(t, month, day))
        return say(said, choices=ways_on(t, member=True))
    lead = t("It is the month of your birthday, and this is our gift for it.")
    return say(earned(chat.clinic, t, t("Your birthday gift"), lead, line.amount), choices=ways_on(t, member=True))


def _known(chat: Chat) -> Reply:
    month, day = map(int, (chat.customer.birth_month_day or "").split("-"))
    said = chat.t(
        "Your birthday is noted as {day}. If that is wrong, tell our team here in the chat.",
        day=cards.day_words(chat.t, month, day),
    )
    return say(said, choices=ways_on(chat.t, member=True))


def _possible(chat: Chat, date: dt.date) -> bool:
    return cards.EARLIEST <= date <= _today(chat)


def _today(chat: Chat) -> dt.date:
    return chat.now.astimezone(chat.t.zone).date()
