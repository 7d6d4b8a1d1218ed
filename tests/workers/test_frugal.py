"""What an answer costs: no question is put to the database of which the answer is known."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Cursor
from sqlalchemy import select

from channels import calls
from channels.calls import Landed
from channels.line import replies
from channels.line.tries import PreparedReply
from customers.people import meet_on_line
from followups import rules
from followups.rules import Draft
from loyalty import points
from models.conversations import OutgoingReply
from models.customers import LineLink
from models.followups import FollowupExecution
from tests.fixtures.house import House, clinic_of
from workers import rounds
from workers.jobs import drains

ONE_ANSWER = 9
"""Statements: what is due, the claim, the clock (in development only), who speaks, what is ahead, the event, the
answer, their link, and the record of the call."""


def member(house: House) -> tuple[LineLink, str]:
    """Somebody who has joined, with LINE's id of them."""
    user_id = house.simulator.call("POST", "people", {"name": "Mali", "language": "th"})["user_id"]
    house.simulator.follow(user_id)
    link = meet_on_line(house.session, clinic_of(house, "aura"), user_id, house.noon)
    link.followed_at, link.profile_due_at = house.noon, None
    house.session.flush()
    points.create_loyalty_profile(house.session, link.customer, house.noon)
    house.session.commit()
    return link, user_id


def ahead_of(house: House, link: LineLink) -> None:
    """They are to be told something, which may ride in an answer once it is due."""
    draft = Draft(name="Ask", channels=["line"], active=True, priority="low")
    rule = rules.make(house.session, link.customer.clinic, "post_treatment", draft, house.noon)
    house.session.add(
        FollowupExecution(
            clinic_id=link.clinic_id, rule_id=rule.id, rule_version=1, customer_id=link.customer_id, anchor="typed",
            about_id=link.customer_id, purpose="care", status="planned", due_at=house.noon + timedelta(days=1),
            not_after=house.noon + timedelta(days=2), held=0, created_at=house.noon,
        )
    )  # fmt: skip
    house.session.commit()


def asked(house: House, *people: tuple[LineLink, str]) -> None:
    for link, user_id in people:
        house.asks(link, user_id, "แต้ม")
    house.session.commit()


def answers(house: House) -> list[str]:
    """What has become of them."""
    house.session.expire_all()
    return list(house.session.scalars(select(OutgoingReply.state)))


def test_one_answer_takes_no_more_statements_than_it_must(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "SLICE_SECONDS", 60)  # it waits for the call alone
    mali, said = member(house), 0
    execute: Callable[..., Any] = Cursor.execute

    def counted(*given: Any, **options: Any) -> Any:
        nonlocal said
        said += 1
        return execute(*given, **options)

    ahead_of(house, mali[0])
    asked(house, mali)
    drains["chat"](house.aura.context)  # now its connection is open, and the clinic known
    asked(house, mali)
    with monkeypatch.context() as counting:
        counting.setattr(Cursor, "execute", counted)
        drains["chat"](house.aura.context)
    assert answers(house) == ["sent", "sent"]
    assert said == ONE_ANSWER


def test_an_answer_for_which_there_is_no_room_goes_as_soon_as_there_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Put back as one that was not tried it would wait for a second, and be claimed anew."""
    put_back: list[object] = []

    def landed(claim: PreparedReply, **how: Any) -> Landed[PreparedReply]:
        put_back.append(claim)
        return Landed(claim, **how)

    monkeypatch.setattr(calls, "IN_FLIGHT_OF_A_CLINIC", 1)
    monkeypatch.setattr(replies, "Landed", landed)
    monkeypatch.setattr(replies, "ROOM_SECONDS", 60)
    asked(house, *(member(house) for _ in range(4)))
    drains["chat"](house.aura.context)
    assert (answers(house), put_back) == (["sent"] * 4, [])
