"""What a day comes to: one visit whoever tells it, appointments that were kept or not, and what was done."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from customers.people import meet_on_line
from facts import appointments, ended, merged, treated
from facts.paid import paid
from facts.told import AppointmentTold, Details, Performed, Person, TreatmentTold
from facts.visited import checked_in, visited
from loyalty import check_in, ledger, points
from loyalty.reviews import review
from models.appointments import Appointment
from models.branches import Branch, Service
from models.clinics import Clinic
from models.customers import Customer, JourneyEvent
from models.facts import Visit
from models.loyalty import Notification
from models.treatments import Treatment
from models.visits import Telling
from runtime.context import Runtime
from tests.fixtures.clinic import NOW, At
from tests.loyalty.goals import add

MORNING = NOW - timedelta(hours=3)
"""Of an appointment of an hour that is over."""


@pytest.fixture
def mali(session: Session, clinic: Clinic) -> Customer:
    customer = meet_on_line(session, clinic, "U" + "a" * 32, NOW).customer
    customer.display_name = "Mali"
    points.create_loyalty_profile(session, customer, NOW)
    session.add(Service(clinic_id=clinic.id, code="HYDRA", names={"th": "ไฮดราเฟเชียล"}))
    session.flush()
    return customer


class Told:
    """What is told of one customer."""

    def __init__(self, session: Session, customer: Customer) -> None:
        self.session, self.customer = session, customer
        self.order = 0

    def pays(
        self, id_: str = "B", at: datetime = MORNING, *, source: str = "till", baht: int = 300, **more: Any
    ) -> None:
        more = {"at_counter": True, **more}
        paid(
            self.session, self.customer, source=source, external_id=id_, amount=Decimal(baht), paid_at=at,
            service_code=None, now=NOW, **more,
        )  # fmt: skip

    def comes(self, id_: str = "V", at: datetime = MORNING, **more: Any) -> Visit:
        return visited(
            self.session, self.customer, source="till", external_id=id_, visited_at=at, service_code=None, now=NOW,
            **more,
        )  # fmt: skip

    def books(self, state: str = "booked", id_: str = "A", at: datetime = MORNING, **more: Any) -> Appointment:
        self.order += 1
        now = more.pop("now", NOW)
        person = Person(ours=self.customer.id, name=more.pop("about", None))
        details = Details(person, at, at + timedelta(hours=1), service="HYDRA", **more)
        fact = AppointmentTold(id_, state, self.order, NOW, details)  # type: ignore[arg-type]
        return appointments.told(self.session, self.customer.clinic, "calcom", fact, now)

    def treats(self, state: str = "performed", id_: str = "T", at: datetime = MORNING, **more: Any) -> Treatment:
        self.order += 1
        more = {"service": "HYDRA", **more}
        done = Performed(Person(ours=self.customer.id, name=more.pop("about", None)), at, **more)
        fact = TreatmentTold(id_, state, self.order, NOW, done)  # type: ignore[arg-type]
        return treated.told(self.session, self.customer.clinic, "calcom", fact, NOW)

    @property
    def visits(self) -> list[Visit]:
        counted = select(Visit).where(Visit.customer_id == self.customer.id, Visit.uncounted.is_(None))
        return list(self.session.scalars(counted.order_by(Visit.visited_at)))

    @property
    def total_visits(self) -> int:
        return ledger.open_profile(self.session, self.customer, NOW).total_visits

    @property
    def performed(self) -> list[Treatment]:
        return list(self.session.scalars(select(Treatment).where(Treatment.state == "performed")))


@pytest.fixture
def told(session: Session, mali: Customer) -> Told:
    return Told(session, mali)


def places(session: Session, clinic: Clinic) -> tuple[Branch, Branch]:
    both = [Branch(clinic_id=clinic.id, code=code, name=code, created_at=NOW) for code in "xy"]
    session.add_all(both)
    session.flush()
    return both[0], both[1]


def test_whoever_tells_of_a_day_it_is_one_visit_and_each_word_is_kept(session: Session, told: Told) -> None:
    told.pays()
    checked_in(session, told.customer, check_in.day_text(told.customer.clinic, session, NOW.date()), NOW)
    told.comes(at=MORNING - timedelta(hours=1))
    told.books("come")
    told.treats()
    [visit] = told.visits
    assert visit.visited_at == MORNING - timedelta(hours=1), "the first moment that is told of"
    assert visit.ask_on is not None, "they are asked how it was"
    words = session.scalars(select(Telling).where(Telling.visit_id == visit.id).order_by(Telling.kind))
    assert [(one.kind, one.source) for one in words] == [
        ("appointment", "calcom"), ("check_in", "line"), ("payment", "till"), ("treatment", "calcom"),
        ("visit", "till"),
    ]  # fmt: skip
    assert told.total_visits == 1


def test_what_is_paid_elsewhere_is_no_visit(told: Told) -> None:
    told.pays(at_counter=False)
    assert told.visits == []


def test_another_day_is_another_visit_by_the_clinics_midnight(told: Told) -> None:
    midnight = NOW.replace(hour=17, minute=0)  # 00:00 in Bangkok
    told.comes("1", midnight - timedelta(minutes=1))
    told.comes("2", midnight)
    assert told.total_visits == len(told.visits) == 2


@pytest.mark.parametrize("order", ["xyn", "nxy", "xny", "ynx", "nyx", "yxn"])
def test_branches_are_visits_of_their_own_and_who_names_none_means_one_of_them(
    session: Session, clinic: Clinic, told: Told, order: str
) -> None:
    x, y = places(session, clinic)
    for one in order:
        branch = {"x": x.id, "y": y.id, "n": None}[one]
        told.comes(one, MORNING + timedelta(minutes="xyn".index(one)), branch_id=branch)
    assert [one.branch_id for one in told.visits] == [x.id, y.id]
    assert told.total_visits == 2
    unnamed = session.scalars(select(Telling).where(Telling.external_id == "n")).one()
    assert unnamed.visit_id == told.visits[0].id, "the earliest"


def test_two_records_of_one_person_had_one_visit_that_day(session: Session, told: Told) -> None:
    told.comes()
    other = Told(session, meet_on_line(session, told.customer.clinic, "U" + "b" * 32, NOW).customer)
    other.pays()
    other.comes("yesterday", MORNING - timedelta(days=1))
    merged.merge(session, other.customer, told.customer, NOW, actor="staff")
    assert told.total_visits == len(told.visits) == 2


def test_what_one_record_booked_the_other_has_paid_for(session: Session, told: Told) -> None:
    one = told.books()
    other = Told(session, meet_on_line(session, told.customer.clinic, "U" + "b" * 32, NOW).customer)
    other.pays()
    assert told.performed == []
    merged.merge(session, other.customer, told.customer, NOW, actor="staff")
    assert (one.outcome, one.outcome_by, len(told.visits)) == ("completed", "visit", 1)


def test_a_review_stays_with_the_visit_that_counts(session: Session, told: Told) -> None:
    told.comes()
    other = Told(session, meet_on_line(session, told.customer.clinic, "U" + "b" * 32, NOW).customer)
    other.pays()
    visit = other.visits[0]
    review(session, other.customer, visit.id, 5, "", NOW)
    merged.merge(session, other.customer, told.customer, NOW, actor="staff")
    assert [one.id for one in told.visits] == [visit.id]


def test_what_the_source_says_comes_before_everything(session: Session, told: Told) -> None:
    told.pays()
    one = told.books("no_show")
    assert (one.outcome, one.outcome_by) == ("no_show", "source")
    assert told.performed == []
    one = told.books("completed")
    assert (one.outcome, one.outcome_by) == ("completed", "source")
    assert [(each.service_code, each.performed_at) for each in told.performed] == [
        ("HYDRA", MORNING + timedelta(hours=1))
    ]


@pytest.mark.parametrize("by", ["pays", "comes", "treats"])
@pytest.mark.parametrize("first", [True, False])
def test_who_was_there_that_day_has_kept_the_appointment(told: Told, by: str, first: bool) -> None:
    if first:
        getattr(told, by)()
    one = told.books()
    if not first:
        assert one.outcome is None
        getattr(told, by)()
    assert (one.outcome, one.outcome_by) == ("completed", "visit")
    assert len(told.performed) == 1, "what the source has told of itself is not implied once more"
    assert told.total_visits == 1
    assert told.performed[0].visit_id == told.visits[0].id


def test_it_is_not_over_before_its_end(session: Session, runtime: Runtime, told: Told) -> None:
    told.pays()
    one = told.books(at=NOW + timedelta(hours=1))
    assert (one.outcome, one.look_at) == (None, NOW + timedelta(hours=2))
    session.commit()
    for at, outcome in ((NOW + timedelta(hours=1), None), (NOW + timedelta(hours=2), "completed")):
        while ended.step(replace(runtime, clock=At(at)), one.clinic_id):
            pass
        session.expire_all()
        assert one.outcome == outcome
    assert one.look_at is None


def test_who_has_come_has_had_it_when_it_is_over(session: Session, runtime: Runtime, told: Told) -> None:
    one = told.books("come", at=NOW - timedelta(minutes=10))
    assert (one.outcome, told.total_visits, told.performed) == ("come", 1, [])
    session.commit()
    assert ended.step(replace(runtime, clock=At(NOW + timedelta(hours=1))), one.clinic_id)
    session.expire_all()
    assert (one.outcome, len(told.performed)) == ("completed", 1)


def test_the_clock_completes_only_where_the_clinic_says_so(
    session: Session, clinic: Clinic, runtime: Runtime, told: Told
) -> None:
    def looked_at(at: datetime) -> Appointment:
        for _ in range(2):  # twice does no harm
            while ended.step(replace(runtime, clock=At(at)), clinic.id):
                pass
        session.expire_all()
        return session.scalars(select(Appointment)).one()

    told.books(at=NOW)
    session.commit()
    assert looked_at(NOW + timedelta(days=9)).outcome is None
    session.scalars(select(Clinic)).one().choose(appointments={"completed_after_hours": 6})
    told.books(id_="A", at=NOW + timedelta(minutes=5))
    session.commit()
    assert looked_at(NOW + timedelta(hours=7, minutes=4)).outcome is None
    one = looked_at(NOW + timedelta(hours=7, minutes=5))
    assert (one.outcome, one.outcome_by, one.look_at) == ("completed", "clock", None)
    assert [len(told.performed), told.total_visits] == [1, 1]
    days = [each.data["way"] for each in session.scalars(select(JourneyEvent).where(_completed()))]
    assert days == ["clock"]


def _completed() -> Any:
    return JourneyEvent.type == "appointment_completed"


def test_a_no_show_that_is_told_after_the_clock_takes_back_what_it_brought(
    session: Session, clinic: Clinic, runtime: Runtime, told: Told
) -> None:
    add(session, clinic, "first", {"metric": "visits", "at_least": 1}, points_reward=40)
    clinic.choose(appointments={"completed_after_hours": 1})
    before = ledger.open_profile(session, told.customer, NOW).available_points
    told.books()
    session.commit()
    while ended.step(replace(runtime, clock=At(NOW)), clinic.id):
        pass
    session.expire_all()
    assert told.total_visits == 1
    assert ledger.open_profile(session, told.customer, NOW).available_points == before + 40
    one = told.books("no_show")
    assert (one.outcome, one.outcome_by, told.performed) == ("no_show", "source", [])
    profile = ledger.open_profile(session, told.customer, NOW)
    assert (profile.total_visits, profile.available_points) == (0, before)
    assert session.scalars(select(Treatment)).one().state == "voided"
    one = told.books("come")
    assert (one.outcome, told.total_visits, len(told.performed)) == ("completed", 1, 1)


@pytest.mark.parametrize(("heard", "line"), [("sent", ["visit_undone"]), ("open", [])])
@pytest.mark.parametrize("contradicted", ["no_show", "voided"])
def test_who_had_been_told_what_a_source_takes_back_hears_one_line(
    session: Session, clinic: Clinic, told: Told, heard: str, line: list[str], contradicted: str
) -> None:
    add(session, clinic, "first", {"metric": "visits", "at_least": 1}, points_reward=40)
    told.books("completed") if contradicted == "no_show" else told.treats()
    session.execute(update(Notification).values(state=heard))
    told.books("no_show") if contradicted == "no_show" else told.treats("voided")
    assert told.total_visits == 0
    assert session.scalars(select(Notification.kind).where(Notification.state == "open")).all() == line
    told.books("no_show") if contradicted == "no_show" else told.treats("voided")
    assert session.scalars(select(Notification.kind).where(Notification.state == "open")).all() == line


def test_what_is_booked_for_a_child_is_no_visit_of_the_mothers(told: Told) -> None:
    told.pays()
    one = told.books("completed", about="น้องพลอย")
    [treatment] = told.performed
    assert (treatment.about, treatment.visit_id) == ("น้องพลอย", None)
    other = told.books("booked", id_="B", about="น้องพลอย")
    assert (one.outcome, other.outcome) == ("completed", None), "that she was there says nothing of the child"


def test_moved_to_another_day_it_takes_its_visit_along(told: Told) -> None:
    one = told.books("come", at=MORNING - timedelta(days=2))
    assert [each.visited_at for each in told.visits] == [MORNING - timedelta(days=2)]
    told.books("come", at=MORNING)
    assert [each.visited_at for each in told.visits] == [MORNING]
    told.books("booked", at=MORNING + timedelta(days=2))
    assert (one.outcome, told.visits, told.total_visits) == (None, [], 0)


def test_a_treatment_completes_the_appointment_that_it_names(told: Told) -> None:
    told.treats(appointment="A")
    one = told.books(at=MORNING - timedelta(days=1))
    assert (one.outcome, one.outcome_by) == ("completed", "source")
    assert len(told.performed) == 1
    told.treats("voided", appointment="A")
    assert (one.outcome, told.performed, told.visits) == (None, [], [])


def test_treatments_of_one_visit_are_one_anchor(session: Session, told: Told) -> None:
    told.treats(id_="1", staff="พญ. อารี", workflow_id="w-7")
    told.treats(id_="2", at=MORNING + timedelta(hours=1), service="peeling")
    [visit] = told.visits
    assert {one.visit_id for one in told.performed} == {visit.id}
    first = session.scalars(select(Treatment).where(Treatment.external_id == "1")).one()
    assert (first.staff, first.workflow_id, first.service_code) == ("พญ. อารี", "w-7", "HYDRA")
    written = session.scalars(select(JourneyEvent).where(JourneyEvent.type == "treatment_performed"))
    assert {one.data.get("workflow") for one in written} == {"w-7", None}


def test_a_treatment_told_twice_late_and_voided_ends_as_last_known(session: Session, told: Told) -> None:
    def tell(order: int, state: str, at: datetime) -> None:
        done = Performed(Person(ours=told.customer.id), at)
        fact = TreatmentTold("T", state, order, NOW, done)  # type: ignore[arg-type]
        treated.told(session, told.customer.clinic, "standard", fact, NOW)

    yesterday = MORNING - timedelta(days=1)
    for order, state, at in ((3, "performed", MORNING), (1, "performed", yesterday), (2, "voided", yesterday)):
        tell(order, state, at)
    assert [one.performed_at for one in told.performed] == [one.visited_at for one in told.visits] == [MORNING]
    tell(4, "voided", MORNING)
    assert (told.performed, told.total_visits) == ([], 0)
