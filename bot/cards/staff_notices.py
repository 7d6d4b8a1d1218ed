"""What the staff's group is told unasked: each kind of notice, and how one of it is drawn.

A kind is one entry here and, unless it is urgent, one setting of the clinic's (`StaffNotices`), whose default says
whether it is pushed at once. Several are shown side by side.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from bot.cards import (
    staff_answers,
    staff_doubts,
    staff_families,
    staff_links,
    staff_referrals,
    staff_requests,
    staff_tasks,
    staff_today,
    staff_waiting,
)
from bot.cards.frame import palette_of
from bot.cards.staff_till import who_is
from channels.line.events import read
from channels.line.flex import GAP, GAP_SMALL, Flex, bubble, caption, separator, text, title
from channels.line.lengths import truncate
from channels.message import aloud
from customers import cards, families, handover, meters, one_time, payments, staff_acts, staff_members
from followups import tasks
from followups.moments import stars
from loyalty import referrals
from models.clinic_staff import StaffNotices
from models.clinics import Clinic
from models.consents import PrivacyRequest
from models.conversations import InboxEvent
from models.customers import Customer
from models.facts import Payment, Referral, Review, Visit
from models.one_time import OneTimeCode
from models.shared_contacts import SharedContact
from models.staff import StaffAct
from models.staff_notices import StaffNotice
from models.tasks import Task
from runtime.language import Language
from runtime.registry import Registry

WORDS = 100
"""How much of what a customer wrote the group is shown, in what people see as characters."""


@dataclass(frozen=True)
class Part:
    """One notice, drawn; `said` is the same read aloud."""

    said: str
    bubble: Flex


Draw = Callable[[Session, Clinic, Language, StaffNotice], Part | None]
"""None: nothing is left to be said of it."""


@dataclass(frozen=True)
class Kind:
    draw: Draw
    urgent: bool = False
    """Always pushed at once, also when few messages of the month are left; no clinic has it off."""


kinds: Registry[Kind] = Registry("kind of staff notice")


def kind(name: str, *, urgent: bool = False) -> Callable[[Draw], Draw]:
    def add(draw: Draw) -> Draw:
        kinds.add(name, Kind(draw, urgent))
        return draw

    return add


@kind("low_rating")
def low_rating(session: Session, clinic: Clinic, t: Language, notice: StaffNotice) -> Part | None:
    """Who was not content with which visit, and what they say."""
    review = session.get(Review, (UUID(notice.data["review"]), clinic.id))
    if review is None or review.customer.data_key is None:
        return None
    visit = session.get_one(Visit, (review.visit_id, clinic.id))
    name, number = who_is(t, review.customer), review.customer.member_number
    said = t.n("{name} gives {count} star", "{name} gives {count} stars", review.rating, name=name)
    day = t("Visit of {date}", date=t.date(visit.visited_at))
    words = truncate(" ".join((review.comment or "").split()), WORDS) if review.comment else ""
    below = [cards.spaced(number), day] if number else [day]
    quoted = f"“{words}”" if words else t("No words were written with it.")
    how = staff_answers.how_to_answer(t)
    return Part(
        aloud(said, *below, quoted, how),
        bubble(
            title(said),
            text(stars(review.rating), color=palette_of(clinic).accent, margin=GAP_SMALL, wrap=False),
            caption(" · ".join(below), margin=GAP_SMALL),
            separator(),
            text(quoted, margin=GAP) if words else caption(quoted, margin=GAP),
            caption(how, margin=GAP),
        ),
    )


@kind("person_wanted")
def person_wanted(session: Session, clinic: Clinic, t: Language, notice: StaffNotice) -> Part | None:
    """Who wants to talk to somebody, and what they wrote, where the clinic shows it; once more, if they still wait."""
    if "again" in notice.data:
        found = handover.waiting(session, clinic, notice.due_at)
        wish = next((one for one in found if one.customer.id == notice.customer_id), None)
        if wish is None:
            return None
        waits = staff_waiting.waits_since(t, wish, notice.due_at)
        return _asking(session, clinic, t, notice, lambda _name: waits)
    return _asking(session, clinic, t, notice, lambda name: t("{name} wants to talk to you", name=name))


@kind("medical")
def medical(session: Session, clinic: Clinic, t: Language, notice: StaffNotice) -> Part | None:
    """Who writes of their health, which no program answers."""
    return _asking(session, clinic, t, notice, lambda name: t("{name} asks something medical", name=name))


@kind("emergency", urgent=True)
def emergency(session: Session, clinic: Clinic, t: Language, notice: StaffNotice) -> Part | None:
    """Who may need help now; they were told whom to call."""
    return _asking(session, clinic, t, notice, lambda name: t("Urgent: {name} may need help now", name=name))


def _asking(
    session: Session, clinic: Clinic, t: Language, notice: StaffNotice, told: Callable[[str], str]
) -> Part | None:
    customer = session.get(Customer, (notice.customer_id, clinic.id)) if notice.customer_id else None
    if customer is None or customer.data_key is None:
        return None
    said = told(who_is(t, customer))
    below = [cards.spaced(customer.member_number)] if customer.member_number else []
    words = _written(session, clinic, notice) if clinic.settings.privacy.words_to_staff else ""
    quoted = [f"“{words}”"] if words else []
    answer = [staff_answers.how_to_answer(t), t("Or answer in the clinic's LINE chats.")]
    # Who only wrote of their health is not held for people, until these answer.
    held = notice.kind == "person_wanted"
    return Part(
        aloud(said, *below, *quoted, *answer),
        bubble(
            title(said),
            *(caption(line, margin=GAP_SMALL) for line in below),
            *(text(line, margin=GAP) for line in quoted),
            *(caption(line, margin=GAP) for line in answer),
            buttons=[staff_answers.done_button(t, notice, palette_of(clinic))] if held else None,
        ),
    )


def _written(session: Session, clinic: Clinic, notice: StaffNotice) -> str:
    """The words of the event it is about; empty once they are forgotten."""
    event = session.get(InboxEvent, (UUID(notice.data["event"]), clinic.id)) if "event" in notice.data else None
    if event is None or event.raw is None:
        return ""
    return truncate(" ".join(read(event.raw).text.split()), WORDS)


@kind("staff_answer")
def staff_answer(session: Session, clinic: Clinic, t: Language, notice: StaffNotice) -> Part | None:
    """What became of an answer to a customer, where it is not what the group was told."""
    act = session.get(StaffAct, (UUID(notice.data["act"]), clinic.id))
    if act is None or act.customer is None or act.customer.data_key is None:
        return None
    name = who_is(t, act.customer)
    said = {
        "pushed": t("The answer to {name} was too late to be free: it went as one of the month's messages.", name=name),
        "quota": t("The answer to {name} was not sent: the month's messages are used up.", name=name),
        "failed": t("The answer to {name} was not sent: LINE did not take it.", name=name),
        "unknown": t("Nobody knows whether the answer to {name} has arrived: please look in LINE's chats.", name=name),
    }[notice.data["fate"]]
    return Part(said, bubble(text(said)))


@kind("referral")
def referral(session: Session, clinic: Clinic, t: Language, notice: StaffNotice) -> Part | None:
    """One that waits for a manager, with the buttons by which they decide."""
    one = session.get(Referral, (UUID(notice.data["referral"]), clinic.id))
    if one is None or one.state != "review":
        return None
    people = referrals.people(session, one)
    said = aloud(staff_referrals.said(t, one, people), t("A manager decides."))
    return Part(said, staff_referrals.referral(clinic, t, one, people))


@kind("doubted_payment")
def doubted_payment(session: Session, clinic: Clinic, t: Language, notice: StaffNotice) -> Part | None:
    payment = session.get(Payment, (UUID(notice.data["payment"]), clinic.id))
    if payment is None or not payments.in_doubt(payment):
        return None
    said = aloud(staff_doubts.named(t, payment), staff_doubts.why(t, payment))
    return Part(said, staff_doubts.doubt(clinic, t, payment))


@kind("privacy_request")
def privacy_request(session: Session, clinic: Clinic, t: Language, notice: StaffNotice) -> Part | None:
    """Who asks for what about their data, and by when the law has it answered; or takes that back."""
    request = session.get(PrivacyRequest, (UUID(notice.data["request"]), clinic.id))
    if request is None or request.customer.data_key is None or request.state not in ("open", "withdrawn"):
        return None
    said, number = staff_requests.what(t, request), request.customer.member_number
    by = t("To be answered by {date}", date=t.date(request.due_at))
    left = by if request.state == "open" else t("Nothing is to be done about it any more.")
    below, how = [cards.spaced(number), left] if number else [left], staff_answers.how_to_answer(t)
    return Part(
        aloud(said, *below, how),
        bubble(title(said), caption(" · ".join(below), margin=GAP_SMALL), caption(how, margin=GAP)),
    )


@kind("same_person")
def same_person(session: Session, clinic: Clinic, t: Language, notice: StaffNotice) -> Part | None:
    """Two customers of whom the same phone or e-mail is told."""
    shared = session.get(SharedContact, (UUID(notice.data["shared"]), clinic.id))
    two = families.people(session, shared) if shared is not None and shared.state == "open" else None
    if shared is None or two is None:
        return None
    return Part(*staff_families.question(clinic, t, shared, two))


@kind("linking")
def linking(session: Session, clinic: Clinic, t: Language, notice: StaffNotice) -> Part | None:
    """A friend who wants to be linked with their record: a code to read out, or a yes to what they have confirmed."""
    row = session.get(OneTimeCode, (UUID(notice.data["code"]), clinic.id))
    taker = one_time.taker(session, row) if row is not None else None
    if row is None or taker is None:
        return None
    if row.state == "asked":
        found = one_time.candidates(session, row)
        return Part(*staff_links.wanted(clinic, t, row, taker, found)) if found else None
    record = one_time.owner(session, row)
    if row.state != "waits" or record is None:
        return None
    return Part(*staff_links.shall_it_be_linked(session, clinic, t, row, taker, record))


@kind("call_task")
def call_task(session: Session, clinic: Clinic, t: Language, notice: StaffNotice) -> Part | None:
    """Whom to call, and why."""
    task = session.get(Task, (UUID(notice.data["task"]), clinic.id))
    if task is None or not tasks.holds(session, task, notice.due_at):
        return None
    return Part(*staff_tasks.asked(session, clinic, t, task))


@kind("line_quota")
def line_quota(session: Session, clinic: Clinic, t: Language, notice: StaffNotice) -> Part | None:
    """LINE takes no more pushes in this month, unless more was bought since."""
    if not meters.refused_in(session, clinic, notice.due_at):
        return None
    said = t("The month's LINE messages are used up")
    means = t(
        "Until there are more, offers wait, and reminders go other ways where there are any. Answers in chats cost "
        "nothing and go on. More messages come with a larger LINE plan, or with the next month."
    )
    return Part(aloud(said, means), bubble(title(said), text(means, margin=GAP)))


@kind("digest")
def digest(session: Session, clinic: Clinic, t: Language, notice: StaffNotice) -> Part | None:
    """What a day has held, and what still waits for somebody."""
    day = date.fromisoformat(notice.data["day"])
    acts = staff_acts.of_day(session, clinic, day)
    if not acts:
        return None
    names = staff_members.names(session, clinic, [one.asked_by for one in acts])
    waiting = staff_waiting.of(session, clinic, notice.due_at, over=day)
    heading = t("The day of {date}", date=t.date(day))
    card = staff_today.day(clinic, t, heading, acts, names, waiting)
    return Part(aloud(heading, card.alt), dict(card.contents))


if missing := {name for name in kinds if not kinds[name].urgent} ^ set(StaffNotices.model_fields):
    raise LookupError(f"kinds of staff notices and their settings differ: {', '.join(sorted(missing))}")
