"""A member's yes to the till's question, come in among what other people write: one batch of a worker."""

import json
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from channels.message import Action
from customers.people import identify, meet_on_line, new_customer
from facts import tied
from loyalty import points
from models.clinics import Clinic
from models.conversations import InboxEvent
from models.customers import Customer, LineLink
from models.loyalty import LoyaltyProfile, PointTransaction
from models.ties import CardTie
from tests.fixtures.house import House, clinic_of
from workers import inbox
from workers.jobs import drains

OTHERS = 6
AT_THE_TILL = "booking:till"


@dataclass
class Counter:
    """Mali stands there, asked whether the till's record is hers; others write meanwhile."""

    house: House
    clinic: Clinic
    mali: LineLink
    record: Customer
    tie: CardTie
    others: list[LineLink]

    def comes_in(self) -> None:
        """Two of the others have written before her answer, the rest after it."""
        for one in (*self.others[:2], self.mali, *self.others[2:]):
            self.house.asks(one, one.user_id or "", "แต้ม")
        self.taps(self.mali, self.tie)

    def taps(self, link: LineLink, tie: CardTie) -> None:
        """Instead of what they have written."""
        self.house.session.flush()
        event = self.event(link)
        raw = json.loads(event.raw or b"") | {"postback": {"data": Action("tie", tie=tie.id, answer="yes").data}}
        event.type = raw["type"] = "postback"
        event.raw = json.dumps(raw).encode()
        self.house.session.commit()

    def event(self, link: LineLink) -> InboxEvent:
        mine = InboxEvent.clinic_id == self.clinic.id, InboxEvent.actor_index == link.user_index
        return self.house.session.scalars(select(InboxEvent).where(*mine)).one()

    def handled(self) -> set[datetime | None]:
        """When each was handled: of one batch at the same moment."""
        drains["chat"](self.house.aura.context)
        self.house.session.rollback()
        self.house.session.expire_all()
        return {self.event(one).handled_at for one in (self.mali, *self.others)}

    def states(self) -> list[str]:
        return [self.event(one).state for one in (self.mali, *self.others)]

    def hers(self) -> tuple[str, bool, int]:
        """Where the question stands, whether the record is hers, and what she has."""
        session = self.house.session
        profile = session.get_one(LoyaltyProfile, (self.mali.customer_id, self.clinic.id))
        return self.tie.state, self.record.merged_into == self.mali.customer_id, profile.available_points

    def told(self) -> int:
        """How often Mali has read that it is connected."""
        items = self.house.simulator.call("GET", f"people/{self.mali.user_id}/chat")["items"]
        said = [json.dumps(one["message"], ensure_ascii=False) for one in items if one["from"] == "bot"]
        return len([one for one in said if "เชื่อมเรียบร้อยแล้ว" in one])

    def moved(self) -> list[int]:
        """The entries by which points came from the record."""
        mine = PointTransaction.customer_id == self.mali.customer_id, PointTransaction.source == "transfer"
        return sorted(self.house.session.scalars(select(PointTransaction.amount).where(*mine)))


def member(house: House, clinic: Clinic) -> LineLink:
    user_id = house.simulator.call("POST", "people", {"name": "Friend", "language": "th"})["user_id"]
    house.simulator.follow(user_id)
    link = meet_on_line(house.session, clinic, user_id, house.noon)
    house.session.flush()
    points.create_loyalty_profile(house.session, link.customer, house.noon)
    return link


@pytest.fixture(autouse=True)
def _in_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also on a machine that takes its time."""
    monkeypatch.setattr(inbox, "BATCH_SECONDS", 60.0)


@pytest.fixture(params=["older", "newer"])
def counter(house: House, request: pytest.FixtureRequest) -> Counter:
    """The record is older than the members, or newer: locks are taken in the order of ids."""
    session, clinic = house.session, clinic_of(house, "aura")
    record = new_customer(session, clinic, house.noon) if request.param == "older" else None
    session.flush()
    people = [member(house, clinic) for _ in range(OTHERS + 1)]
    record = record or new_customer(session, clinic, house.noon)
    session.flush()
    identify(session, record, AT_THE_TILL, "HN-1", None)
    points.award_points(session, record, 500, "opening balance", now=house.noon)
    mali, *others = people
    tie = tied.ask(session, mali.customer, AT_THE_TILL, "HN-1", house.noon, actor="api")
    session.commit()
    return Counter(house, clinic, mali, record, tie, others)


def test_a_yes_among_others_is_handled_in_their_batch(counter: Counter) -> None:
    counter.comes_in()
    assert len(counter.handled()) == 1
    assert counter.states() == ["done"] * (OTHERS + 1)
    assert (counter.hers(), counter.moved()) == (("tied", True, 600), [0, 500])
    assert counter.told() == 1
    assert [counter.house.heard(one, "100 แต้ม") for one in counter.others] == [1] * OTHERS


def test_where_the_batch_breaks_behind_it_the_record_is_joined_once(counter: Counter) -> None:
    counter.comes_in()
    counter.event(counter.others[-1]).raw_sealed = b"broken"
    counter.house.session.commit()
    handled = counter.handled()
    assert counter.states() == ["done"] * OTHERS + ["new"]
    assert len(handled) == OTHERS + 1
    assert (counter.hers(), counter.moved()) == (("tied", True, 600), [0, 500])
    assert counter.told() == 1


def test_a_record_that_somebody_holds_lets_the_others_be_answered(
    counter: Counter, sessions: sessionmaker[Session]
) -> None:
    counter.comes_in()
    with sessions() as till:
        theirs = LoyaltyProfile.clinic_id == counter.clinic.id, LoyaltyProfile.customer_id == counter.record.id
        till.execute(select(LoyaltyProfile.customer_id).where(*theirs).with_for_update())
        counter.handled()
        assert counter.states() == ["new"] + ["done"] * OTHERS
        assert (counter.hers(), counter.event(counter.mali).attempts) == (("asked", False, 100), 0)
        till.rollback()
    counter.house.later()
    counter.handled()
    assert counter.states() == ["done"] * (OTHERS + 1)
    assert (counter.hers(), counter.moved()) == (("tied", True, 600), [0, 500])


def test_two_who_were_asked_for_two_records_answer_in_one_batch(counter: Counter) -> None:
    session, (ken, *_) = counter.house.session, counter.others
    theirs = new_customer(session, counter.clinic, counter.house.noon)
    identify(session, theirs, AT_THE_TILL, "HN-2", None)
    session.flush()
    points.award_points(session, theirs, 70, "opening balance", now=counter.house.noon)
    asked = tied.ask(session, ken.customer, AT_THE_TILL, "HN-2", counter.house.noon, actor="api")
    counter.comes_in()
    counter.taps(ken, asked)
    assert len(counter.handled()) == 1
    assert (counter.tie.state, asked.state) == ("tied", "tied")
    assert (counter.record.merged_into, theirs.merged_into) == (counter.mali.customer_id, ken.customer_id)
