"""A member's card on the page is the chat's: its number, and a code that our staff's till reads."""

import re
from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from customers import cards, names
from customers.people import meet_on_line
from models.cards import CardCode
from models.clinics import Clinic
from models.customers import Customer, LineLink
from runtime.clock import real
from tests.web.portal.conftest import Browser, member
from web.pictures import qr_address


def test_the_card_says_who_one_is(session: Session, clinic: Clinic, mali: LineLink, mine: Browser) -> None:
    names.call(session, mali.customer, "Mali")
    session.commit()
    page = mine.page("/card")
    number = mali.customer.member_number
    assert number is not None
    assert cards.spaced(number) in page.said
    assert "Bronze" in page.said
    assert "Mali" in page.said
    assert "make your screen brighter" in page.said
    living = re.search(r"\b(?:[0-9A-Z] ){4}[0-9A-Z]\b", page.said)
    assert living is not None
    card = cards.read(living[0])
    assert card is not None
    found = cards.holder(session, clinic, card, real())
    assert found is not None
    assert (found.customer.id, found.proof) == (mali.customer_id, "living")


def test_the_picture_holds_the_whole_code(session: Session, mali: LineLink, mine: Browser) -> None:
    text = mine.client.get(mine.at("/card")).text
    code = cards.living_code(session, mali.customer, real())
    assert qr_address(code.text) in text


def test_the_next_code_is_fetched_before_this_one_is_over(mine: Browser) -> None:
    text = mine.client.get(mine.at("/card")).text
    next_in, left = (int(re.search(rf'data-{name}="(\d+)"', text)[1]) for name in ("next-in", "left"))  # type: ignore[index]
    step = cards.STEP.total_seconds()
    assert 0 < next_in <= step + 1
    assert left - step <= next_in < left


def test_looking_again_writes_nothing_new(session: Session, mine: Browser) -> None:
    for _ in range(3):
        mine.page("/card")
    assert session.scalar(select(func.count()).select_from(CardCode)) in (1, 2)  # a step may begin in between


def test_each_has_their_own_and_a_guest_has_none(
    session: Session, clinic: Clinic, mali: LineLink, mine: Browser, browser_of: Callable[[Customer], Browser]
) -> None:
    ken = member(session, clinic, "b")
    his = browser_of(ken.customer).page("/card").said
    assert cards.spaced(str(ken.customer.member_number)) in his
    assert cards.spaced(str(mali.customer.member_number)) not in his
    guest = meet_on_line(session, clinic, "U" + "c" * 32, real())
    theirs = browser_of(guest.customer)
    for path in ("/card", "/rewards", "/redemptions", "/friends"):
        assert theirs.client.get(theirs.at(path)).headers["Location"] == "/portal/aura/join"
