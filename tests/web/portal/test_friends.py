"""One's own code, the ways to hand it on, and how far friends have come: never who they are."""

from collections.abc import Callable
from datetime import timedelta
from html import escape

import pytest
from sqlalchemy.orm import Session

from bot.cards.referrals import chat_link, share_link
from customers.people import meet_on_line
from customers.voice import language_of
from loyalty import referral_pay, referrals
from models.clinics import Clinic
from models.customers import Customer, LineLink
from runtime.clock import real
from tests.fixtures.clinic import make_clinic
from tests.loyalty.bringing import code_of, pay
from tests.web.portal.conftest import PORTAL, Browser, member
from web.pictures import qr_address

LONG_AGO = real() - timedelta(days=30)


@pytest.fixture
def brings(session: Session, clinic: Clinic, mali: LineLink) -> Callable[[str], Customer]:
    """A friend of Mali's who has given her code."""

    def brought(sign: str) -> Customer:
        friend = meet_on_line(session, clinic, "U" + sign * 32, LONG_AGO).customer
        referrals.bind(session, friend, code_of(session, mali.customer), LONG_AGO)
        return friend

    return brought


def test_the_code_and_the_ways_to_hand_it_on(session: Session, clinic: Clinic, mali: LineLink, mine: Browser) -> None:
    code, t = code_of(session, mali.customer), language_of(clinic, mali.customer)
    page = mine.page("/friends")
    assert code in page.said
    assert "you receive 200 points after 7 days" in page.said
    assert "Nobody has used your code yet." in page.said
    assert not any("line.me" in link for link in page.links)
    clinic.line_basic_id = "@aura"
    session.commit()
    page = mine.page("/friends")
    assert share_link(clinic, t, code) in page.links
    chat = chat_link(clinic, t, code)
    assert chat is not None
    assert code in chat
    assert escape(qr_address(chat)) in mine.client.get(mine.at("/friends")).text


def test_friends_stand_by_their_state_with_what_they_bring(
    session: Session, clinic: Clinic, mali: LineLink, mine: Browser, brings: Callable[[str], Customer]
) -> None:
    paid, waiting, _bound = (brings(sign) for sign in "bcd")
    pay(session, paid, now=LONG_AGO)
    referral_pay.pay_due(session, clinic, real())
    clinic.own_settings = clinic.own_settings | {"referral": {"points_referrer": 150}}
    pay(session, waiting, now=real())
    session.commit()
    said = mine.page("/friends").said
    for group in ("Not yet come 1", "Points on their way 1", "Points received 1"):
        assert group in said
    assert "Waiting for their first visit Friend 3, since" in said
    assert said.count("+150 points") == 2
    assert said.count("+200 points") == 1


def test_more_friends_than_are_shown_are_counted(
    session: Session, mine: Browser, brings: Callable[[str], Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.portal.friends.SHOWN", 2)
    for sign in "bcd":
        brings(sign)
    session.commit()
    said = mine.page("/friends").said
    assert "Not yet come 3" in said
    assert "1 friend of before is counted above." in said
    assert "Friend 1," not in said


def test_another_customers_friends_are_theirs(
    session: Session, clinic: Clinic, brings: Callable[[str], Customer], browser_of: Callable[[Customer], Browser]
) -> None:
    brings("b")
    ken = member(session, clinic, "c")
    assert "Nobody has used your code yet." in browser_of(ken.customer).page("/friends").said


def test_where_it_is_off_there_is_no_such_page(
    session: Session, browser_of: Callable[[Customer], Browser], mine: Browser
) -> None:
    quiet = make_clinic(session, "quiet", portal=PORTAL, referral={"enabled": False})
    session.commit()
    hers = browser_of(member(session, quiet, "q").customer)
    hers.page("/friends", 404)
    assert "/portal/quiet/friends" not in hers.page("").links
    assert {"/portal/quiet/rewards", "/portal/quiet/card"} <= set(hers.page("").links)
    assert "/portal/aura/friends" in mine.page("").links
