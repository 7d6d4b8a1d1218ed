"""Tiers: decided by total points."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty import tiers
from models.clinic_settings import Tiers

DEFAULT = Tiers().steps


@pytest.mark.parametrize(
    ("total", "name", "progress"),
    [
        (-50, "bronze", "0.00"),
        (0, "bronze", "0.00"),
        (999, "bronze", "99.90"),
        (1_000, "silver", "0.00"),
        (2_000, "silver", "50.00"),
        (3_000, "gold", "0.00"),
        (7_000, "platinum", "0.00"),
        (15_000, "diamond", "100"),
        (99_999, "diamond", "100"),
    ],
)
def test_total_points_decide(total: int, name: str, progress: str) -> None:
    assert tiers.tier_for(DEFAULT, total).name == name
    assert tiers.progress(DEFAULT, total) == Decimal(progress)


def test_benefits_are_those_promised() -> None:
    assert [(tier.discount, str(tier.multiplier)) for tier in DEFAULT] == [
        (5, "1"), (8, "1.5"), (10, "2"), (12, "2.5"), (15, "3"),
    ]  # fmt: skip


@given(st.integers(0, 20_000))
def test_progress_is_a_percentage_and_never_runs_ahead(total: int) -> None:
    assert 0 <= tiers.progress(DEFAULT, total) <= 100
    above = tiers.next_tier(DEFAULT, total)
    assert above is None or above.threshold > total
