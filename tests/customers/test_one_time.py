"""One-time codes when two do the same thing at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from customers import one_time
from customers.people import identify, meet_on_line, new_customer
from facts import linked
from models.customers import Customer, JourneyEvent
from models.one_time import OneTimeCode
from runtime.database import locked
from tests.fixtures.clinic import NOW, make_clinic

Key = tuple[UUID, UUID]


def together(sessions: sessionmaker[Session], *acts: Callable[[Session], object]) -> list[object]:
    """Each in a transaction of its own, all beginning in one moment."""
    ready = Barrier(len(acts))

    def run(act: Callable[[Session], object]) -> object:
        try:
            with sessions.begin() as session:
                ready.wait(10)
                return act(session)
        except DBAPIError as error:
            if not locked(error):
                raise
        with sessions.begin() as session:  # the other one has held it for too long: later, as in the chat
            return act(session)

    with ThreadPoolExecutor(len(acts)) as pool:
        return [one.result(30) for one in [pool.submit(run, act) for act in acts]]


def people(sessions: sessionmaker[Session]) -> tuple[Key, list[Key], str]:
    """A record, two friends in LINE, and a code that leads to the record."""
    with sessions.begin() as session:
        clinic = make_clinic(session)
        record = new_customer(session, clinic, NOW)
        identify(session, record, "booking:standard", "1", None)
        friends = [meet_on_line(session, clinic, "U" + sign * 32, NOW).customer for sign in "12"]
        session.flush()
        _row, code = one_time.begin(session, record, "link", NOW, by="staff")
        return (record.id, clinic.id), [(one.id, clinic.id) for one in friends], code


def test_of_two_phones_that_type_a_code_one_has_it(sessions: sessionmaker[Session]) -> None:
    _record, friends, code = people(sessions)

    def enter(key: Key) -> Callable[[Session], object]:
        def act(session: Session) -> object:
            found = one_time.enter(session, session.get_one(Customer, key), code, NOW)
            return found if isinstance(found, str) else found.taker_id

        return act

    found = together(sessions, *map(enter, friends))
    assert sorted(map(str, found)) == sorted(["wrong", next(str(one) for one in found if one != "wrong")])
    with sessions() as session:
        kept = session.scalars(select(OneTimeCode).where(OneTimeCode.state == "entered")).one()
        assert kept.taker_id in found


def test_of_two_taps_one_links(sessions: sessionmaker[Session]) -> None:
    record, friends, code = people(sessions)
    with sessions.begin() as session:
        row = one_time.enter(session, session.get_one(Customer, friends[0]), code, NOW)
        assert not isinstance(row, str)
        key = (row.id, row.clinic_id)

    def tap(session: Session) -> object:
        friend = session.get_one(Customer, friends[0])
        return linked.answered(session, session.get_one(OneTimeCode, key), friend, NOW, yes=True)

    assert together(sessions, tap, tap) == ["done", "done"]
    with sessions() as session:
        assert session.get_one(Customer, record).merged_into == friends[0][0]
        told = select(func.count()).select_from(JourneyEvent).where(JourneyEvent.type.in_(["linked", "merged"]))
        assert session.scalar(told) == 2


def test_of_two_requests_for_one_phone_the_limit_counts_both(sessions: sessionmaker[Session]) -> None:
    _record, friends, _code = people(sessions)

    def ask(key: Key) -> Callable[[Session], object]:
        def act(session: Session) -> object:
            try:
                one_time.ask(session, session.get_one(Customer, key), "+66812345678", NOW)
            except one_time.TooManyCodes as refused:
                return refused.code
            return "asked"

        return act

    found = together(sessions, *map(ask, [*friends, *friends]))
    assert sorted(map(str, found)) == ["asked", "asked", "asked", "of_this_phone"]
