"""A code is shown to whom it belongs while it can be used, says what became of it, and is given back once."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from loyalty import points, redemptions, rewards
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.loyalty import PointLot
from models.rewards import Redemption
from runtime.clock import real
from runtime.codes import spaced
from tests.fixtures.clinic import make_clinic
from tests.fixtures.rewards import available, make_reward
from tests.web.portal.conftest import PORTAL, Browser, member
from web.pictures import qr_address

DAY = timedelta(days=1)
Buy = Callable[..., Redemption]


@pytest.fixture
def buy(session: Session, clinic: Clinic, mali: LineLink) -> Buy:
    def bought(code: str = "mask", price: int = 10, at: datetime | None = None, **values: object) -> Redemption:
        reward = make_reward(session, clinic, code, price, **values)
        found = rewards.redeem(session, mali.customer, reward.id, at or real())
        session.commit()
        return found

    return bought


def test_a_code_is_shown_large_with_its_picture(mine: Browser, buy: Buy) -> None:
    bought = buy()
    page = mine.page(f"/redemptions/{bought.id}")
    assert page.texts["h1"] == ["A mask"]
    assert spaced(bought.code) in page.said
    assert "Good until" in page.said
    assert "make your screen brighter" in page.said
    assert qr_address(bought.code) in mine.client.get(mine.at(f"/redemptions/{bought.id}")).text


def test_another_customers_code_is_nothing(
    session: Session, clinic: Clinic, mine: Browser, buy: Buy, browser_of: Callable[[Customer], Browser]
) -> None:
    bought = buy()
    glow = make_clinic(session, "glow", portal=PORTAL)
    session.commit()
    for other in (member(session, clinic, "b"), member(session, glow, "c")):
        theirs = browser_of(other.customer)
        for id_ in (bought.id, uuid4()):
            theirs.page(f"/redemptions/{id_}", 404)
            theirs.page(f"/redemptions/{id_}/cancel", 404)
            assert theirs.send(f"/redemptions/{id_}/cancel").status_code == 404
        assert "You have not redeemed anything yet." in theirs.page("/redemptions").said
        assert "A mask" not in theirs.page(f"/redemptions?before={bought.id}").said
    session.refresh(bought)
    assert bought.state == "issued"


def test_giving_back_is_asked_and_done_once(session: Session, mali: LineLink, mine: Browser, buy: Buy) -> None:
    bought = buy(price=30)
    here = f"/redemptions/{bought.id}"
    said = mine.page(f"{here}/cancel").said
    assert "Cancel this reward?" in said
    assert "30 points come back to you. The code can no longer be used." in said
    assert available(session, mali.customer) == 70
    answer = mine.send(f"{here}/cancel", of=f"{here}/cancel")
    assert answer.headers["Location"] == f"/portal/aura{here}?done=cancelled"
    assert mine.send(f"{here}/cancel").headers["Location"] == f"/portal/aura{here}"
    assert available(session, mali.customer) == 100
    said = mine.page(f"{here}?done=cancelled").said
    assert "Cancelled. Its points are yours again." in said
    assert "Cancelled on" in said
    assert spaced(bought.code) not in said
    assert mine.client.get(mine.at(f"{here}/cancel")).headers["Location"] == f"/portal/aura{here}"


@pytest.mark.parametrize(
    ("price", "back", "said"),
    [
        (500, 0, "Its points had expired already."),
        (550, 50, "Those of its points that had not expired are yours again."),
    ],
)
def test_points_that_are_past_their_last_day_do_not_come_back(
    session: Session, mali: LineLink, mine: Browser, buy: Buy, price: int, back: int, said: str
) -> None:
    """A lot lives thirty days more once something returns to it, once."""
    points.award_points(session, mali.customer, 500, "HydraFacial", now=real() - 400 * DAY)
    session.execute(update(PointLot).where(PointLot.remaining == 500).values(expires_at=real() - 50 * DAY))
    first = buy("first", 500, real() - 60 * DAY, code_days=300)
    redemptions.cancel(session, first, real() - 49 * DAY, actor="customer")
    second = buy("second", price, real() - 25 * DAY, code_days=300)
    before = available(session, mali.customer)
    answer = mine.send(f"/redemptions/{second.id}/cancel")
    assert available(session, mali.customer) - before == back
    assert said in mine.page(answer.headers["Location"].removeprefix("/portal/aura")).said


def test_what_was_used_or_has_lapsed_says_so(session: Session, clinic: Clinic, mine: Browser, buy: Buy) -> None:
    used, lapsed = buy("mask"), buy("peel", at=real() - 40 * DAY)
    redemptions.confirm(session, clinic, used.code, real(), actor="staff:ploy")
    session.commit()
    for one, fate in ((used, "Used on"), (lapsed, "Expired after")):
        said = mine.page(f"/redemptions/{one.id}").said
        assert fate in said
        assert spaced(one.code) not in said
        answer = mine.send(f"/redemptions/{one.id}/cancel")
        assert answer.headers["Location"] == f"/portal/aura/redemptions/{one.id}"


def test_those_that_can_be_used_come_first(session: Session, clinic: Clinic, mine: Browser, buy: Buy) -> None:
    living = buy("old", at=real() - 3 * DAY)
    for number in range(2):
        redemptions.confirm(session, clinic, buy(f"used{number}").code, real(), actor="staff:ploy")
    session.commit()
    page = mine.page("/redemptions")
    order = [page.said.index(f"A {code}") for code in ("old", "used1", "used0")]
    assert order == sorted(order)
    assert page.links.count(f"/portal/aura/redemptions/{living.id}") == 1


def test_a_long_list_comes_in_pages_without_loss(
    session: Session, clinic: Clinic, mali: LineLink, mine: Browser, buy: Buy
) -> None:
    bought = [buy(f"r{number}", 1, real() - number * DAY, code_days=90) for number in range(45)]
    for one in bought[::2]:
        redemptions.cancel(session, one, real(), actor="customer")
    session.commit()
    seen: list[str] = []
    address = "/redemptions"
    while address:
        page = mine.page(address)
        seen += [link for link in page.links if re.search("/redemptions/[0-9a-f-]{36}$", link)]
        nexts = [link for link in page.links if "before=" in link]
        address = nexts[0].removeprefix("/portal/aura") if nexts else ""
    good = [one for one in bought if redemptions.state_of(one, real()) == "issued"]
    assert len(seen) == len(set(seen)) == 45
    assert seen[: len(good)] == [f"/portal/aura/redemptions/{one.id}" for one in good]
    assert seen[0] in mine.page("/redemptions?before=nonsense").links


def test_an_open_page_learns_that_the_code_was_used(session: Session, clinic: Clinic, mine: Browser, buy: Buy) -> None:
    bought = buy()
    before = mine.client.get(mine.at("/now")).json
    redemptions.confirm(session, clinic, bought.code, real(), actor="staff:ploy")
    session.commit()
    assert mine.client.get(mine.at("/now")).json != before
