"""The gallery: in the clinic's own words, in the customer's language, and of secrets nothing but their number."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from facts.paid import paid
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.rewards import AchievementUnlock
from runtime.clock import real
from tests.fixtures.clinic import make_clinic
from tests.loyalty.goals import add
from tests.web.portal.conftest import PORTAL, Browser, member

SPENT = {"metric": "total_spent", "at_least": 10_000}
TEXTS = {
    "en": {"name": "Big <spender>", "description": "Ten thousand baht"},
    "th": {"name": "สายเปย์", "description": "ครบหนึ่งหมื่นบาท"},
}


def test_where_the_clinic_has_none(mine: Browser) -> None:
    assert "There are no achievements here yet." in mine.page("/achievements").said


def test_under_way_in_the_clinics_words(session: Session, clinic: Clinic, mali: LineLink, mine: Browser) -> None:
    add(session, clinic, "spender", SPENT, texts=TEXTS, points_reward=50, badge_icon="💎")
    session.commit()
    said = mine.page("/achievements").said
    assert "In progress 💎 Big <spender> Ten thousand baht" in said
    assert "฿0 / ฿10,000 +50 points" in said
    assert "Unlocked" not in said
    mali.customer.language = "th"
    session.commit()
    assert "สายเปย์ ครบหนึ่งหมื่นบาท" in mine.page("/achievements").said


def test_of_secrets_there_is_their_number(session: Session, clinic: Clinic, mine: Browser) -> None:
    add(session, clinic, "owl", SPENT, secret=True, texts={"en": {"name": "Night owl", "description": "at night"}})
    add(session, clinic, "lark", SPENT, secret=True, badge_icon="🐦")
    session.commit()
    page = mine.page("/achievements")
    assert "In progress 2 secrets left Hidden until you reach them." in page.said
    text = mine.client.get(mine.at("/achievements")).text
    for hidden in ("owl", "lark", "night", "🐦", "10,000"):
        assert hidden not in text.lower(), hidden


def test_unlocked_with_its_day_also_a_secret(session: Session, clinic: Clinic, mali: LineLink, mine: Browser) -> None:
    add(session, clinic, "spender", SPENT | {"at_least": 1}, texts=TEXTS, points_reward=0)
    add(session, clinic, "owl", SPENT | {"at_least": 2}, secret=True, texts={"en": {"name": "Night owl"}})
    day = datetime(2026, 3, 5, 12, tzinfo=UTC)
    paid(
        session, mali.customer, source="till", external_id="1", amount=Decimal(500), paid_at=day, service_code=None,
        now=day,
    )  # fmt: skip
    session.commit()
    said = mine.page("/achievements").said
    assert "Big <spender> Ten thousand baht Mar 5, 2026" in said
    assert "Night owl Mar 5, 2026 +10 points" in said
    assert "secret" not in said
    assert "In progress" not in said


def test_what_the_clinic_asked_for_later_unlocks_with_the_first_look(
    session: Session, clinic: Clinic, mali: LineLink, mine: Browser
) -> None:
    paid(
        session, mali.customer, source="till", external_id="1", amount=Decimal(500), paid_at=real(),
        service_code=None, now=real(),
    )  # fmt: skip
    add(session, clinic, "spender", SPENT | {"at_least": 1}, texts=TEXTS)
    session.commit()
    for _again in range(2):
        said = mine.page("/achievements").said
        assert "Unlocked Big <spender>" in said
        assert "+10 points" in said
    assert len(session.scalars(select(AchievementUnlock)).all()) == 1


def test_it_is_ones_own_of_ones_own_clinic(
    session: Session, clinic: Clinic, mine: Browser, browser_of: Callable[[Customer], Browser]
) -> None:
    ken, other = member(session, clinic, "b"), make_clinic(session, "glow", portal=PORTAL)
    add(session, other, "theirs", SPENT, texts={"en": {"name": "Theirs"}})
    add(session, clinic, "spender", SPENT | {"at_least": 1}, texts=TEXTS)
    paid(
        session, ken.customer, source="till", external_id="1", amount=Decimal(500), paid_at=real(), service_code=None,
        now=real(),
    )  # fmt: skip
    session.commit()
    assert "฿0 / ฿1" in mine.page("/achievements").said
    assert "Theirs" not in mine.page("/achievements").said
    assert "Unlocked" in browser_of(ken.customer).page("/achievements").said
