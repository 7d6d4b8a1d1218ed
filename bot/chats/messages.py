"""What a customer hears from the clinic unasked, and when: one card with a switch for each kind."""

import re
from datetime import time
from typing import Literal

from bot import texting
from bot.cards import messages as cards
from bot.cards.frame import ways_on
from bot.chat import Chat, NotMeant, StaleAction
from bot.chats.own_email import by_mail, mails
from bot.deciding import wisher
from bot.routes import hear
from bot.texting import Somebody
from bot.words import plain
from channels.line.limits import BUTTONS
from channels.line.messages import Choice, Reply, say
from channels.message import Action
from followups import preferences
from followups.hours import Window
from privacy import consent

_CLOCK = re.compile(r"(?<!\d)(\d{1,2})(?:[:.]([0-5]\d))?(?!\d)")


@hear.text("message_settings")
@hear.subject("settings")
@hear.postback("message_settings")
def show(chat: Chat) -> Reply:
    return say(cards.settings(chat.clinic, chat.t, heard(chat)), choices=ways_on(chat.t, member=chat.member))


def heard(chat: Somebody) -> cards.Heard:
    session, who, now = chat.session, chat.customer, chat.now
    return cards.Heard(
        offers=consent.may_send_offers(session, who, "line", now),
        by_sms=texting.agreed(chat),
        by_mail=by_mail(chat),
        fitting=consent.allowed(session, who, consent.HEALTH, "line", now),
        care=not consent.objects(session, who, consent.CARE),
        transactional=not consent.objects(session, who, consent.TRANSACTIONAL),
        survey=not consent.objects(session, who, consent.SURVEY),
        greetings=not consent.objects(session, who, consent.GREETINGS),
        stopped=consent.stopped(session, who),
        quiet=preferences.quiet(preferences.of(session, who)),
    )


@hear.postback("hear_of")
def hear_of(chat: Chat, what: cards.Kind, answer: Literal["yes", "no"]) -> Reply:
    """All of it comes until somebody objects."""
    said = cards.heard_of(chat.t, what, wanted=answer == "yes")
    wisher(chat).decide(what, said, granted=answer == "yes")
    return say(said, choices=ways_on(chat.t, member=chat.member))


@hear.text("not_now")
@hear.postback("not_now")
def not_now(chat: Chat) -> Reply:
    """However old the offer is under which it was tapped: it is meant from now on."""
    until = preferences.not_now(chat.session, chat.customer, chat.now)
    said = chat.t("Of course. Until {date} we suggest no further treatments to you.", date=chat.t.date(until))
    back = Choice(chat.t("Suggest again"), Action("suggest_again"))
    return say(said, choices=(back, *ways_on(chat.t, member=chat.member)))


@hear.text("suggest_again")
@hear.postback("suggest_again")
def suggest_again(chat: Chat) -> Reply:
    """It ends what was said to offers of treatments; whether offers come at all is another question."""
    preferences.now_again(chat.session, chat.customer, chat.now)
    said = chat.t("Thank you. Where something may suit you, we suggest it again, if you receive offers.")
    return say(said, choices=ways_on(chat.t, member=chat.member))


@hear.text("quiet_hours")
@hear.postback("quiet_hours")
def quiet_hours(chat: Chat) -> Reply:
    chat.ask("quiet_hours")
    own = preferences.quiet(preferences.of(chat.session, chat.customer))
    return say(cards.quiet_hours(chat.clinic, chat.t, own), choices=ways_on(chat.t, member=chat.member))


@hear.step("quiet_hours")
def typed_quiet(chat: Chat, text: str) -> Reply:
    """Two times of the day; anything else is heard as if nothing had been asked."""
    chat.leave_step()
    found = [time(int(hour), int(minute or 0)) for hour, minute in _CLOCK.findall(plain(text)) if int(hour) < 24]
    if len(found) != 2 or found[0] == found[1]:
        raise NotMeant
    return _quiet(chat, (found[0], found[1]))


@hear.postback("quiet")
def quiet(chat: Chat, begins: int, ends: int) -> Reply:
    if begins == ends or not (0 <= begins < 24 and 0 <= ends < 24):
        raise StaleAction("no hours of a day")
    return _quiet(chat, (time(begins), time(ends)))


@hear.text("quiet_as_clinic")
@hear.postback("quiet_as_clinic")
def quiet_as_clinic(chat: Chat) -> Reply:
    preferences.choose_quiet(chat.session, chat.customer, None, chat.now)
    return _said(chat, chat.t("Understood. Our own quiet hours hold for you, too."))


@hear.text("ways_to_reach")
@hear.postback("ways_to_reach")
def ways(chat: Chat) -> Reply:
    """By which channels, and which comes first."""
    chosen = preferences.of(chat.session, chat.customer)
    reached = preferences.ways(chat.session, chat.channels, chat.customer)
    own = chosen is not None and any(one in reached for one in chosen.channels)
    mine = [Choice(chat.t("My e-mail"), Action("own_email"))] if mails(chat) else []
    card = cards.ways(chat.clinic, chat.t, reached, chosen=own)
    more = cards.first_of(chat.t, reached, chosen=own)[BUTTONS - own :]
    return say(card, choices=(*more, *mine, *ways_on(chat.t, member=chat.member)))


@hear.postback("prefer")
def prefer(chat: Chat, channel: Literal["line", "call", "sms", "email", "any"]) -> Reply:
    t = chat.t
    first = None if channel == "any" else channel
    if not preferences.wish_first(chat.session, chat.channels, chat.customer, first, chat.now):
        raise StaleAction("not reached by it any more")
    if channel == "any":
        return _said(chat, t("Understood. Each message goes the way that fits it."))
    return _said(chat, t("Noted. First we try {channel}.", channel=cards.channel_name(t, channel)))


def _quiet(chat: Chat, own: Window) -> Reply:
    if not preferences.wish_quiet(chat.session, chat.customer, own, chat.now):
        return _said(chat, chat.t("That would leave no hour of the day. To hear nothing, write “stop all messages”."))
    return _said(chat, chat.t("Noted.") + " " + cards.quiet_now(chat.t, own))


def _said(chat: Chat, words: str) -> Reply:
    return say(words, choices=ways_on(chat.t, member=chat.member))
