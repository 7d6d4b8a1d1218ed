"""Eight tell of one day at the same moment, on real PostgreSQL: it is one visit, and each word is kept."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from customers.people import meet_on_line
from facts import appointments, treated
from facts.paid import paid
from facts.told import AppointmentTold, Details, Performed, Person, TreatmentTold
from facts.visited import visited
from loyalty import points
from models.appointments import Appointment
from models.customers import Customer
from models.facts import Visit
from models.loyalty import LoyaltyProfile
from models.treatments import Treatment
from models.visits import Telling
from tests.fixtures.clinic import NOW, make_clinic
from tests.loyalty.test_rewards_race import THREADS, race

EARLIER = NOW - timedelta(hours=2)


def pays(session: Session, customer: Customer, number: int) -> None:
    paid(
        session, customer, source="till", external_id=str(number), amount=Decimal(100), paid_at=EARLIER,
        service_code=None, at_counter=True, now=NOW,
    )  # fmt: skip


def comes(session: Session, customer: Customer, number: int) -> None:
    visited(session, customer, source="till", external_id=str(number), visited_at=EARLIER, service_code=None, now=NOW)


def keeps(session: Session, customer: Customer, number: int) -> None:
    """The same appointment, by all who tell it so."""
    details = Details(Person(ours=customer.id), EARLIER, EARLIER + timedelta(hours=1))
    fact = AppointmentTold("A", "come", number, NOW, details)
    appointments.told(session, customer.clinic, "calcom", fact, NOW)


def is_treated(session: Session, customer: Customer, number: int) -> None:
    fact = TreatmentTold("T", "performed", number, NOW, Performed(Person(ours=customer.id), EARLIER))
    treated.told(session, customer.clinic, "standard", fact, NOW)


ACTS: tuple[Callable[[Session, Customer, int], None], ...] = (pays, comes, keeps, is_treated)


def test_all_that_is_told_at_once_is_one_visit(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        customer = meet_on_line(session, make_clinic(session), "U" + "a" * 32, NOW).customer
        points.create_loyalty_profile(session, customer, NOW)
        key = (customer.id, customer.clinic_id)
        keeps(session, customer, 0)
        is_treated(session, customer, 0)

    def act(session: Session, number: int) -> str:
        ACTS[number % len(ACTS)](session, session.get_one(Customer, key), number + 1)
        return "done"

    assert race(sessions, act) == {"done": THREADS}
    with sessions() as session:
        assert session.scalars(select(Visit.uncounted)).all() == [None]
        assert session.get_one(LoyaltyProfile, key).total_visits == 1
        assert session.scalar(select(func.count()).select_from(Telling)) == 2 + 2 + 1 + 1
        assert len(session.scalars(select(Appointment)).all()) == 1
        assert session.scalars(select(Treatment.state)).all() == ["performed", "performed"]
