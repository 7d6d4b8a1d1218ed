"""Several groups of a clinic: what is of a branch is told in the branch's own, everything else in the clinic's."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import Aura
from bot.routes import Table
from customers import staff, staff_notices
from customers.people import new_customer
from facts.visited import visited
from loyalty import points, reviews
from models.access import StaffGroup
from models.branches import Branch
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment, Visit
from models.staff_notices import StaffNotice
from privacy import requests
from runtime.settings import Settings
from tests.bot.room import PLOY, Room
from tests.bot.test_notices_that_ride import told
from tests.fixtures.clinic import NOW


@pytest.fixture
def branches(session: Session, clinic: Clinic) -> dict[str, Branch]:
    found = {}
    for position, code in enumerate(("siam", "thonglor"), 1):
        found[code] = Branch(clinic_id=clinic.id, code=code, name=code, created_at=NOW, position=position)
    session.add_all(found.values())
    session.flush()
    return found


def room_of(session: Session, clinic: Clinic, table: Table, group_id: str, branch: Branch | None) -> Room:
    room = Room(session, clinic, table, group_id, PLOY)
    room.write(f"bind {staff.make_code(session, clinic, NOW, branch)}")
    return room


@pytest.fixture
def rooms(session: Session, clinic: Clinic, table: Table, branches: dict[str, Branch]) -> dict[str, Room]:
    """Of Siam, which was bound first, of the clinic, and of Thonglor."""
    siam = room_of(session, clinic, table, "C" + "1" * 32, branches["siam"])
    whole = room_of(session, clinic, table, "C" + "2" * 32, None)
    thonglor = room_of(session, clinic, table, "C" + "3" * 32, branches["thonglor"])
    return {"siam": siam, "clinic": whole, "thonglor": thonglor}


@pytest.fixture
def customer(session: Session, clinic: Clinic) -> Customer:
    customer = new_customer(session, clinic, NOW)
    customer.display_name = "Mali Srisuk"
    points.create_loyalty_profile(session, customer, NOW)
    session.flush()
    return customer


def disappointed(session: Session, customer: Customer, branch: Branch | None) -> None:
    """Of a visit there: one star, without words."""
    visit = visited(session, customer, source="till", external_id=str(branch and branch.code), visited_at=NOW,
                    service_code=None, now=NOW)  # fmt: skip
    visit.branch_id = branch.id if branch else None
    session.flush()
    reviews.review(session, customer, visit.id, 1, None, NOW)
    reviews.no_comment(session, customer, visit.id, NOW)


def test_what_is_of_a_branch_rides_in_its_own_group_only(
    session: Session, customer: Customer, branches: dict[str, Branch], rooms: dict[str, Room]
) -> None:
    disappointed(session, customer, branches["thonglor"])
    assert told(rooms["siam"], NOW) == told(rooms["clinic"], NOW) == "group_talk"
    assert "รอแจ้งในกลุ่มนี้ 1" in rooms["thonglor"].hears("วันนี้")
    assert "รอแจ้งในกลุ่มนี้" not in rooms["clinic"].hears("วันนี้")
    assert session.scalars(select(StaffNotice.state).where(StaffNotice.kind == "low_rating")).all() == ["sent"]


def test_what_is_of_no_branch_rides_in_the_clinics_group(
    session: Session, customer: Customer, rooms: dict[str, Room]
) -> None:
    requests.ask(session, customer, "copy", NOW)
    assert told(rooms["siam"], NOW) == told(rooms["thonglor"], NOW) == "group_talk"
    assert "ขอสำเนาข้อมูล" in told(rooms["clinic"], NOW)


def test_where_a_branch_has_no_group_the_clinics_hears_it_and_else_the_first(
    session: Session, clinic: Clinic, customer: Customer, branches: dict[str, Branch], rooms: dict[str, Room]
) -> None:
    rooms["thonglor"].event("leave")
    disappointed(session, customer, branches["thonglor"])
    assert told(rooms["siam"], NOW) == "group_talk"
    assert "1 ดาว" in told(rooms["clinic"], NOW)
    rooms["clinic"].event("leave")
    requests.ask(session, customer, "copy", NOW)
    assert "ขอสำเนาข้อมูล" in told(rooms["siam"], NOW)


def test_which_group_hears_what(
    session: Session, clinic: Clinic, branches: dict[str, Branch], rooms: dict[str, Room]
) -> None:
    groups = staff.groups(session, clinic)
    siam, thonglor = branches["siam"].id, branches["thonglor"].id
    assert [one.branch_id for one in groups] == [siam, None, thonglor]
    heard = [staff.hearing(groups, branch_id) for branch_id in (siam, None, thonglor)]
    assert heard == list(groups)
    assert staff.hearing(groups, clinic.id) is groups[1]  # a branch without a group
    assert staff.hearing(groups[:1], thonglor) is groups[0]
    assert staff.hearing([], siam) is None


def test_a_group_that_is_bound_becomes_a_branchs_by_another_code(
    session: Session, clinic: Clinic, branches: dict[str, Branch], rooms: dict[str, Room]
) -> None:
    rooms["clinic"].write(f"bind {staff.make_code(session, clinic, NOW, branches['siam'])}")
    ids = session.scalars(select(StaffGroup.branch_id).order_by(StaffGroup.bound_at, StaffGroup.id)).all()
    assert ids.count(branches["siam"].id) == 2


def test_what_is_recorded_in_a_branchs_group_was_there(
    session: Session, customer: Customer, branches: dict[str, Branch], rooms: dict[str, Room]
) -> None:
    yes, _no = rooms["siam"].buttons(f"{customer.member_number} 3500")
    rooms["siam"].write(yes)
    assert session.scalars(select(Payment.branch_id)).all() == [branches["siam"].id]
    assert session.scalars(select(Visit.branch_id)).all() == [branches["siam"].id]
    rooms["siam"].talk.now = NOW + timedelta(days=1)
    rooms["siam"].write(f"มาแล้ว {customer.member_number}")
    assert session.scalars(select(Visit.branch_id)).all() == [branches["siam"].id] * 2


def test_every_notice_is_heard_in_exactly_one_group(
    session: Session, clinic: Clinic, branches: dict[str, Branch], rooms: dict[str, Room]
) -> None:
    for code, branch_id in (*((code, one.id) for code, one in branches.items()), ("none", None)):
        staff_notices.write(session, clinic, "privacy_request", NOW, key=code, branch_id=branch_id)
    elsewhere = Branch(clinic_id=clinic.id, code="ari", name="ari", created_at=NOW)
    session.add(elsewhere)
    session.flush()
    staff_notices.write(session, clinic, "privacy_request", NOW, key="ari", branch_id=elsewhere.id)
    groups = staff.groups(session, clinic)
    for left in (groups, groups[:2], groups[1:], groups[:1], groups[2:]):
        heard = [
            key for group in left for key in session.scalars(select(StaffNotice.key).where(staff.heard_in(left, group)))
        ]
        assert sorted(heard) == ["ari", "none", "siam", "thonglor"]


def test_a_code_is_made_for_a_branch_that_there_is(
    session: Session,
    settings: Settings,
    make_aura: Callable[..., Aura],
    clinic: Clinic,
    branches: dict[str, Branch],
) -> None:
    session.commit()
    run = make_aura(settings).flask.test_cli_runner()
    nowhere = run.invoke(args=["groups", "code", clinic.slug, "--branch", "ari"])
    assert (nowhere.exit_code, "no branch 'ari'" in nowhere.output) == (1, True)
    made = run.invoke(args=["groups", "code", clinic.slug, "--branch", "siam"])
    assert made.exit_code == 0, made.output
    session.expire_all()
    assert session.scalars(select(StaffGroup.branch_id)).all() == [branches["siam"].id]
