"""The screen in the words of a test."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

Message = dict[str, Any]


def text(words: str, *quick: dict[str, Any]) -> Message:
    message: Message = {"type": "text", "text": words}
    if quick:
        message["quickReply"] = {"items": [{"type": "action", "action": action} for action in quick]}
    return message


def postback(label: str, **more: str) -> dict[str, Any]:
    return {"type": "postback", "label": label, "data": f"tap-{label}", **more}


def items(page: Page, kind: str) -> Locator:
    return page.locator(f'[data-testid="chat-item"][data-type="{kind}"]')


def newest(page: Page) -> Locator:
    return page.get_by_test_id("chat-item").last


def say(page: Page, words: str) -> None:
    page.get_by_test_id("composer").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator("[data-from=user]").last).to_contain_text(words)
