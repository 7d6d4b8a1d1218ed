"""The people of a day at the clinic, each at a phone of their own: a customer, and the staff in their group.

Each step ends when its outcome is on the screen. What the group is told is in the clinic's language, Thai.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from bot.words import wording
from runtime.language import Language
from tests.browser.newcomer import TH, greeted, join, refuse_offers, said, tap, touch_menu
from tests.browser.screen import say
from tests.browser.till import CODE, LIVING, NUMBER, TOLD, later
from tests.fixtures.installation import START_WITHIN, Installation
from tests.fixtures.waiting import eventually


@contextmanager
def answered(page: Page) -> Iterator[None]:
    """The clinic has said something to what is done in the block."""
    before = (said(page).get_attribute("data-seq") or "") if said(page).count() else "nothing yet"
    yield
    expect(said(page)).not_to_have_attribute("data-seq", before, timeout=TOLD)


@dataclass
class Screen:
    """What somebody sees. Each screen is kept in the test's folder, to be looked at."""

    page: Page
    folder: Path
    language: Language = TH
    seen: list[str] = field(default_factory=list)

    def look(self, name: str) -> None:
        self.seen.append(name)
        self.page.screenshot(path=self.folder / f"{len(self.seen):02}-{name}.png")
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def hears(self, *words: str) -> None:
        """The clinic's newest message has these words."""
        for one in words:
            expect(said(self.page)).to_contain_text(one, timeout=TOLD)

    def taps(self, label: str) -> None:
        with answered(self.page):
            tap(self.page, label)


class Customer(Screen):
    """Somebody whom the clinic has not met yet."""

    def sees_all_of_it(self, name: str) -> None:
        """The newest card is seen from its first line to its last button, above the open menu."""
        expect(self.page.get_by_test_id("rich-menu")).to_be_visible()
        expect(said(self.page).locator(".fx-bubble").first).to_be_in_viewport(ratio=1)
        self.look(name)

    def joins(self) -> None:
        t, page = self.language, self.page
        page.get_by_test_id("follow").click()
        greeted(page, t)
        self.look("greeting")
        join(page, t)
        self.look("welcome")
        refuse_offers(page, t)

    def shows_the_card(self) -> str:
        """The number on it. All of the card is seen above the open menu."""
        touch_menu(self.page, self.language("My card"))
        self.hears(self.language("Show this at the counter, or read out the code:"))
        texts = said(self.page).locator(".fx-text")
        expect(texts.filter(has_text=LIVING)).to_be_visible()
        self.sees_all_of_it("card")
        return texts.filter(has_text=NUMBER).inner_text()

    def asks(self, words: str) -> None:
        with answered(self.page):
            say(self.page, words)

    def redeems(self, reward: str, price: int) -> str:
        """The code."""
        t = self.language
        self.asks(wording(t, "rewards"))
        self.hears(reward)
        self.look("rewards")
        offer = said(self.page).locator(".fx-bubble").filter(has_text=reward)
        with answered(self.page):
            offer.get_by_role("button", name=t("Redeem"), exact=True).click()
        self.sees_all_of_it("redeem")
        self.taps(t("Redeem for {points}", points=t.n("{count} point", "{count} points", price)))
        code = said(self.page).locator(".fx-text", has_text=CODE).inner_text()
        self.sees_all_of_it("code")
        return code


class Staff(Screen):
    """The group on a screen, through the eyes of one member after the other."""

    def opens(self) -> None:
        self.page.get_by_test_id("group").filter(has_text="ทีมงาน Aura").click()
        expect(self.page.get_by_test_id("head-name")).to_have_text("ทีมงาน Aura")

    def be(self, who: str) -> None:
        chip = self.page.get_by_test_id(f"be-{who.lower()}")
        chip.click()
        expect(chip).to_have_attribute("aria-pressed", "true")

    def says(self, words: str) -> None:
        with answered(self.page):
            say(self.page, words)

    def button(self, label: str) -> Locator:
        """The newest button of this name in the whole chat, however old the message."""
        return self.page.get_by_test_id("chat").get_by_role("button", name=label, exact=True).last


@contextmanager
def told_together(installation: Installation) -> Iterator[None]:
    """What happens in the block is told after it, in one message, however long it takes: a message that comes of itself
    would stand in front of the answer that is waited for."""
    processes, began = installation.processes, installation.processes.log("worker-send").count("worker ready")
    processes.stop("worker-send")
    try:
        yield
    finally:
        processes.start("worker-send")
        eventually(lambda: processes.log("worker-send").count("worker ready") > began, within=START_WITHIN)
    later(installation)


@contextmanager
def stranger(installation: Installation, name: str) -> Iterator[None]:
    """Somebody of this name is in the staff's group whom nobody has allowed anything."""
    sim = installation.simulator
    user_id = sim.post("/sim/people", json={"name": name, "language": "th"}).json()["user_id"]
    (group,) = (one["group_id"] for one in sim.get("/sim/state").json()["groups"] if one["name"] == "ทีมงาน Aura")
    sim.post(f"/sim/groups/{group}/members", json={"user_id": user_id}).raise_for_status()
    yield
    sim.delete(f"/sim/groups/{group}/members/{user_id}").raise_for_status()
