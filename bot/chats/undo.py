"""Taking back what was recorded by mistake in the staff's group, within ten minutes and as if it had not been."""

from bot.cards import staff as code_cards
from bot.cards import staff_till as till
from bot.cards import staff_undo as cards
from bot.chat import GroupChat, NotMeant
from bot.chats.group_answers import decline
from bot.chats.group_till import guessed_too_much, is_code
from bot.chats.staff_members import acting
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import staff_acts
from facts import undone
from loyalty import redemptions
from loyalty.errors import RedemptionRefused
from models.access import StaffGroup
from models.staff import ActState, StaffAct, StaffMember
from runtime import codes

DONE: tuple[ActState, ...] = ("done",)


@hear.opening("cancel_act")
def cancel_act(group: GroupChat, text: str) -> Reply:
    """Said of nothing else: what was taken back already is named."""
    return _cancel(group, text, named=True)


@hear.opening("cancel")
def cancel(group: GroupChat, text: str) -> Reply:
    return _cancel(group, text, named=False)


def _cancel(group: GroupChat, text: str, *, named: bool) -> Reply:
    """What waits for a yes is declined, and what was done is taken back; without a code only the former, of what
    oneself has asked for. Whether what oneself has done last is meant is asked: the word may be of something else."""
    if group.ours is None or (text and not is_code(text)):
        raise NotMeant
    if text:
        act = staff_acts.by_code(group.session, group.ours, text, group.now)
        return decline(group, text) if act is not None and act.state == "asked" else undo(group, text)
    own = group.member
    if own is None:
        raise NotMeant
    if staff_acts.latest(group.session, own, "asked", group.now - staff_acts.ANSWERED_WITHIN) is not None:
        return decline(group, text)
    done = staff_acts.done_last(group.session, own, group.now - undone.UNDO_WITHIN)
    if done is None or (done.state == "undone" and not named):
        raise NotMeant
    return _before(group, own, done) if done.state == "undone" else say(cards.is_it_meant(group.clinic, group.t, done))


@hear.opening("undo")
def undo(group: GroupChat, text: str) -> Reply:
    """What the code names, of an act or of a reward; without a code what oneself has done last."""
    reward = codes.read(text)
    if group.ours is None or (text and reward is None and not is_code(text)):
        raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    act = _used(group, group.ours, who, reward) if reward else _meant(group, group.ours, who, text)
    if isinstance(act, Reply):
        return act
    if not text and act.state == "undone":
        return _before(group, who, act)
    try:
        undone.undo(group.session, act, who, group.now)
    except undone.NotUndone as refused:
        return say(cards.refused(group.t, act, refused))
    return say(cards.undone(group.t, act))


def _meant(group: GroupChat, ours: StaffGroup, who: StaffMember, text: str) -> StaffAct | Reply:
    if text:
        found = staff_acts.by_code(group.session, ours, text, group.now)
        return found or say(till.nothing_by_code(group.t, text))
    last = staff_acts.done_last(group.session, who, group.now - undone.UNDO_WITHIN)
    return last or say(cards.nothing_done(group.t))


def _before(group: GroupChat, who: StaffMember, act: StaffAct) -> Reply:
    """It was taken back before; beside that stands what was done before it, for who means that one."""
    said = cards.undone_before(group.t, act)
    older = staff_acts.done_last(group.session, who, group.now - undone.UNDO_WITHIN, DONE)
    return say(said) if older is None else say(said, cards.is_it_meant(group.clinic, group.t, older))


def _used(group: GroupChat, ours: StaffGroup, who: StaffMember, code: str) -> StaffAct | Reply:
    """By what a reward's code was used in this group."""
    if guessed_too_much(group, who):
        return say(till.too_many_guesses(group.t))
    redemption = redemptions.by_code(group.session, group.clinic, code)
    if redemption is None:
        staff_acts.note(group.session, who, "guess", "stopped", group.now, reason="unknown_code")
        return say(code_cards.refused(group.t, code, RedemptionRefused("unknown")))
    state = redemptions.state_of(redemption, group.now)
    if state != "used":
        return say(cards.not_used(group.t, code))
    return staff_acts.use_of(group.session, ours, redemption) or say(cards.used_elsewhere(group.t, code))
