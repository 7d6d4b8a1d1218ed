"""One member's yes to a same person and another's family at the same moment, on real PostgreSQL: one of them holds."""

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from customers import families, staff, staff_members
from customers.people import meet_on_line, new_customer
from facts import group_acts
from facts.group_till import NotOpen
from models.customers import Customer
from models.shared_contacts import SharedContact
from models.staff import StaffAct, StaffMember
from tests.fixtures.clinic import NOW, make_clinic
from tests.loyalty.test_rewards_race import THREADS, race


def test_a_family_and_a_yes_at_once(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        clinic = make_clinic(session)
        group = staff.bind(session, clinic, staff.make_code(session, clinic, NOW), "C" + "1" * 32, NOW)
        assert group is not None
        ploy = staff_members.meet(session, group, "U" + "d" * 32, NOW)
        staff_members.allow(session, ploy, "staff", NOW, by="staff")
        mother = meet_on_line(session, clinic, "U" + "a" * 32, NOW).customer
        child = new_customer(session, clinic, NOW)
        session.flush()
        for one in (mother, child):
            families.told(session, one, "phone", "0812345678", source="till", now=NOW)
        act = group_acts.ask_same_person(session, ploy, (mother, child), NOW)
        clinic_id, child_id, act_id, ploy_id = clinic.id, child.id, act.id, ploy.id

    def act_or_decide(session: Session, number: int) -> str:
        shared = session.scalars(select(SharedContact)).one()
        if number % 2:
            return "family" if families.decide(session, shared, "family", NOW, actor="staff") else "too late"
        waits, member = (
            session.get_one(StaffAct, (act_id, clinic_id)),
            session.get_one(StaffMember, (ploy_id, clinic_id)),
        )
        try:
            group_acts.tie(session, waits, member, NOW)
        except NotOpen:
            return "refused"
        return "tied"

    became = race(sessions, act_or_decide)
    assert became["family"] + became["tied"] == 1, became
    assert became["too late"] + became["refused"] + became["merged meanwhile"] == THREADS - 1
    with sessions() as session:
        merged = session.get_one(Customer, (child_id, clinic_id)).merged_into is not None
        state = session.scalars(select(SharedContact.state)).one()
    assert (state, merged) == (("same", True) if became["tied"] else ("family", False))
