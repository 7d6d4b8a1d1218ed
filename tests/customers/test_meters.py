"""The meter of a clinic's LINE account: what a push to the staff counts, and what is kept back for what is urgent."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from customers import meters, staff
from models.access import StaffGroup
from models.clinics import Clinic
from models.conversations import Send
from models.meters import LineMeter
from tests.fixtures.clinic import NOW

GROUP = "C" + "1" * 32


@pytest.fixture
def group(session: Session, clinic: Clinic) -> StaffGroup:
    """Eight people."""
    bound = staff.bind(session, clinic, staff.make_code(session, clinic, NOW), GROUP, NOW)
    assert bound is not None
    bound.members = 8
    meters.ask(session, clinic, NOW)
    session.flush()
    return bound


@pytest.fixture
def meter(session: Session, clinic: Clinic, group: StaffGroup) -> LineMeter:
    found = session.get_one(LineMeter, clinic.id)
    found.read_at, found.allowed = NOW, 500
    session.flush()
    return found


def pushed(session: Session, clinic: Clinic, to: str, at: datetime = NOW) -> None:
    send = Send(
        clinic_id=clinic.id, clinic=clinic, channel="line", recipient=to, body=b"[]", reason="staff_notice",
        state="sent", due_at=NOW, created_at=NOW,
    )  # fmt: skip
    meters.count(session, send, at)
    session.flush()


@pytest.mark.parametrize(
    ("used", "staff_", "before", "members", "today", "kept"),
    [
        (0, 0, 0, 0, date(2026, 2, 3), 0),
        (0, 0, 0, 8, date(2026, 2, 3), 160),
        (140, 0, 0, 0, date(2026, 2, 14), 83),  # 5 a day for 15 days and a tenth more; ahead lie as many as behind
        (156, 16, 0, 0, date(2026, 2, 14), 83),  # what went to the staff is nothing that customers are usually sent
        (0, 0, 280, 0, date(2026, 2, 1), 297),
        (280, 0, 10_000, 0, date(2026, 2, 28), 11),
        (31, 0, 0, 2, date(2026, 3, 31), 42),
    ],
)
def test_what_is_kept_back(used: int, staff_: int, before: int, members: int, today: date, kept: int) -> None:
    counted = LineMeter(used=used, staff=staff_, before=before)
    assert meters.reserve(counted, members, today) == kept


def test_a_push_to_a_group_counts_each_of_them(session: Session, clinic: Clinic, meter: LineMeter) -> None:
    pushed(session, clinic, GROUP)
    pushed(session, clinic, GROUP)
    assert (meter.staff, meter.used, meter.ask_due_at is not None) == (16, 16, True)


def test_a_push_to_somebody_else_is_no_push_to_the_staff(session: Session, clinic: Clinic, meter: LineMeter) -> None:
    pushed(session, clinic, "C" + "2" * 32)
    assert (meter.staff, meter.used) == (0, 0)


def test_a_group_of_unknown_size_counts_one_at_least(
    session: Session, clinic: Clinic, group: StaffGroup, meter: LineMeter
) -> None:
    group.members = None
    pushed(session, clinic, GROUP)
    assert meter.staff == 1


@pytest.mark.parametrize(("used", "enough"), [(339, True), (340, False), (500, False)])
def test_at_the_reserve_only_what_is_urgent_is_pushed(
    session: Session, clinic: Clinic, meter: LineMeter, used: int, enough: bool
) -> None:
    meter.used = meter.staff = used  # nothing went to customers: 160 are kept for alarms
    assert meters.enough(session, clinic, NOW) is enough


@pytest.mark.parametrize("why", ["never told", "no limit", "another month", "no meter"])
def test_what_is_not_known_holds_nothing_back(session: Session, clinic: Clinic, meter: LineMeter, why: str) -> None:
    meter.used = 500
    if why == "never told":
        meter.read_at = None
    elif why == "no limit":
        meter.allowed = None
    elif why == "another month":
        meter.month = date(2026, 1, 1)
    else:
        session.delete(meter)
    session.flush()
    assert meters.enough(session, clinic, NOW) is True


def test_with_the_month_the_counts_begin_anew_and_the_old_ones_say_what_is_usual(
    session: Session, clinic: Clinic, meter: LineMeter
) -> None:
    meter.used, meter.staff = 90, 40
    pushed(session, clinic, GROUP, datetime(2026, 2, 28, 17, tzinfo=UTC))  # it is March in Bangkok
    assert (meter.month, meter.used, meter.staff, meter.before) == (date(2026, 3, 1), 8, 8, 50)
    pushed(session, clinic, GROUP, NOW + timedelta(days=100))
    assert meter.before == 0, "a month without a word between"
