"""`python -m tests.browser.picture` takes the README's picture, docs/pictures/simulator.png, of the real product.

Mali joins, shows her card, pays at the till and asks for her points.
"""

import shutil
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from local.place import prepare, temporary
from tests.browser.conftest import ROOT, launch
from tests.browser.newcomer import TH, ask_for_points, by_day, join, meet, menu_is, refuse_offers, said
from tests.browser.till import find, open_till, show_card
from tests.fixtures.installation import installed

PICTURE = ROOT / "docs" / "pictures" / "simulator.png"
SIZE = (1360, 1090)
LARGEST = 400_000


def play(page: Page, address: str) -> None:
    """Everything that the picture shows the end of."""
    meet(page, address)
    join(page)
    refuse_offers(page)
    menu_is(page, "bronze-th")
    open_till(page)
    find(page, " ".join(show_card(page)))
    page.get_by_test_id("till-amount").fill("12000")
    page.get_by_test_id("till-pay").click()
    expect(page.get_by_test_id("till-receipts")).to_be_visible()
    expect(said(page)).to_contain_text(TH("You are {tier} now", tier=TH("Silver")), timeout=30_000)
    menu_is(page, "silver-th")
    ask_for_points(page, "แต้ม", 1700)
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")


def take(address: str, file: Path) -> None:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        if browser is None:
            raise SystemExit("There is no Chromium: install it, or name it with CHROMIUM.")
        page = browser.new_page(
            viewport={"width": SIZE[0], "height": SIZE[1]}, locale="th-TH", reduced_motion="reduce"
        )  # fmt: skip
        play(page, address)
        file.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=file)
        browser.close()


def main() -> None:
    print("Starting the product; this takes half a minute.")  # noqa: T201
    own = prepare(temporary("bna-picture-"))
    running = installed(own)
    try:
        running.healthy()
        running.flask("richmenus", "sync")
        by_day(running)
        take(running.plan.simulator, PICTURE)
    finally:
        running.close()
        shutil.rmtree(own.data)
    size = PICTURE.stat().st_size
    print(f"{PICTURE.relative_to(ROOT)}: {size // 1000} kB")  # noqa: T201
    if size > LARGEST:
        raise SystemExit(f"That is more than {LARGEST // 1000} kB: take a smaller one.")


if __name__ == "__main__":
    main()
