"""The SQL of `docs/operations.md` is run as it is printed there."""

import re

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from loyalty import points
from models.clinics import Clinic
from models.customers import LineLink
from models.followups import FollowupExecution, FollowupRule
from models.loyalty import LoyaltyProfile
from tests.check.tree import ROOT
from tests.fixtures.clinic import NOW, make_clinic

PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
(RECALCULATED,) = (one for one in RECIPES if one.startswith("UPDATE"))


@pytest.fixture
def ledger(session: Session, clinic: Clinic, mali: LineLink) -> None:
    """Customers of two clinics with entries, one of them in debt, and one without."""
    points.award_points(session, mali.customer, 150, "test", now=NOW)
    points.adjust_points(session, mali.customer, -40, "test", now=NOW, actor="system")
    session.commit()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.split("\n")[0][:40])
def test_every_recipe_runs(session: Session, ledger: None, recipe: str) -> None:
    session.execute(text(recipe))


def test_what_has_failed_is_found(session: Session, clinic: Clinic, mali: LineLink) -> None:
    rule = FollowupRule(
        clinic_id=clinic.id, name="x", type="post_treatment", conditions={}, channels=["line"], created_at=NOW,
        changed_at=NOW,
    )  # fmt: skip
    session.add(rule)
    session.flush()
    for anchor, status in (("a", "failed"), ("b", "sent"), ("c", "failed")):
        session.add(
            FollowupExecution(
                clinic_id=clinic.id, rule_id=rule.id, rule_version=1, customer_id=mali.customer_id, anchor=anchor,
                about_id=mali.customer_id, purpose="care", status=status, due_at=NOW, not_after=NOW, created_at=NOW,
            )
        )  # fmt: skip
    session.flush()
    found = session.execute(text(RECIPES[0])).mappings().all()
    assert sorted(row["anchor"] for row in found) == ["a", "c"]


def test_the_entries_of_a_customer_are_found(session: Session, mali: LineLink, ledger: None) -> None:
    (recipe,) = (one for one in RECIPES if "FROM point_transactions\nWHERE customer_id = '" in one)
    own = re.sub(r"'[0-9a-f-]{36}'", f"'{mali.customer_id}'", recipe)
    assert sorted(row["amount"] for row in session.execute(text(own)).mappings()) == [-40, 150]


def test_recalculated_nothing_changes(session: Session, clinic: Clinic, ledger: None) -> None:
    profiles = select(LoyaltyProfile.customer_id, LoyaltyProfile.available_points).order_by(LoyaltyProfile.customer_id)
    before = session.execute(profiles).all()
    assert [row.available_points for row in before] == [110]
    session.execute(text(RECALCULATED))
    assert session.execute(profiles).all() == before
    # And where a row was changed by hand it comes right.
    session.execute(text("UPDATE loyalty_profiles SET available_points = 7"))
    session.execute(text(RECALCULATED))
    assert session.execute(profiles).all() == before
    assert make_clinic(session, "other").id != clinic.id
