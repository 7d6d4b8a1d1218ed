"""What the browser tests share: one Chromium, and a loopback server for pages that need no product behind them.

Without a Chromium the tests are skipped and say so; with CI=true that is a failure instead, so that the pictures a
customer sees are never silently untested.
"""

import functools
import os
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PHONE = (390, 844)
DESKTOP = (1440, 900)


def _installed(playwright: Playwright) -> Path | None:
    """The system's Chromium, or the one that `playwright install chromium` brought."""
    own = Path(playwright.chromium.executable_path)
    return next((path for path in (CHROMIUM, own) if path.exists()), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = _installed(playwright)
        if chromium is None:
            reason = f"NO BROWSER: there is no Chromium at {CHROMIUM}; what people see on the screen is NOT tested"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        opened = playwright.chromium.launch(executable_path=str(chromium), args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A phone-sized page that reports every error of its scripts as a failure of the test."""
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, locale="th-TH")
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


class _Quiet(SimpleHTTPRequestHandler):
    """The simulator's static files, and an empty page at /blank. The policy is stricter than the simulator needs."""

    def do_GET(self) -> None:
        if self.path != "/blank":
            super().do_GET()
            return
        body = b'<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/static/base.css">'
        body += b'<link rel="stylesheet" href="/static/flex.css"><div id="root"></div>'
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
        self.send_header("Content-Security-Policy", policy)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's own name
        """Requests of a test are of no interest."""


@pytest.fixture(scope="session")
def static_site() -> Iterator[str]:
    """Address of a server with the simulator's static files under /static and an empty page at /blank."""
    handler = functools.partial(_Quiet, directory=str(ROOT / "simulator"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()
