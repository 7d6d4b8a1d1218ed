"""Replying to a message and writing by hand, on a screen of a phone's size."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import MALI, Line
from tests.browser.flexing import bubble
from tests.browser.screen import items, newest, say


def in_group(page: Page, line: Line) -> str:
    group = line.http.post("/sim/groups", json={"name": "ทีมงาน", "members": [MALI]}).json()["group_id"]
    page.get_by_test_id("group").filter(has_text="ทีมงาน").click()
    return str(group)


def alert(line: Line, to: str) -> str:
    card = {"type": "flex", "altText": "มะลิขอคุยกับทีมงาน", "contents": bubble({"type": "text", "text": "มะลิขอคุย"})}
    answer = line.http.post("/v2/bot/message/push", json={"to": to, "messages": [card]})
    return str(answer.json()["sentMessages"][0]["id"])


def test_a_long_press_offers_to_reply_and_the_webhook_says_to_what(phone: Page, line: Line, tmp_path: Path) -> None:
    card = alert(line, in_group(phone, line))
    shown = items(phone, "flex").last
    expect(shown).to_contain_text("มะลิขอคุย")
    shown.click(button="right")
    phone.get_by_test_id("reply").click()
    expect(phone.get_by_test_id("quoting")).to_contain_text("มะลิขอคุยกับทีมงาน")
    phone.screenshot(path=tmp_path / "replying.png")
    say(phone, "บ่ายสองว่างค่ะ")
    assert line.clinic.heard("message")["message"]["quotedMessageId"] == card
    expect(phone.get_by_test_id("quoting")).to_be_hidden()
    expect(newest(phone).get_by_test_id("quoted")).to_contain_text("มะลิขอคุยกับทีมงาน")
    say(phone, "ไม่ได้ตอบใคร")
    assert "quotedMessageId" not in line.clinic.heard("message")["message"]
    phone.screenshot(path=tmp_path / "replied.png")


def test_a_finger_that_rests_on_a_message_offers_it_too(phone: Page, line: Line) -> None:
    alert(line, in_group(phone, line))
    shown = items(phone, "flex").last
    touch = {"pointerType": "touch", "bubbles": True, "isPrimary": True}
    shown.dispatch_event("pointerdown", touch)
    expect(phone.get_by_test_id("reply")).to_be_visible()
    shown.dispatch_event("pointerup", touch)


def test_a_reply_is_put_away_by_its_cross_and_by_another_chat(phone: Page, line: Line) -> None:
    say(phone, "สวัสดี")
    newest(phone).click(button="right")
    phone.get_by_test_id("reply").click()
    phone.get_by_test_id("quoting-close").click()
    expect(phone.get_by_test_id("quoting")).to_be_hidden()
    newest(phone).click(button="right")
    phone.get_by_test_id("reply").click()
    phone.get_by_test_id("person-ken").click()
    expect(phone.get_by_test_id("quoting")).to_be_hidden()


def test_what_is_written_in_the_manager_arrives_and_the_clinic_hears_nothing(
    phone: Page, line: Line, tmp_path: Path
) -> None:
    say(phone, "มีใครอยู่ไหมคะ")
    line.clinic.heard("message")
    phone.get_by_test_id("desk-open").click()
    phone.get_by_test_id("manager").locator("summary").click()
    expect(phone.get_by_test_id("manager-lines")).to_contain_text("มีใครอยู่ไหมคะ")
    expect(phone.get_by_test_id("manager-who")).to_have_value(MALI)
    phone.get_by_test_id("manager-text").fill("อยู่ค่ะ พรุ่งนี้บ่ายสองว่างนะคะ")
    phone.get_by_test_id("manager-send").click()
    expect(phone.get_by_test_id("manager-lines")).to_contain_text("พรุ่งนี้บ่ายสองว่าง")
    phone.get_by_test_id("manager").scroll_into_view_if_needed()
    phone.screenshot(path=tmp_path / "manager.png")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.get_by_test_id("desk-close").click()
    expect(newest(phone)).to_contain_text("พรุ่งนี้บ่ายสองว่าง")
    assert line.clinic.events.empty()


def test_the_manager_says_what_it_cannot(phone: Page, line: Line) -> None:
    phone.get_by_test_id("desk-open").click()
    phone.get_by_test_id("manager").locator("summary").click()
    expect(phone.get_by_test_id("manager-who")).to_have_value(MALI)
    phone.get_by_test_id("manager-text").fill("?")
    line.http.post(f"/sim/people/{MALI}/unfollow", json={})
    phone.get_by_test_id("manager-who").select_option(label="Ken")
    expect(phone.get_by_test_id("manager-who").locator("option")).to_have_count(1)
