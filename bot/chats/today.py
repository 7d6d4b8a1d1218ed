"""What the day holds, and what can be asked in the staff's group; referrals that wait for a manager."""

from bot.cards import staff_appointments, staff_doubts, staff_help, staff_referrals, staff_today, staff_waiting
from bot.cards import staff_till as till
from bot.chat import GroupChat, NotMeant
from bot.chats import came
from bot.chats.staff_members import acting
from bot.routes import hear
from bot.words import is_phrase
from channels.line.messages import Card, Reply, say
from customers import appointments, staff_acts, staff_members
from customers.visits import bounds
from loyalty import referrals
from loyalty.errors import NotInReview
from models.appointments import Appointment
from models.staff import StaffMember


@hear.text("today", group=True)
def today(group: GroupChat) -> Reply:
    who = acting(group)
    if isinstance(who, Reply):
        return who
    session, clinic = group.session, group.clinic
    day = staff_acts.of_day(session, clinic, group.now.astimezone(group.t.zone).date(), who.group)
    names = staff_members.names(session, clinic, [one.asked_by for one in day])
    waiting = staff_waiting.of(session, clinic, group.now, group=who.group)
    held = staff_today.day(clinic, group.t, group.t("Today"), day, names, waiting)
    return say(held, *_open(group, who), *_left_open(group, who))


@hear.opening("appointments_after")
def goes_on(group: GroupChat, text: str) -> Reply:
    """The open ones after one that was shown, by its code: of today, or of the days before."""
    last = came.coded(group, text)
    if last is None:
        raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    begins, _ends = bounds(group.clinic, group.now)
    found = _open(group, who, last) if last.starts_at >= begins else _left_open(group, who, last)
    return say(*found) if found else say(staff_appointments.no_more(group.t))


def _open(group: GroupChat, who: StaffMember, after: Appointment | None = None) -> list[Card]:
    session, clinic, branch_id = group.session, group.clinic, who.group.branch_id
    shown, in_all = appointments.listed(session, clinic, group.now, branch_id, staff_appointments.SHOWN, after)
    return [staff_appointments.listed(clinic, group.t, shown, in_all)] if shown else []


def _left_open(group: GroupChat, who: StaffMember, before: Appointment | None = None) -> list[Card]:
    session, clinic, branch_id = group.session, group.clinic, who.group.branch_id
    shown, in_all = appointments.left_open(session, clinic, group.now, branch_id, staff_appointments.SHOWN, before)
    return [staff_appointments.left_open(clinic, group.t, shown, in_all)] if shown else []


@hear.text("group_help", group=True)
@hear.text("help", group=True)
def commands(group: GroupChat) -> Reply:
    return say(staff_help.commands(group.clinic, group.t))


@hear.text("referrals_alone", group=True)
def referrals_alone(group: GroupChat) -> Reply:
    """แนะนำหน่อย asks for advice."""
    words = group.heard.words
    if not is_phrase(words, "referrals_alone") or "หน่อย" in words:
        raise NotMeant
    return waiting(group)


@hear.text("friends_brought", group=True)
@hear.text("review_referrals", group=True)
def waiting(group: GroupChat) -> Reply:
    """Friends brought by somebody who brings many at once: a manager looks before they are paid for."""
    who = acting(group, manager=True)
    if isinstance(who, Reply):
        return who
    found = referrals.in_review(group.session, group.clinic)
    if not found:
        return say(staff_referrals.none(group.t))
    group.listed.update(one.id for one in found[: staff_referrals.SHOWN])
    return say(
        staff_referrals.listed(group.clinic, group.t, [(one, referrals.people(group.session, one)) for one in found])
    )


@hear.opening("approve_referral")
def approve(group: GroupChat, text: str) -> Reply:
    return _decided(group, text, approve=True)


@hear.opening("refuse_referral")
def refuse(group: GroupChat, text: str) -> Reply:
    return _decided(group, text, approve=False)


def _decided(group: GroupChat, text: str, *, approve: bool) -> Reply:
    if not staff_doubts.is_code(text):
        raise NotMeant
    who = acting(group, manager=True)
    if isinstance(who, Reply):
        return who
    found = referrals.in_review(group.session, group.clinic)
    referral = next((one for one in found if staff_referrals.code_of(one) == text.upper()), None)
    if referral is None:
        return say(till.nothing_waits(group.t, text))
    try:
        referrals.decide(group.session, referral, approve, group.now, staff_members.actor(who))
    except NotInReview:
        return say(till.nothing_waits(group.t, text))
    people = referrals.people(group.session, referral)
    return say(staff_referrals.decided(group.t, people, approve=approve))
