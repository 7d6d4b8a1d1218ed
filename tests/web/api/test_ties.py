"""A till asks whether its customer is the friend whose card it read; the friend answers in the chat."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.routes import Table
from channels.base import channels
from channels.line.channel import LineChannel
from channels.line.client import Line
from channels.message import Action
from customers import cards, contacts, ties
from customers.people import identify, known_as, meet_on_line, new_customer
from facts.merged import merge
from followups import notifications
from loyalty import points
from models.clinics import Clinic
from models.conversations import Send
from models.customers import Customer, CustomerIdentity, JourneyEvent, LineLink
from models.loyalty import LoyaltyProfile, Notification
from models.ties import CardTie
from runtime.clock import real
from runtime.context import Runtime
from tests.fixtures.clinic import Talk
from tests.web.api.conftest import MALI, Caller, body_of

CHANNELS = channels(LineChannel(Line()))
"""Nothing is sent here."""


@pytest.fixture
def talk(session: Session, clinic: Clinic, table: Table) -> Talk:
    """Mali, a member, at her phone."""
    talk = Talk(session, clinic, table)
    talk.now = real()
    talk.tap("join")
    session.commit()
    return talk


@pytest.fixture
def mali(session: Session, clinic: Clinic, talk: Talk) -> Customer:
    found = known_as(session, clinic, "line", talk.user_id)
    assert found is not None
    found.display_name = "Mali Srisuk"
    session.commit()
    return found


@pytest.fixture
def record(session: Session, customer: Customer) -> Customer:
    """What the till has of her, 500 points included."""
    customer.display_name = "Mali S."
    contacts.tell(session, customer, "phone", "0812345678", source="till", now=real())
    points.award_points(session, customer, 500, "opening balance", now=real())
    session.commit()
    return customer


def ask(
    session: Session, caller: Caller, holder: Customer, external_id: str = MALI, status: int = 200
) -> dict[str, Any]:
    code = cards.living_code(session, holder, real()).text
    session.commit()
    return body_of(caller.post("ties", {"externalId": external_id, "card": code}), status)


def state(caller: Caller, tie: dict[str, Any]) -> str:
    return str(body_of(caller.get(f"ties/{tie['id']}"))["state"])


def tap(talk: Talk, tie: dict[str, Any], answer: str) -> str:
    """What is said to it."""
    talk.session.expire_all()
    talk.now = real()
    outcome = talk.tap("tie", tie=tie["id"], answer=answer)
    talk.session.commit()
    return str(outcome.reply.messages[0]) if outcome.reply.messages else outcome.reply.silence or ""


def told(session: Session, runtime: Runtime, clinic: Clinic) -> list[str]:
    """What is pushed now."""
    while notifications.merge_one(runtime, CHANNELS, clinic.id):
        pass
    session.expire_all()
    return [(one.body or b"").decode() for one in session.scalars(select(Send).order_by(Send.id))]


def test_a_yes_makes_the_record_hers(
    session: Session, aura: Caller, talk: Talk, mali: Customer, record: Customer
) -> None:
    asked = ask(session, aura, mali)
    assert (asked["state"], UUID(asked["customerId"]), asked["answeredAt"]) == ("asked", mali.id, None)
    assert "600 แต้ม" in tap(talk, asked, "yes")
    assert state(aura, asked) == "tied"
    assert record.merged_into == mali.id
    profile = body_of(aura.get("profile", customerId=MALI))
    assert (UUID(profile["customerId"]), profile["availablePoints"], profile["member"]) == (mali.id, 600, True)
    kinds = set(session.scalars(select(JourneyEvent.type).where(JourneyEvent.customer_id == mali.id)))
    assert {"merged", "tied"} <= kinds
    assert "เชื่อมไว้แล้ว" in tap(talk, asked, "no")
    assert state(aura, asked) == "tied"


def test_an_id_of_nobody_yet_becomes_hers(session: Session, aura: Caller, talk: Talk, mali: Customer) -> None:
    asked = ask(session, aura, mali, "ext:till:HN-7")
    body_of(aura.get("profile", customerId="ext:till:HN-7"), 404)
    assert "100 แต้ม" in tap(talk, asked, "yes")
    assert UUID(body_of(aura.get("profile", customerId="ext:till:HN-7"))["customerId"]) == mali.id
    again = ask(session, aura, mali, "ext:till:HN-7")
    assert (again["state"], again["id"]) == ("tied", asked["id"])


def test_the_till_tells_of_the_customer_while_she_is_asked(
    session: Session, aura: Caller, talk: Talk, mali: Customer
) -> None:
    asked = ask(session, aura, mali, "ext:till:HN-7")
    made = body_of(aura.post("customers", {"externalId": "ext:till:HN-7", "phone": "0812345678"}))
    body_of(aura.post("points/award", {"customerId": made["customerId"], "points": 40, "description": "x"}))
    assert "140 แต้ม" in tap(talk, asked, "yes")
    assert UUID(body_of(aura.get("profile", customerId=made["customerId"]))["customerId"]) == mali.id


def test_a_no_connects_nothing_and_holds(
    session: Session, aura: Caller, talk: Talk, mali: Customer, record: Customer
) -> None:
    asked = ask(session, aura, mali)
    assert "ไม่มีการเชื่อมข้อมูล" in tap(talk, asked, "no")
    assert "ตอบคำถามนี้ไปแล้ว" in tap(talk, asked, "yes")
    assert (state(aura, asked), record.merged_into) == ("declined", None)
    assert ask(session, aura, mali)["id"] != asked["id"]  # the till may ask anew


@pytest.mark.parametrize("later", [ties.ANSWERED_WITHIN, timedelta(days=4 * 365)])
def test_an_answer_that_comes_late_connects_nothing(
    session: Session, aura: Caller, talk: Talk, mali: Customer, record: Customer, later: timedelta
) -> None:
    asked = ask(session, aura, mali)
    row = session.get_one(CardTie, (UUID(asked["id"]), mali.clinic_id))
    row.asked_at, row.until = row.asked_at - later, row.until - later
    session.commit()
    assert state(aura, asked) == "expired"
    assert "หมดเวลาแล้ว" in tap(talk, asked, "yes")
    assert (state(aura, asked), record.merged_into) == ("expired", None)
    assert ask(session, aura, mali)["state"] == "asked"


def test_nobody_else_answers(
    session: Session, aura: Caller, talks: Callable[[str], Talk], talk: Talk, mali: Customer, record: Customer
) -> None:
    asked = ask(session, aura, mali)
    other = talks("U" + "c" * 32)
    assert "ปุ่มนี้เก่าแล้ว" in tap(other, asked, "yes")
    assert "ปุ่มนี้เก่าแล้ว" in tap(talk, {"id": str(uuid4())}, "yes")
    assert (state(aura, asked), record.merged_into) == ("asked", None)


def test_a_bare_number_and_a_line_id_ask_nobody(session: Session, aura: Caller, mali: Customer) -> None:
    body = {"externalId": MALI, "card": mali.member_number}
    assert body_of(aura.post("ties", body), 409)["code"] == "code_needed"
    assert ask(session, aura, mali, "ext:line:U1", 404)["code"] == "unknown_customer"
    assert session.scalars(select(CardTie)).all() == []


def test_somebody_who_blocks_the_account_is_not_asked(
    session: Session, aura: Caller, talk: Talk, mali: Customer
) -> None:
    talk.event("unfollow")
    session.commit()
    assert ask(session, aura, mali, status=409)["code"] == "friend_unreachable"


def test_who_blocks_it_after_being_asked_was_told_nothing(
    session: Session, aura: Caller, talk: Talk, mali: Customer, clinic: Clinic, runtime: Runtime
) -> None:
    asked = ask(session, aura, mali)
    talk.event("unfollow")
    session.commit()
    assert told(session, runtime, clinic) == []
    assert state(aura, asked) == "untold"


def test_two_tills_at_once(
    session: Session, aura: Caller, talk: Talk, mali: Customer, talks: Callable[[str], Talk], clinic: Clinic
) -> None:
    """About one id and card it is one question; with another card the first is over; another id is another question."""
    first = ask(session, aura, mali)
    assert ask(session, aura, mali)["id"] == first["id"]
    nid = talks("U" + "c" * 32)
    nid.now = real()
    nid.tap("join")
    session.commit()
    holder = known_as(session, clinic, "line", nid.user_id)
    assert holder is not None
    second = ask(session, aura, holder)
    assert (state(aura, first), state(aura, second)) == ("replaced", "asked")
    assert "แก้ไข" in tap(talk, first, "yes")
    other = ask(session, aura, mali, "ext:booking:7")
    assert "เชื่อมเรียบร้อย" in tap(talk, other, "yes")
    assert "เชื่อมเรียบร้อย" in tap(nid, second, "yes")
    kinds = session.scalars(select(CustomerIdentity.kind).where(CustomerIdentity.customer_id == mali.id))
    assert sorted(kinds) == ["booking:booking", "line"]


def test_the_record_of_another_friend_is_never_given_away(
    session: Session, aura: Caller, talk: Talk, mali: Customer, record: Customer, clinic: Clinic
) -> None:
    """The till has the wrong record open: that person has a LINE account, and would have to be asked themselves."""
    asked = ask(session, aura, mali)
    stranger = meet_on_line(session, clinic, "U" + "d" * 32, real()).customer
    merge(session, record, stranger, real(), actor="staff")
    session.commit()
    assert "เชื่อมข้อมูลไม่ได้" in tap(talk, asked, "yes")
    answer = body_of(aura.get(f"ties/{asked['id']}"))
    assert (answer["state"], answer["reason"]) == ("refused", "another_friend")
    assert ask(session, aura, mali, status=409)["code"] == "tied_to_another"


def test_a_till_that_asks_and_asks_has_to_wait(session: Session, aura: Caller, mali: Customer) -> None:
    for number in range(ties.OPEN):
        assert ask(session, aura, mali, f"ext:till:{number}")["state"] == "asked"
    assert ask(session, aura, mali, "ext:till:more", 429)["code"] == "too_many_questions"


def test_what_she_is_shown_is_a_name_and_three_digits(
    session: Session, aura: Caller, mali: Customer, record: Customer, clinic: Clinic, runtime: Runtime
) -> None:
    """A message of its own, at any hour, beside the other news."""
    asked = ask(session, aura, mali)
    points.award_points(session, mali, 10, "x", now=real() - timedelta(minutes=1))
    session.commit()
    question = next(one for one in told(session, runtime, clinic) if "tie?" in one)
    for part in ("Mali", "678", *(Action("tie", tie=asked["id"], answer=each).data for each in ("yes", "no"))):
        assert part in question
    for part in ("5678", "Mali S", "10 แต้ม", "500"):
        assert part not in question
    notice = session.scalars(select(Notification).where(Notification.kind == "tie_asked")).one()
    assert notice.state == "sent"


def test_another_clinic_cannot_ask_what_has_become_of_it(
    session: Session, aura: Caller, nobody: Caller, mali: Customer
) -> None:
    asked = ask(session, aura, mali)
    assert body_of(nobody.get(f"ties/{asked['id']}"), 404)["code"] == "unknown_tie"


def test_after_another_merge_the_question_is_the_survivors(
    session: Session, aura: Caller, talk: Talk, mali: Customer, clinic: Clinic
) -> None:
    asked = ask(session, aura, mali)
    stays = new_customer(session, clinic, real())
    identify(session, stays, "booking:till", "HN-9", None)
    points.create_loyalty_profile(session, stays, real())
    merge(session, mali, stays, real(), actor="staff")
    session.commit()
    assert "เชื่อมเรียบร้อย" in tap(talk, asked, "yes")
    assert UUID(body_of(aura.get("profile", customerId=MALI))["customerId"]) == stays.id
    assert session.get_one(LoyaltyProfile, (stays.id, clinic.id)).merged_into is None
    assert session.scalars(select(LineLink.customer_id)).all() == [stays.id]
