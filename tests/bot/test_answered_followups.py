"""A button below a follow-up is answered as it always is, and it is noted that its customer has answered."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import followups.kinds  # noqa: F401
from bot.routes import Table
from channels.message import EXECUTION, Action
from customers.people import meet_on_line
from facts.merged import merge
from followups import rules
from followups.kind import kinds
from followups.links import buttons
from followups.rules import Draft
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.followups import FollowupExecution
from runtime.language import Language
from tests.fixtures.clinic import NOW, Talk


def said_to(session: Session, customer: Customer) -> FollowupExecution:
    rule = rules.make(session, customer.clinic, "post_treatment", Draft(name="After", channels=["line"]), NOW)
    one = FollowupExecution(
        clinic_id=customer.clinic_id, rule_id=rule.id, rule_version=1, customer_id=customer.id, anchor="typed",
        about_id=customer.id, purpose="care", status="sent", due_at=NOW, not_after=NOW, held=0, created_at=NOW,
    )  # fmt: skip
    session.add(one)
    session.flush()
    return one


@pytest.fixture
def member(session: Session, talk: Talk) -> Customer:
    talk.tap("join")
    talk.tap("age", answer="adult")
    return session.scalars(select(LineLink)).one().customer


def fate(session: Session, one: FollowupExecution) -> tuple[bool, object, object]:
    session.flush()
    session.refresh(one)
    return one.responded_at is not None, one.response, one.opened_at or one.clicked_at


def test_the_first_button_that_is_pressed_is_the_answer(session: Session, talk: Talk, member: Customer) -> None:
    one = said_to(session, member)
    plainly = talk.tap("all_well")
    assert fate(session, one) == (False, None, None)
    assert talk.tap("all_well", execution=one.id.hex).reply == plainly.reply
    assert (one.responded_at, fate(session, one)) == (NOW, (True, {"button": "all_well"}, None))
    talk.now = NOW.replace(hour=9)
    talk.tap("human", execution=one.id.hex)
    assert (one.responded_at, fate(session, one)) == (NOW, (True, {"button": "all_well"}, None))


@pytest.mark.parametrize("way", ["its button", "another button", "words"])
def test_how_somebody_is_after_a_treatment_is_noted_with_what_they_pressed(
    session: Session, talk: Talk, member: Customer, way: str
) -> None:
    one = said_to(session, member)
    one.settled_at = NOW
    session.flush()
    match way:
        case "its button":
            talk.tap("all_well", execution=one.id.hex)
        case "another button":
            talk.tap("all_well")
        case _:
            talk.say("all well")
    assert fate(session, one) == (True, {"button": "all_well"}, None)


def test_a_button_is_noted_where_another_system_has_told_of_the_answer(
    session: Session, talk: Talk, member: Customer
) -> None:
    one = said_to(session, member)
    one.responded_at = earlier = NOW - timedelta(hours=1)
    talk.tap("all_well", execution=one.id.hex)
    assert (fate(session, one), one.responded_at) == ((True, {"button": "all_well"}, None), earlier)


def test_what_was_told_of_it_stays(session: Session, talk: Talk, member: Customer) -> None:
    one = said_to(session, member)
    one.response = {"sentiment": "positive"}
    talk.tap("all_well", execution=one.id.hex)
    assert fate(session, one)[1] == {"button": "all_well", "sentiment": "positive"}


@pytest.mark.parametrize("other", [UUID(int=7).hex, "x", "", "A" * 200])
def test_whatever_stands_there_the_button_is_answered(
    session: Session, talk: Talk, member: Customer, other: str
) -> None:
    plainly = talk.tap("all_well").reply
    assert talk.tap("all_well", execution=other).reply == plainly


def test_nobody_answers_for_somebody_else(session: Session, clinic: Clinic, talk: Talk, member: Customer) -> None:
    other = meet_on_line(session, clinic, "U" + "c" * 32, NOW).customer
    one = said_to(session, other)
    talk.tap("all_well", execution=one.id.hex)
    assert fate(session, one) == (False, None, None)


def test_a_button_that_nobody_knows_is_no_answer(session: Session, talk: Talk, member: Customer) -> None:
    one = said_to(session, member)
    talk.tap("all_well", execution=one.id.hex, strange="x")
    assert talk.row.reason == "stale_button:all_well"
    talk.tap("nothing", execution=one.id.hex)
    assert fate(session, one) == (False, None, None)


def test_of_a_merged_record_its_survivor_answers(
    session: Session, clinic: Clinic, talk: Talk, member: Customer
) -> None:
    duplicate = meet_on_line(session, clinic, "U" + "c" * 32, NOW).customer
    one = said_to(session, duplicate)
    merge(session, duplicate, member, NOW, actor="typed")
    talk.tap("all_well", execution=one.id.hex)
    assert fate(session, one)[0]


def test_each_button_of_each_kind_says_under_what_it_stands_and_is_heard(table: Table) -> None:
    one = FollowupExecution(id=uuid4(), due_at=NOW)
    pressed = [each for kind in kinds for each in buttons(one, None, kinds[kind].buttons(Language("th")))]
    assert len(pressed) > len(list(kinds))
    for each in pressed:
        assert isinstance(each.target, Action) and each.target.execution_id == one.id
        assert EXECUTION not in each.target.bare.args
        table.button(each.target.data)


def test_data_that_is_no_id_is_none() -> None:
    assert Action("points", execution="x").execution_id is None
    assert Action("points").under(UUID(int=1)).execution_id == UUID(int=1)
