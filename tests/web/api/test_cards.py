"""Who stands at the counter: code or number, what each proves, and that nobody guesses."""

from datetime import timedelta
from uuid import UUID

import pytest
from limits import RateLimitItemPerHour
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import cards
from customers.people import new_customer
from facts.merged import merge
from loyalty.points import create_loyalty_profile
from models.access import ApiRequest
from models.clinics import Clinic
from models.customers import Customer
from runtime.clock import real
from tests.fixtures.clinic import NOW
from tests.web.api.conftest import Caller, body_of
from web.api.loyalty import cards as api


@pytest.fixture
def mali(session: Session, clinic: Clinic) -> Customer:
    customer = new_customer(session, clinic, NOW)
    customer.display_name = "คุณ Mali Srisuk"
    create_loyalty_profile(session, customer, NOW)
    session.commit()
    return customer


def code_of(session: Session, customer: Customer, ago: timedelta = timedelta()) -> str:
    return cards.living_code(session, customer, real() - ago).text


def test_a_code_says_who_and_a_number_is_to_be_confirmed(session: Session, aura: Caller, mali: Customer) -> None:
    code = code_of(session, mali)
    found = body_of(aura.post("customers/identify", {"card": code}))
    assert found.pop("profile") == body_of(aura.get("profile", customerId=str(mali.id)))
    assert mali.member_number is not None
    said = {"customerId": str(mali.id), "number": cards.spaced(mali.member_number), "firstName": "Mali"}
    assert found == said | {"by": "code", "confirm": False}
    for typed in (code.lower().replace("-", " "), code.replace("-", ""), f" {code} "):
        assert body_of(aura.post("customers/identify", {"card": typed}))["by"] == "code"
    bare = body_of(aura.post("customers/identify", {"card": cards.spaced(mali.member_number).lower()}))
    del bare["profile"]
    assert bare == said | {"by": "number", "confirm": True}


def test_what_stands_beside_the_qr_code_says_who_and_is_to_be_confirmed(
    session: Session, aura: Caller, nobody: Caller, mali: Customer
) -> None:
    code, before = cards.show(session, mali, real()), cards.show(session, mali, real() - timedelta(minutes=15))
    session.commit()
    living, over = (one.text.partition("-")[2] for one in (code, before))
    for typed in (living, living.lower(), f"{living[:2]} {living[2:]}"):
        found = body_of(aura.post("customers/identify", {"card": typed}))
        assert (found["customerId"], found["by"], found["confirm"]) == (str(mali.id), "code", True)
        assert found["number"] == cards.spaced(str(mali.member_number))
    assert body_of(aura.post("customers/identify", {"card": over}), 409)["code"] == "card_over"
    assert body_of(aura.post("customers/identify", {"card": "A2AAA"}), 404)["code"] == "unknown_card"
    assert body_of(nobody.post("customers/identify", {"card": living}), 404)["code"] == "unknown_card"


def test_the_name_is_nowhere_kept(session: Session, aura: Caller, mali: Customer) -> None:
    """An answer that is stored for being asked again would keep it in clear."""
    once = {"card": str(mali.member_number)}
    for _ in range(2):
        assert body_of(aura.post("customers/identify", once, once="look-1"))["firstName"] == "Mali"
    assert session.scalars(select(ApiRequest)).all() == []


def test_each_wrong_card_says_what_is_wrong(session: Session, aura: Caller, nobody: Caller, mali: Customer) -> None:
    number = str(mali.member_number)
    mistyped = f"{number[:-1]}{(int(number[-1]) + 1) % 10}"
    other = next(one for one in iter(cards.new_number, "") if one != number)

    def refused(caller: Caller, card: str, status: int) -> str:
        return str(body_of(caller.post("customers/identify", {"card": card}), status)["code"])

    assert refused(aura, mistyped, 404) == refused(aura, "3500", 404) == "card_mistyped"
    assert refused(aura, other, 404) == refused(aura, f"{number}-A2AAA", 404) == "unknown_card"
    assert refused(aura, code_of(session, mali, timedelta(minutes=10)), 409) == "card_over"
    assert refused(nobody, number, 404) == refused(nobody, code_of(session, mali), 404) == "unknown_card"
    mali.data_key = None
    session.commit()
    assert refused(aura, number, 404) == "unknown_card"


def test_the_card_of_a_record_that_was_merged_leads_on(
    session: Session, clinic: Clinic, aura: Caller, mali: Customer
) -> None:
    stays = new_customer(session, clinic, NOW)
    create_loyalty_profile(session, stays, NOW)
    merge(session, mali, stays, NOW, actor="staff")
    session.commit()
    found = body_of(aura.post("customers/identify", {"card": str(mali.member_number)}))
    assert (UUID(found["customerId"]), found["number"]) == (stays.id, cards.spaced(str(stays.member_number)))


def test_who_guesses_has_to_wait_and_nobody_else(
    session: Session, aura: Caller, nobody: Caller, mali: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "WRONG", (RateLimitItemPerHour(3),))
    for _ in range(3):
        assert aura.post("customers/identify", {"card": "M00000017"}).status_code == 404
    right = {"card": code_of(session, mali)}
    answer = aura.post("customers/identify", right)
    refused = body_of(answer, 429)
    assert refused["code"] == "too_many_wrong_cards"
    assert 0 < int(answer.headers["Retry-After"]) == refused["retryAfter"] <= 3600
    assert body_of(nobody.post("customers/identify", right), 404)["code"] == "unknown_card"
    assert aura.get("profile", customerId=str(mali.id)).status_code == 200


def test_right_cards_are_not_counted(aura: Caller, mali: Customer) -> None:
    for _ in range(min(each.amount for each in api.WRONG) + 2):
        body_of(aura.post("customers/identify", {"card": str(mali.member_number)}))
