"""Staff answer a customer by quoting what the group was told of them: the words are shown, and go with a yes."""

from bot.cards import staff_answers as cards
from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats.group_till import is_code, names
from bot.chats.handover import hand_back, people_of
from bot.chats.staff_members import acting
from bot.routes import hear
from bot.words import is_phrase
from channels.line.messages import Reply, say, silence
from customers import staff_acts
from facts import answered
from facts.group_till import NotOpen
from models.customers import Customer
from models.staff import ActKind, StaffAct, StaffMember
from models.staff_notices import StaffNotice

ANSWERS: tuple[ActKind, ...] = ("answer",)
LONGEST = 1000
"""Characters of one answer: all of them are shown before they go."""


@hear.event("group_quoted")
def quoted(group: GroupChat) -> Reply:
    """Whatever quotes what the group was told; written to a colleague by name it is talk."""
    heard = group.heard
    if heard.to_others:
        return silence("group_talk")
    if is_phrase(heard.words, "hand_back"):
        return hand_back(group, "")
    who = acting(group)
    if isinstance(who, Reply):
        return who
    about = people_of(group, group.quoted)
    if not about:
        return say(cards.about_nobody(group.t))
    if heard.event_type != "text":
        return say(cards.text_alone_goes(group.t))
    words = heard.words.strip()
    if not words:
        return say(cards.no_words(group.t))
    if len(words) > LONGEST:
        return say(cards.too_long(group.t, LONGEST))
    return _asked(group, who, words, about)


@hear.opening("send_answer")
def send(group: GroupChat, text: str) -> Reply:
    """A yes to what the code names; without a code to what oneself has asked for last."""
    return _decided(group, text, yes=True)


@hear.opening("keep_answer")
def keep(group: GroupChat, text: str) -> Reply:
    return _decided(group, text, yes=False)


def _asked(group: GroupChat, who: StaffMember, words: str, about: list[tuple[Customer, StaffNotice]]) -> Reply:
    """One question for each customer whom the message was about; with a yes to one the others are over."""
    questions = []
    for customer, notice in about:
        try:
            act = answered.ask(group.session, who, customer, notice, group.event_id, group.now)
        except answered.NotSent as refused:
            if len(about) == 1:
                return say(cards.not_sent(group.t, customer, refused))
            continue
        before = answered.before(group.session, customer, group.now)
        colleague = names(group, before) if before is not None else {}
        questions.append(cards.shall_it_be_sent(group.clinic, group.t, act, words, before, colleague))
    return say(cards.side_by_side(questions) if questions else cards.about_nobody(group.t))


def _decided(group: GroupChat, text: str, *, yes: bool) -> Reply:
    if group.ours is None or (text and not is_code(text)):
        raise NotMeant
    if text:
        act = staff_acts.by_code(group.session, group.ours, text, group.now)
    else:
        own, since = group.member, group.now - staff_acts.ANSWERED_WITHIN
        act = staff_acts.latest(group.session, own, "asked", since, ANSWERS) if own is not None else None
        if act is None:
            raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    if act is None or act.kind != "answer":
        return say(till.nothing_waits(group.t, text))
    return decided(group, act, who, yes=yes, by_code=bool(text))


def decided(group: GroupChat, act: StaffAct, who: StaffMember, *, yes: bool, by_code: bool) -> Reply:
    """A yes or no to an answer, by whichever words. A bare yes where several customers were asked about names none."""
    beside = () if by_code or not yes else staff_acts.beside(group.session, act)
    if len(beside) > 1:
        words = answered.words(group.session, act)
        asked = [cards.shall_it_be_sent(group.clinic, group.t, one, words, None, {}) for one in beside]
        return say(group.t("To whom? Please tap “Send” under the name."), cards.side_by_side(asked))
    try:
        if not yes:
            answered.decline(group.session, act, who, group.event_id, group.now)
            return say(cards.not_wanted(group.t))
        given = answered.give(group.session, act, who, group.channel, group.event_id, group.now)
    except NotOpen:
        return say(cards.settled(group.t, act, names(group, act)))
    except answered.NotSent as refused:
        return say(cards.not_sent(group.t, act.customer, refused))
    return say(cards.sent(group.clinic, group.t, act, given))
