"""The staff's own group: binding it, and using a customer's reward by sending its code."""

import re

from bot import attempts
from bot.cards import staff as cards
from bot.cards import staff_help
from bot.cards import staff_members as who_cards
from bot.cards import staff_till as till
from bot.chat import Chat, GroupChat, NotMeant
from bot.chats import amiss, group_till, no_payment
from bot.chats.staff_members import acting
from bot.routes import hear
from bot.words import says_use
from channels.line.messages import Reply, say, silence
from customers import meters, staff, staff_acts
from customers import staff_members as members
from loyalty import redemptions
from loyalty.errors import RedemptionRefused
from models.staff import StaffMember
from runtime import codes

BINDING = re.compile(r"(?=.*\d)[0-9a-z\s-]{4,16}")
"""What is meant as a binding code, even if mistyped: it has a digit. `bind them` is talk."""


@hear.event("group_text")
def in_group(group: GroupChat) -> Reply:
    """People talk in groups: of what has no route, a card, an amount with a phone, and a reward's code are answered,
    alone or among words."""
    answer = no_payment.heard(group) or group_till.heard(group)
    if answer is not None:
        return answer
    code = codes.read(group.heard.words)
    return _among_words(group) if code is None else _use(group, code)


def _among_words(group: GroupChat) -> Reply:
    """A code in a sentence: used where nothing else is said, else it is asked whether to, for a use is for good."""
    t, words = group.t, group.heard.words
    among = codes.among(words)
    known = redemptions.known(group.session, group.clinic, among)
    if len(known) > 1:
        shown = ", ".join(map(codes.spaced, known))
        return say(t("There are several codes in this message: {codes}. Please send one at a time.", codes=shown))
    meant = known or [code for code, sure in among.items() if sure]
    if not meant:
        found = amiss.answer(group)
        talk = say(staff_help.commands(group.clinic, t)) if group.heard.to_us else silence("group_talk")
        return found or talk
    code = meant[0]
    if not group.heard.to_others and says_use(codes.without(words, code)):
        return _use(group, code)
    who = acting(group)
    return who if isinstance(who, Reply) else asked(group, who, code)


def asked(group: GroupChat, who: StaffMember, code: str) -> Reply:
    """What the code is, and a button that says to use it in the name of who taps it."""
    if group_till.guessed_too_much(group, who):
        return say(till.too_many_guesses(group.t))
    try:
        found = redemptions.good(group.session, group.clinic, code, group.now)
    except RedemptionRefused as refused:
        return _refused(group, who, code, refused)
    return say(cards.shall_it_be_used(group.clinic, group.t, found))


@hear.opening("use_code")
def use_said(group: GroupChat, text: str) -> Reply:
    """The button's words, or a person's own, which may say more than that."""
    if text or group.member is None:
        raise NotMeant
    return say(cards.how_to_use(group.t))


@hear.postback("use_code", group=True)
def use(group: GroupChat, code: str) -> Reply:
    """A button of before: LINE need not say who tapped it, so it is asked by one whose words LINE does name."""
    if group.user_id is not None:
        return _use(group, code)
    try:
        found = redemptions.good(group.session, group.clinic, code, group.now)
    except RedemptionRefused as refused:
        return say(cards.refused(group.t, code, refused))
    return say(cards.shall_it_be_used(group.clinic, group.t, found))


@hear.prefix("bind", group=True, unbound=True)
def bind(group: GroupChat, text: str) -> Reply:
    t, code = group.t, codes.read(text)
    meant = BINDING.fullmatch(text) is not None or attempts.is_code(text, group.heard.words)
    if code is None and not meant:
        return silence("group_talk" if group.bound else "group_not_bound")
    bound_before = group.bound
    ours = staff.bind(group.session, group.clinic, code, group.group_id, group.now) if code else None
    if ours is None and bound_before:
        return say(t("This group is linked to {clinic} already.", clinic=group.clinic.called(t.code)))
    if ours is None:
        return say(t("This code does not fit: it is mistyped, was used, or is older than a day. Ask for a new one."))
    if group.user_id is not None:
        manager = members.meet(group.session, ours, group.user_id, group.now)
        members.allow(group.session, manager, "manager", group.now, by=members.actor(manager))
    if bound_before:
        return say(who_cards.manages_now(t) if group.user_id else who_cards.who_was_it(t))
    meters.ask(group.session, group.clinic, group.now)
    linked = t(
        "This group is now linked to {clinic}. Send a customer's reward code here, and it is used.",
        clinic=group.clinic.called(t.code),
    )
    return say(linked, who_cards.welcome(t, known=group.user_id is not None))


@hear.prefix("bind")
def bind_elsewhere(chat: Chat, text: str) -> Reply:
    """In a chat of two there is no group to bind, and whether the code is good is not told."""
    del text
    return say(chat.t("Please send this in your staff's LINE group."))


def _use(group: GroupChat, code: str) -> Reply:
    who = acting(group)
    if isinstance(who, Reply):
        return who
    if group_till.guessed_too_much(group, who):
        return say(till.too_many_guesses(group.t))
    try:
        used = redemptions.confirm(group.session, group.clinic, code, group.now, actor=members.actor(who))
    except RedemptionRefused as refused:
        return _refused(group, who, code, refused)
    act = staff_acts.note(group.session, who, "use", "done", group.now, customer=used.customer)
    act.redemption_id, act.done_by, act.done_at = used.id, act.asked_by, group.now
    return say(cards.used(group.clinic, group.t, used, act))


def _refused(group: GroupChat, who: StaffMember, code: str, refused: RedemptionRefused) -> Reply:
    """A code that is nobody's is noted: whoever sends many of them is guessing."""
    if refused.state == "unknown":
        staff_acts.note(group.session, who, "guess", "stopped", group.now, reason="unknown_code")
    found = redemptions.by_code(group.session, group.clinic, code)
    return say(cards.refused(group.t, code, refused, found.reward if found is not None else None))
