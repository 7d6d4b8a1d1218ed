"""Messages of their own: how a visit was, and a birthday. Each goes by itself, is looked at once more before it is
said, and is left out for who does not want its like, and where a rule says the same.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.base import Channels
from channels.message import Action, Answer, Button, Message, Paragraph
from customers.voice import addressed
from followups import preview
from followups.kinds.birthday_special import OFFER, of_year
from loyalty import feedback
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Visit
from models.followups import FollowupExecution, FollowupRule
from models.loyalty import Notification
from privacy import consent
from runtime.language import Language

BEST = 5
LATER = "later"
"""Why something is not said just now; it is looked at again."""

Draws = Callable[[Session, Clinic, Language, Notification], Message]


def question(clinic: Clinic, t: Language, visit: Visit, *, unasked: bool = False) -> Message:
    """How was this visit? Every answer earns the same, and it says so. `unasked`: with a way to be asked no more."""
    points = clinic.settings.points.review
    words = {5: t("Very good"), 4: t("Good"), 3: t("Fair"), 2: t("Poor"), 1: t("Very poor")}
    answers = (
        Answer(stars(rating), words[rating], Action("rate", visit=visit.id, stars=rating))
        for rating in range(BEST, 0, -1)
    )
    no_more = Button(t("Do not ask me again"), Action("hear_of", what=consent.SURVEY, answer="no"), quiet=True)
    return Message(
        t("How was your visit?"),
        (Paragraph(text=t("Your visit of {date}", date=t.date(visit.visited_at))),),
        answers=tuple(answers),
        note=t.n("Every answer earns {count} point.", "Every answer earns {count} points.", points) if points else "",
        buttons=(no_more,) if unasked else (),
    )


def stars(rating: int) -> str:
    return "★" * rating + "☆" * (BEST - rating)


def _feedback_asked(session: Session, clinic: Clinic, t: Language, one: Notification) -> Message:
    visit = session.get_one(Visit, (UUID(one.data["visit"]), clinic.id))
    return question(clinic, t, visit, unasked=True)


def _congratulation(session: Session, clinic: Clinic, t: Language, one: Notification) -> Message:
    """Wishes and nothing else: no points, no offer, nothing to tap."""
    name = addressed(session.get_one(Customer, (one.customer_id, clinic.id)), t)
    called = clinic.called(t.code)
    return Message(
        t("Happy birthday, {name}", name=name) if name else t("Happy birthday"),
        (
            Paragraph(text=t("May the year ahead be kind to you, with good health and many reasons to smile.")),
            Paragraph(text=t("Today is your day. Thank you for letting us be a small part of it.")),
        ),
        note=t("With warm wishes from everyone at {clinic}", clinic=called),
        festive=True,
    )


messages: Mapping[str, Draws] = {"feedback_asked": _feedback_asked, "congratulation": _congratulation}
_OBJECTED = {"feedback_asked": consent.SURVEY, "congratulation": consent.GREETINGS}


def why_not(session: Session, channels: Channels, customer: Customer, one: Notification, now: datetime) -> str | None:
    """Why it is not said after all; None: say it."""
    if one.kind not in messages:
        return None
    if consent.objects(session, customer, _OBJECTED[one.kind]):
        return "declined"
    if one.kind == "feedback_asked":
        return feedback.why_not(session, customer.clinic, UUID(one.data["visit"]), now)
    return _with_an_offer(session, channels, customer, now)


def _with_an_offer(session: Session, channels: Channels, customer: Customer, now: datetime) -> str | None:
    """A rule wishes well with what it offers on the day, to who may be told of offers; nobody is wished twice."""
    session.refresh(customer, with_for_update={"key_share": True})  # as who says the offer holds it
    year, table = now.astimezone(customer.clinic.settings.voice.zone).year, FollowupExecution
    theirs = table.clinic_id == customer.clinic_id, table.customer_id == customer.id
    offers = session.scalars(
        select(table).join(table.rule).where(*theirs, FollowupRule.type == OFFER, table.anchor == of_year(year))
    ).all()
    if any(offer.status in ("sent", "unknown") for offer in offers):
        return "with_an_offer"
    ahead = (offer for offer in offers if offer.status == "planned" and offer.rule.active)
    return LATER if any(_may_go(session, channels, offer, now) for offer in ahead) else None


def _may_go(session: Session, channels: Channels, offer: FollowupExecution, now: datetime) -> bool:
    planned = {name: getattr(offer, name) for name in ("anchor", "about_id", "step", "due_at", "not_after")}
    looked_at = preview.of(offer.rule, offer.customer, planned)
    return preview.fate(channels, preview.asked(session, looked_at, now)).end is None
