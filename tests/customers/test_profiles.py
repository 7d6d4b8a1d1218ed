"""A new friend's name and language, asked from LINE: once, by one worker, and whatever else cannot be read."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from channels.calls import Calls, Lane
from channels.line.client import Access, Answer, Line
from customers.people import meet_on_line
from customers.profiles import OPEN, Asker, ask_again
from models.clinics import Clinic
from models.customers import Customer, LineLink
from runtime.clock import real
from runtime.context import Runtime
from tests.fixtures.clinic import NOW, make_clinic
from tests.fixtures.running import RunningSimulator
from tests.fixtures.waiting import carry


class Watched(Line):
    """The real client; while it asks, a test may meddle."""

    meanwhile: Callable[[], None] = staticmethod(lambda: None)

    def call(self, access: Access, method: str, path: str, body: Any = None, **how: Any) -> Answer:
        answer = super().call(access, method, path, body, **how)
        if "/profile/" in path:
            self.meanwhile()
        return answer


class Desk:
    """A clinic, and people who have just come to it."""

    def __init__(self, runtime: Runtime, simulator: RunningSimulator) -> None:
        self.runtime, self.sessions, self.simulator = runtime, runtime.sessions, simulator
        access = Access(simulator.channel_id, simulator.channel_secret)
        self.line = Watched(simulator.url, {"aura": access, "glow": access})
        with runtime.sessions.begin() as session:
            self.clinic_id = make_clinic(session).id

    @property
    def asker(self) -> Asker:
        return Asker(self.runtime, self.line, Calls(self.runtime.timing).of("line"), Lane(lambda: None))

    def meet(self, name: str, language: str = "en", clinic_id: UUID | None = None) -> bytes:
        user_id = self.simulator.call("POST", "people", {"name": name, "language": language})["user_id"]
        self.simulator.follow(user_id)
        with self.sessions.begin() as session:
            clinic = session.get_one(Clinic, clinic_id or self.clinic_id)
            return meet_on_line(session, clinic, user_id, NOW).user_index

    def fetch(self) -> int:
        """Ask for everybody who is due, clinic by clinic; how many."""
        done = 0
        with self.sessions() as session:
            clinics = session.scalars(OPEN).all()
        for clinic_id in clinics:
            while carry(self.asker, clinic_id):
                done += 1
        return done

    def later(self, **time: int) -> None:
        earlier = LineLink.profile_due_at - timedelta(**time)
        with self.sessions.begin() as session:
            session.execute(update(LineLink).values(profile_due_at=earlier))

    def row(self, user_index: bytes) -> LineLink:
        with self.sessions() as session:
            link = session.scalars(select(LineLink).where(LineLink.user_index == user_index)).one()
            _ = link.customer.display_name
            return link

    def names(self) -> set[str | None]:
        with self.sessions() as session:
            return {customer.display_name for customer in session.scalars(select(Customer))}


@pytest.fixture
def desk(runtime: Runtime, simulator: RunningSimulator) -> Desk:
    return Desk(runtime, simulator)


def test_name_and_language_are_kept_and_the_menu_follows(desk: Desk) -> None:
    ken = desk.meet("Ken")
    assert desk.fetch() == 1
    row = desk.row(ken)
    assert (row.customer.language, row.profile_due_at, row.profile_error) == ("en", None, None)
    assert desk.names() == {"Ken"}
    assert row.menu_due_at is not None
    assert desk.fetch() == 0


@pytest.mark.parametrize(("spoken", "followed"), [(["th", "en"], True), (["en", "th"], False), (["th"], False)])
def test_a_phones_language_is_kept_and_followed_where_it_is_another_than_the_first_and_spoken(
    desk: Desk, spoken: list[str], followed: bool
) -> None:
    with desk.sessions.begin() as session:
        session.get_one(Clinic, desk.clinic_id).choose(voice={"languages": spoken})
    ken = desk.meet("Ken")
    before = desk.row(ken).menu_due_at
    assert desk.fetch() == 1
    row = desk.row(ken)
    assert (row.customer.language, row.menu_due_at != before) == ("en", followed)


def test_the_profile_of_a_second_account_renames_nobody(desk: Desk) -> None:
    first, second = desk.meet("Mali", "th"), desk.meet("Mali at work", "en")
    with desk.sessions.begin() as session:
        mali, other = (
            session.scalars(select(LineLink).where(LineLink.user_index == at)).one() for at in (first, second)
        )
        user_id = other.user_id
        other.customer, other.user_id = mali.customer, user_id
    assert desk.fetch() == 2
    assert (desk.row(second).customer_id, desk.row(second).customer.language) == (desk.row(first).customer_id, "th")
    assert desk.names() == {"Mali", None}


def test_line_away_is_asked_again_later_and_given_up_in_the_end(desk: Desk) -> None:
    ken = desk.meet("Ken")
    desk.simulator.call("POST", "faults", {"kind": "error_500", "on": "/v2/bot/profile/", "times": 5})
    for _ in range(5):
        assert desk.fetch() == 1
        assert desk.fetch() == 0, "not before its time"
        desk.later(minutes=3)
    assert desk.fetch() == 1
    assert desk.names() == {"Ken"}
    lost = desk.meet("Lost")
    desk.simulator.call("POST", "faults", {"kind": "error_500", "on": "/v2/bot/profile/", "times": 6})
    for _ in range(6):
        assert desk.fetch() == 1
        desk.later(minutes=3)
    assert (desk.row(lost).profile_due_at, desk.row(lost).profile_error) == (None, "unknown")
    assert desk.row(ken).profile_due_at is None


@pytest.mark.parametrize(("error", "asked"), [("refused", True), ("no_name", True), ("erased", False), (None, False)])
@pytest.mark.parametrize(("days", "new_friend"), [(0, True), (3, False), (9, False)])
def test_who_comes_back_is_asked_for_once_more(
    desk: Desk, error: str | None, asked: bool, days: int, new_friend: bool
) -> None:
    ken = desk.meet("Ken")
    with desk.sessions.begin() as session:
        link = session.scalars(select(LineLink).where(LineLink.user_index == ken)).one()
        link.profile_due_at, link.profile_error, link.profile_attempts = None, error, 6
        link.profile_asked_at = NOW
        ask_again(session, link, NOW + timedelta(days=days), new_friend=new_friend)
    assert desk.fetch() == int(asked)
    assert desk.names() == ({"Ken"} if asked else {None})


def test_who_goes_on_writing_is_not_asked_for_at_every_word(desk: Desk) -> None:
    ken = desk.meet("Ken")
    with desk.sessions.begin() as session:
        link = session.scalars(select(LineLink).where(LineLink.user_index == ken)).one()
        link.profile_due_at, link.profile_error, link.profile_asked_at = None, "refused", NOW
        ask_again(session, link, NOW + timedelta(days=2, hours=23), new_friend=False)
        assert link.profile_due_at is None


def test_a_profile_that_line_refused_is_had_when_the_person_is_a_friend_again(desk: Desk) -> None:
    ken = desk.meet("Ken")
    desk.simulator.call("POST", "faults", {"kind": "error_500", "on": "/v2/bot/profile/", "times": 6})
    for _ in range(6):
        desk.fetch()
        desk.later(minutes=3)
    assert (desk.row(ken).profile_error, desk.row(ken).profile_asked_at is not None) == ("unknown", True)
    with desk.sessions.begin() as session:
        link = session.scalars(select(LineLink).where(LineLink.user_index == ken)).one()
        ask_again(session, link, real(), new_friend=True)
    assert desk.fetch() == 1
    assert (desk.names(), desk.row(ken).profile_error) == ({"Ken"}, None)


def test_a_row_that_cannot_be_read_waits_alone(desk: Desk) -> None:
    broken = desk.meet("Broken")
    with desk.sessions.begin() as session:
        session.execute(update(LineLink).values(user_id_sealed=b"nonsense"))
    desk.meet("Ken")
    assert desk.fetch() == 2
    row = desk.row(broken)
    assert (row.profile_error, row.profile_attempts) == ("CannotOpen", 1)
    assert row.profile_due_at is not None
    assert desk.names() == {"Ken", None}


def test_a_clinic_that_cannot_be_read_stops_no_other(desk: Desk) -> None:
    with desk.sessions.begin() as session:
        bad = make_clinic(session, "bad")
        bad.line_channel_secret_sealed = b"nonsense"
        bad_id = bad.id
    waits = desk.meet("Waits", clinic_id=bad_id)
    desk.meet("Ken")
    assert desk.fetch() == 2
    assert (desk.row(waits).profile_error, desk.row(waits).profile_attempts) == ("CannotOpen", 1)
    assert "Ken" in desk.names()


def test_an_answer_that_comes_after_its_lease_is_left_to_the_next(desk: Desk) -> None:
    """A worker that hung for a minute: another has asked since, and the row is that one's."""
    ken = desk.meet("Ken")

    def another() -> None:
        desk.line.meanwhile = lambda: None
        desk.later(minutes=1)
        with desk.sessions.begin() as session:
            session.execute(update(LineLink).values(profile_due_at=None, profile_error="by another"))

    desk.line.meanwhile = another
    assert desk.fetch() == 1
    assert (desk.row(ken).profile_error, desk.names()) == ("by another", {None})
