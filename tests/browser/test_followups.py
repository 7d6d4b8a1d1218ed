"""What the clinic says unasked, seen at the desk: planned, sent when the clock gets there, left out, and why."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from runtime.language import Language
from tests.browser.conftest import LAPTOP, PHONE
from tests.browser.newcomer import EN, TH, by_day, desk, greeted, said
from tests.browser.test_booking import Screen
from tests.browser.till import TOLD
from tests.fixtures.installation import Installation

WORDS = {"th": "เจอกัน {appointmentTime} นะคะ", "en": "See you at {appointmentTime}"}
NOTHING = {"th": "ยังไม่มีอะไรวางแผนไว้", "en": "Nothing is planned yet"}
PLANNED = {"th": ("วางแผนไว้", "เตือนนัด", r"อีก [12] วัน"), "en": ("planned", "reminder of an appointment", r"in [12] d")}
SENT, LEFT_OUT = {"th": "ส่งแล้ว", "en": "sent"}, {"th": "ไม่เป็นอย่างนั้นแล้ว", "en": "it is no longer so"}
SIZES = {"th": PHONE, "en": LAPTOP}
MOMENTS = 12
"""Of others, which may come before it."""


@pytest.fixture
def rule(installation: Installation) -> Iterator[str]:
    """The name of one that reminds of appointments."""
    scopes = [f"--scope=followup:{scope}" for scope in ("read", "write", "activate")]
    secret = installation.flask("api-keys", "create", "aura", "Rules", *scopes).split()[-1]
    template = {"message": WORDS["th"], "texts": {"en": {"message": WORDS["en"]}}}
    name = "A day before"
    asked = {"name": name, "type": "appointment_reminder", "channels": ["line"], "active": True}
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=f"{installation.url}/api/followup", headers=headers, trust_env=False) as api:
        made = api.post("/rules", json={**asked, "template": template})
        assert made.is_success, made.text
        yield name
        api.delete(f"/rules/{made.json()['id']}").raise_for_status()


@pytest.mark.parametrize("language", [TH, EN], ids=["thai", "english"])
def test_the_story_of_a_reminder(
    page: Page, installation: Installation, tmp_path: Path, rule: str, language: Language
) -> None:
    installation.flask("richmenus", "sync")
    by_day(installation)
    screen, t = Screen(page, installation, language, tmp_path), language
    page.get_by_test_id("follow").click()
    greeted(page, t)
    page.set_viewport_size({"width": SIZES[t.code][0], "height": SIZES[t.code][1]})
    with desk(page):
        page.get_by_test_id("followups").locator("summary").click()
        expect(page.get_by_test_id("followups-none")).to_contain_text(NOTHING[t.code])
    screen.books_by_the_link(t.code, 3)
    with desk(page):
        story = ours(page, rule)
        expect(story).to_have_attribute("data-status", "planned", timeout=TOLD)
        state, kind, span = PLANNED[t.code]
        expect(story.get_by_test_id("followup-state")).to_have_text(state)
        expect(story).to_contain_text(kind)
        expect(story.get_by_test_id("followup-when")).to_contain_text(re.compile(span))
        expect(page.locator(".clock-waits")).to_contain_text(kind)
        page.get_by_test_id("followups").scroll_into_view_if_needed()
        screen.look("planned")
        due = due_at(page, installation)
        for _ in range(MOMENTS):  # what is due before it goes first, and more of it may be planned meanwhile
            if now(installation) >= due:
                break
            moves(page)
        expect(story.get_by_test_id("followup-way")).to_contain_text(f"LINE: {SENT[t.code]}", timeout=TOLD)
        page.get_by_test_id("followups").scroll_into_view_if_needed()
        screen.look("sent")
    expect(said(page)).to_contain_text("14:00", timeout=TOLD)
    screen.look("arrived")
    with desk(page):
        number = installation.simulator.get("/sim/booking").json()["bookings"][0]["number"]
        installation.simulator.post(f"/sim/booking/{number}/cancel", json={}).raise_for_status()
        expect(story).to_have_attribute("data-status", "sent")  # what was said stays said
    screen.books_by_the_link(t.code, 5)
    with desk(page):
        expect(ours(page, rule)).to_have_attribute("data-status", "planned", timeout=TOLD)
        number = installation.simulator.get("/sim/booking").json()["bookings"][0]["number"]
        installation.simulator.post(f"/sim/booking/{number}/cancel", json={}).raise_for_status()
        expect(ours(page, rule)).to_have_attribute("data-status", "cancelled", timeout=TOLD)
        expect(ours(page, rule)).to_contain_text(LEFT_OUT[t.code])
        page.get_by_test_id("followups").scroll_into_view_if_needed()
        screen.look("cancelled")


def ours(page: Page, rule: str) -> Locator:
    """The first of this rule: what is ahead stands before what is over."""
    return page.get_by_test_id("followup").filter(has_text=rule).first


def due_at(page: Page, installation: Installation) -> datetime:
    """Of the first that is planned for whoever holds the phone."""
    person = page.evaluate("localStorage.getItem('simulator.person')")
    got = installation.simulator.get(f"/sim/people/{person}/followups").raise_for_status().json()
    return datetime.fromisoformat(got["ahead"][0]["dueAt"])


def now(installation: Installation) -> datetime:
    return datetime.fromisoformat(installation.simulator.get("/sim/clock").raise_for_status().json()["now"])


def moves(page: Page) -> None:
    """To the next moment at which something is due."""
    with page.expect_response(lambda got: got.url.endswith("/sim/clock") and got.request.method == "PUT"):
        page.get_by_test_id("clock-next").click()
