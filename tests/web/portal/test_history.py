"""The ledger as its owner reads it: each line's why, what there was after it, its parts, its pages, its file."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty import points, rewards
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.loyalty import PointTransaction
from runtime.clock import real
from runtime.language import Language
from tests.fixtures.clinic import make_clinic
from tests.fixtures.rewards import make_reward
from tests.web.portal.conftest import PORTAL, Browser, member
from web.portal import history

THEN = datetime.fromisoformat("2026-03-05T12:00:00+07:00")


@pytest.fixture
def full(session: Session, clinic: Clinic, mali: LineLink) -> LineLink:
    """Mali with a line of each part, the welcome points being the newest or not."""
    points.award_points(session, mali.customer, 900, "HydraFacial", now=real())
    rewards.redeem(session, mali.customer, make_reward(session, clinic, price=600).id, real(), key="k")
    points.adjust_points(session, mali.customer, 25, "We are sorry", now=real(), actor="staff")
    session.commit()
    return mali


def test_each_line_says_why_and_what_was_left(full: LineLink, mine: Browser) -> None:
    said = mine.page("/history").said
    day = Language("en").date(real())
    for line in (
        f"We are sorry {day} +25 Balance 425",
        f"Reward: A mask {day} −600 Balance 400",
        f"HydraFacial {day} +900 Balance 1,000",
        f"Welcome points {day} +100 Balance 100",
    ):
        assert line in said
    assert said.index("We are sorry") < said.index("Reward: A mask") < said.index("Welcome points")


@pytest.mark.parametrize(
    ("part", "there", "gone"),
    [
        ("earned", ("We are sorry", "HydraFacial", "Balance 425"), ("Reward: A mask",)),
        ("spent", ("Reward: A mask", "Balance 400"), ("HydraFacial", "We are sorry")),
        ("expired", ("There is nothing here yet.",), ("Balance",)),
    ],
)
def test_a_part_of_it_keeps_the_balances(
    full: LineLink, mine: Browser, part: str, there: tuple[str, ...], gone: tuple[str, ...]
) -> None:
    said = mine.page(f"/history?show={part}").said
    assert all(one in said for one in there), said
    assert not any(one in said for one in gone), said


def test_what_has_expired_is_there_before_any_night(session: Session, mali: LineLink, mine: Browser) -> None:
    long_ago = real() - timedelta(days=1_200)
    points.award_points(session, mali.customer, 70, "long ago", now=long_ago)
    session.commit()
    assert "−70 Balance" in mine.page("/history?show=expired").said
    assert "100 points to spend" in mine.page("").said


def test_an_empty_one(session: Session, clinic: Clinic, browser_of: Callable[[Customer], Browser]) -> None:
    clinic.own_settings = {"portal": PORTAL, "points": {"welcome": 0}}
    page = browser_of(member(session, clinic, "b").customer).page("/history")
    assert "There is nothing here yet." in page.said
    assert "/portal/aura/history/file" not in page.links


def test_pages_go_on_where_the_last_ended(session: Session, mali: LineLink, mine: Browser) -> None:
    for number in range(history.A_PAGE * 2):
        points.award_points(session, mali.customer, 1, f"n{number:02}.", now=real())
    session.commit()
    read, path, seen = [], "/history?show=earned", 0
    while path:
        page = mine.page(path)
        read += [word for word in page.said.split() if word.startswith("n") and word.endswith(".")]
        further = [one for one in page.links if "before=" in one]
        path, seen = further[0].removeprefix("/portal/aura") if further else "", seen + 1
        assert "show=earned" in path or not path
    assert seen == 3
    assert read == [f"n{number:02}." for number in reversed(range(history.A_PAGE * 2))]
    assert "Balance 140 n38." in mine.page("/history").said


def test_a_place_that_is_none_of_ones_own_is_nothing(
    session: Session, clinic: Clinic, full: LineLink, mine: Browser
) -> None:
    other = make_clinic(session, "glow", portal=PORTAL)
    for stranger in (member(session, clinic, "b"), member(session, other, "c")):
        line = session.scalars(
            select(PointTransaction).where(PointTransaction.customer_id == stranger.customer_id)
        ).one()
        mine.page(f"/history?before={line.id}", 404)
    mine.page(f"/history?before={uuid4()}", 404)
    for wrong in ("before=x", "before=", "show=all", "show=", "show=%27"):
        mine.page(f"/history?{wrong}", 400)


def sheet(browser: Browser) -> tuple[Any, list[list[str]]]:
    answer = browser.client.get(browser.at("/history/file"))
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return answer, list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_all_of_it_as_a_file(session: Session, mali: LineLink, mine: Browser) -> None:
    points.award_points(session, mali.customer, 50, "=1+1", now=THEN)
    points.award_points(session, mali.customer, 60, 'กรอผิว "พิเศษ", 1', now=THEN)
    session.commit()
    answer, lines = sheet(mine)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="points-20')
    assert answer.headers["Cache-Control"] == "no-store"
    assert lines[0] == ["Date", "Time", "What for", "Points", "Balance"]
    assert [line[2:] for line in lines[1:]] == [
        ["Welcome points", "100", "210"],
        ['กรอผิว "พิเศษ", 1', "60", "110"],
        ["'=1+1", "50", "50"],
    ]
    assert lines[2][:2] == ["2026-03-05", "12:00"]
    mali.customer.language = "th"
    session.commit()
    assert sheet(mine)[1][0] == ["วันที่", "เวลา", "รายการ", "แต้ม", "คงเหลือ"]


def test_a_long_one_says_where_the_rest_is(full: LineLink, mine: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST", 2)
    lines = sheet(mine)[1]
    assert len(lines) == 4
    assert lines[-1][2].startswith("What is older stands in the copy of your data")


def test_inside_line_there_is_no_download(full: LineLink, browser_of: Callable[..., Browser]) -> None:
    assert "/portal/aura/history/file" in browser_of(full.customer, "login").page("/history").links
    assert "/portal/aura/history/file" not in browser_of(full.customer, "liff").page("/history").links
