"""What points buy, bought once however often it is sent; refusals said on the page, and nothing lost by them."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from loyalty import points, rewards
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.rewards import Redemption
from runtime.clock import real
from tests.fixtures.clinic import make_clinic
from tests.fixtures.html import Read, promised
from tests.fixtures.rewards import available, make_reward
from tests.web.portal.conftest import PORTAL, Browser, member

DAY = timedelta(days=1)


def test_an_empty_catalogue_says_so(mine: Browser) -> None:
    assert "There are no rewards here yet." in mine.page("/rewards").said


def test_what_is_affordable_comes_first_and_the_others_say_what_is_missing(
    session: Session, clinic: Clinic, mali: LineLink, mine: Browser
) -> None:
    had = make_reward(session, clinic, "had", 10, per_customer=1, position=0)
    make_reward(session, clinic, "far", 800, position=1)
    make_reward(session, clinic, "gold", 50, least_tier="gold", position=2)
    make_reward(session, clinic, "sold", 50, stock=0, position=3)
    make_reward(session, clinic, "early", 50, valid_from=real() + DAY, position=4)
    near = make_reward(session, clinic, "near", 60, kind="discount", position=5)
    rewards.redeem(session, mali.customer, had.id, real())
    session.commit()
    page = mine.page("/rewards")
    assert "You have 90 points to spend." in page.said
    order = [page.said.index(f"A {code}") for code in ("near", "far", "gold", "early", "had", "sold")]
    assert order == sorted(order)
    for why in ("710 points short", "From tier Gold", "None left at the moment", "1 per person, and you have had it"):
        assert why in page.said
    assert f"/portal/aura/rewards/{near.id}" in page.links
    assert [one["action"] for one in page.forms if one["method"] == "post"] == [f"/portal/aura/rewards/{near.id}"]


def test_the_question_says_what_is_left_and_the_answer_is_a_code(
    session: Session, clinic: Clinic, mali: LineLink, mine: Browser
) -> None:
    mask = make_reward(session, clinic, "mask", 60, stock=3)
    session.commit()
    said = mine.page(f"/rewards/{mask.id}").said
    assert said.count("Redeem this reward?") == 1
    assert "Product A mask 60 points" in said
    assert "You have 100 Afterwards 40" in said
    answer = redeem(mine, mask.id)
    bought = session.scalars(select(Redemption)).one()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/portal/aura/redemptions/{bought.id}")
    assert available(session, mali.customer) == 40
    session.refresh(mask)
    assert mask.stock == 2


def test_a_double_tap_and_a_form_sent_again_buy_once(
    session: Session, clinic: Clinic, mali: LineLink, mine: Browser
) -> None:
    mask = make_reward(session, clinic, "mask", 40)
    session.commit()
    sent = asked(mine.page(f"/rewards/{mask.id}"))
    answers = [mine.client.post(mine.at(f"/rewards/{mask.id}"), data=sent) for _ in range(3)]
    assert len({one.headers["Location"] for one in answers}) == 1
    assert available(session, mali.customer) == 60
    redeem(mine, mask.id)
    assert session.scalar(select(func.count()).select_from(Redemption)) == 2
    assert available(session, mali.customer) == 20


def test_the_question_in_front_of_the_list_is_one_decision_too(session: Session, clinic: Clinic, mine: Browser) -> None:
    mask = make_reward(session, clinic, "mask", 40)
    session.commit()
    sent = asked(mine.page("/rewards"))
    for _ in range(2):
        assert mine.client.post(mine.at(f"/rewards/{mask.id}"), data=sent).status_code == 303
    assert session.scalar(select(func.count()).select_from(Redemption)) == 1


@pytest.mark.parametrize(
    ("values", "price", "why"),
    [
        ({"stock": 0}, 50, "None left at the moment"),
        ({"least_tier": "gold"}, 50, "From tier Gold"),
        ({}, 300, "200 points short"),
        ({"valid_until": real() - DAY}, 50, "Ended on"),
        ({"per_customer": 0}, 50, "0 per person"),
    ],
)
def test_what_stands_against_it_by_now_is_said_and_takes_nothing(
    session: Session, clinic: Clinic, mali: LineLink, mine: Browser, values: dict[str, object], price: int, why: str
) -> None:
    mask = make_reward(session, clinic, "mask", 50)
    session.commit()
    sent = asked(mine.page(f"/rewards/{mask.id}")) | {"points": price}
    for name, value in ({"points": price} | values).items():
        setattr(mask, name, value)
    session.commit()
    answer = mine.client.post(mine.at(f"/rewards/{mask.id}"), data=sent)
    said = promised(answer.text).said
    assert answer.status_code == 409
    assert "Nothing was redeemed, and you have all your points." in said
    assert why in said
    assert available(session, mali.customer) == 100
    assert why in mine.page(f"/rewards/{mask.id}").said


def test_another_price_is_asked_anew(session: Session, clinic: Clinic, mali: LineLink, mine: Browser) -> None:
    mask = make_reward(session, clinic, "mask", 50)
    session.commit()
    sent = asked(mine.page(f"/rewards/{mask.id}"))
    mask.points = 70
    session.commit()
    answer = mine.client.post(mine.at(f"/rewards/{mask.id}"), data=sent)
    page = promised(answer.text)
    assert answer.status_code == 409
    assert "The price has changed since. Please look again:" in page.said
    assert "Redeem for 70 points" in page.said
    assert available(session, mali.customer) == 100
    assert mine.client.post(mine.at(f"/rewards/{mask.id}"), data=asked(page)).status_code == 303


def test_one_that_was_withdrawn_meanwhile_is_told_from_one_that_never_was(
    session: Session, clinic: Clinic, mali: LineLink, mine: Browser
) -> None:
    mask = make_reward(session, clinic, "mask", 50)
    theirs = make_reward(session, make_clinic(session, "glow", portal=PORTAL), "mask", 50)
    session.commit()
    sent = asked(mine.page(f"/rewards/{mask.id}"))
    mask.active = False
    session.commit()
    for page in (
        promised(mine.client.post(mine.at(f"/rewards/{mask.id}"), data=sent).text),
        mine.page(f"/rewards/{mask.id}", 410),
    ):
        assert "This reward is not offered any more. You have all your points." in page.said
    for id_ in (theirs.id, uuid4()):
        mine.page(f"/rewards/{id_}", 404)
        assert mine.client.post(mine.at(f"/rewards/{id_}"), data=sent).status_code == 404
    assert available(session, mali.customer) == 100


@pytest.mark.parametrize("changed", [{"nonce": ""}, {"nonce": "x:y"}, {"nonce": "a" * 200}, {"points": "many"}])
def test_a_form_that_is_none_of_ours_is_refused(
    session: Session, clinic: Clinic, mali: LineLink, mine: Browser, changed: dict[str, str]
) -> None:
    mask = make_reward(session, clinic, "mask", 50)
    session.commit()
    sent = asked(mine.page(f"/rewards/{mask.id}"))
    assert mine.client.post(mine.at(f"/rewards/{mask.id}"), data=sent | changed).status_code == 400
    del sent["form"]
    assert mine.client.post(mine.at(f"/rewards/{mask.id}"), data=sent).headers["Location"].endswith("?done=again")
    assert available(session, mali.customer) == 100


def test_the_same_key_of_somebody_else_buys_for_them(
    session: Session, clinic: Clinic, mine: Browser, browser_of: Callable[[Customer], Browser]
) -> None:
    mask = make_reward(session, clinic, "mask", 50)
    ken = member(session, clinic, "b")
    his = browser_of(ken.customer)
    sent = asked(mine.page(f"/rewards/{mask.id}"))
    first = mine.client.post(mine.at(f"/rewards/{mask.id}"), data=sent)
    second = his.client.post(his.at(f"/rewards/{mask.id}"), data=sent | {"form": his.token()})
    assert first.headers["Location"] != second.headers["Location"]
    assert available(session, ken.customer) == 50


def test_what_is_bought_in_the_chat_is_on_the_page(
    session: Session, clinic: Clinic, mali: LineLink, mine: Browser
) -> None:
    mask = make_reward(session, clinic, "mask", 50)
    points.award_points(session, mali.customer, 5, "HydraFacial", now=real())
    bought = rewards.redeem(session, mali.customer, mask.id, real(), key=f"{mask.id}:0a0b0c0d")
    session.commit()
    sent = {"form": mine.token(), "points": 50, "nonce": "0a0b0c0d"}
    answer = mine.client.post(mine.at(f"/rewards/{mask.id}"), data=sent)
    assert answer.headers["Location"] == f"/portal/aura/redemptions/{bought.id}"


def asked(page: Read) -> dict[str, object]:
    """What the first question of a page sends."""
    return {str(one["name"]): one["value"] for one in page.hidden[:3]}


def redeem(browser: Browser, reward: UUID) -> TestResponse:
    return browser.client.post(browser.at(f"/rewards/{reward}"), data=asked(browser.page(f"/rewards/{reward}")))
