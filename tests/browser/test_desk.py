"""What stands beside the phone: the clock, the wire, the faults, the languages, the groups."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import MALI, Line
from tests.browser.flexing import bubble
from tests.browser.screen import postback, say, text


def test_clock_is_moved_and_shown_in_the_buddhist_era(phone: Page, line: Line) -> None:
    phone.get_by_test_id("desk-open").click()
    phone.get_by_test_id("clock-month").click()
    expect(phone.get_by_test_id("clock-offset")).to_have_text("เร็วกว่าเวลาจริง 30 วัน")
    there = datetime.fromisoformat(line.clinic.now).astimezone(ZoneInfo("Asia/Bangkok"))
    expect(phone.get_by_test_id("clock-date")).to_have_text(re.compile(rf"ที่ {there.day} \S+ {there.year + 543}$"))
    phone.get_by_test_id("clock-tomorrow").click()
    expect(phone.get_by_test_id("clock-tomorrow")).to_be_enabled()
    tomorrow = (there + timedelta(days=1)).date().isoformat()
    assert line.clinic.moves == [{"advance_seconds": 2592000}, {"at": f"{tomorrow}T10:00:00+07:00"}]


def test_wire_shows_what_was_said_as_json(phone: Page) -> None:
    say(phone, "ดูสาย")
    phone.get_by_test_id("desk-open").click()
    row = phone.get_by_test_id("wire-row").first
    expect(row).to_contain_text("webhook: message (text)")
    row.locator("summary").click()
    expect(row.locator(".json").first).to_contain_text('"text": "ดูสาย"')


def test_fault_is_armed_from_the_desk(phone: Page, line: Line) -> None:
    phone.get_by_test_id("desk-open").click()
    phone.get_by_test_id("faults").locator("summary").click()
    phone.get_by_test_id("fault-kind").select_option("error_500")
    phone.get_by_test_id("fault-on").select_option("push")
    phone.get_by_test_id("fault-set").click()
    expect(phone.get_by_test_id("faults").get_by_role("status")).to_contain_text("500")
    answer = line.http.post("/v2/bot/message/push", json={"to": MALI, "messages": [text("x")]})
    assert answer.status_code == 500


def test_frame_speaks_english_when_asked_and_the_chat_stays(phone: Page) -> None:
    say(phone, "คำของลูกค้า")
    phone.get_by_test_id("desk-open").click()
    phone.get_by_test_id("language").click()
    phone.keyboard.press("Escape")
    expect(phone.get_by_test_id("composer")).to_have_attribute("placeholder", "Type a message")
    expect(phone.get_by_test_id("chat")).to_contain_text("คำของลูกค้า")


def test_frame_speaks_the_language_of_the_browser_until_another_is_chosen(browser: Browser, line: Line) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(line.url)
    expect(page.get_by_test_id("follow")).to_have_text("Add friend")
    page.get_by_test_id("language").click()
    page.reload()
    expect(page.get_by_test_id("follow")).to_have_text("เพิ่มเพื่อน")
    context.close()


def test_keyboard_stays_in_a_sheet_and_escape_gives_it_back(phone: Page) -> None:
    phone.get_by_test_id("chat-menu").focus()
    phone.keyboard.press("Enter")
    sheet = phone.get_by_test_id("sheet")
    expect(sheet.locator(":focus")).to_have_count(1)
    phone.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(phone.get_by_test_id("chat-menu")).to_be_focused()


def test_a_tap_in_the_group_is_said_by_the_member_or_told_by_the_switch(phone: Page, line: Line) -> None:
    made = line.http.post("/sim/groups", json={"name": "ทีมงาน", "members": [MALI]}).json()
    group_id = line.clinic.heard("join")["source"]["groupId"]
    assert made == {"group_id": group_id}
    phone.get_by_test_id("group").click()
    source = {"type": "group", "groupId": group_id, "userId": MALI}
    claim = {"type": "button", "action": {"type": "message", "label": "รับเรื่อง", "text": "รับ A7K2"}}
    line.push(group_id, {"type": "flex", "altText": "มีสายต้องโทร", "contents": bubble(claim)})
    phone.get_by_role("button", name="รับเรื่อง").click()
    heard = line.clinic.heard("message")
    assert (heard["message"]["text"], heard["source"]) == ("รับ A7K2", source)
    expect(phone.locator(".mine")).to_contain_text("รับ A7K2")
    phone.get_by_test_id("chat-menu").click()
    with phone.expect_response("**/sim/switches"):
        phone.get_by_test_id("tell-taps").click()
    line.push(group_id, text("มีสายต้องโทร", postback("โทรแล้ว")))
    phone.get_by_test_id("quick-reply").click()
    assert line.clinic.heard("postback")["source"] == source


def test_staff_group_is_made_and_seen_through_each_member(phone: Page, line: Line) -> None:
    phone.get_by_test_id("person-add").click()
    phone.get_by_test_id("group-form").locator("summary").click()
    phone.get_by_test_id("group-name").fill("ทีมงาน")
    for name in ("Mali", "Ken"):
        phone.get_by_label(name, exact=True).check()
    phone.get_by_test_id("group-save").click()
    group_id = line.clinic.heard("join")["source"]["groupId"]
    expect(phone.get_by_test_id("head-name")).to_have_text("ทีมงาน")
    line.push(group_id, text("มีสายต้องโทร", postback("รับเรื่อง", displayText="รับเรื่องแล้ว")))
    phone.get_by_test_id("quick-reply").click()
    assert line.clinic.heard("postback")["source"] == {"type": "group", "groupId": group_id}
    expect(phone.locator(".mine")).to_contain_text("รับเรื่องแล้ว")
    phone.get_by_test_id("be-ken").click()
    expect(phone.get_by_test_id("head-note")).to_contain_text("Ken")
    expect(phone.locator(".mine")).to_have_count(0)
    expect(phone.locator(".theirs").last).to_contain_text("Mali")
    phone.get_by_test_id("person-mali").click()
    expect(phone.get_by_test_id("head-name")).to_have_text("Aura Clinic")


def test_at_a_computer_there_are_no_quick_replies(phone: Page, line: Line, tmp_path: Path) -> None:
    people = [{"name": "Somsak", "language": "th"}, {"name": "Fon", "language": "th", "device": "pc"}]
    staff = [line.http.post("/sim/people", json=one).json()["user_id"] for one in people]
    line.http.post("/sim/groups", json={"name": "ทีมงาน", "members": staff})
    group_id = line.clinic.heard("join")["source"]["groupId"]
    phone.get_by_test_id("group").click()
    line.push(group_id, text("มีสายต้องโทร", postback("รับเรื่อง")))
    expect(phone.get_by_test_id("head-note")).to_contain_text("Somsak")
    expect(phone.get_by_test_id("quick-reply")).to_be_visible()
    phone.screenshot(path=tmp_path / "somsak.png")
    phone.get_by_test_id("be-fon").click()
    expect(phone.get_by_test_id("head-note")).to_contain_text("Fon · LINE บนคอมพิวเตอร์")
    expect(phone.get_by_test_id("chat")).to_contain_text("มีสายต้องโทร")
    expect(phone.get_by_test_id("quick-reply")).to_have_count(0)
    phone.screenshot(path=tmp_path / "fon.png")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    order = phone.locator("#people .chip-name").all_inner_texts()
    assert order == ["Mali", "Ken", "ทีมงาน", "Somsak", "Fon"]


def test_a_refusal_is_said_in_the_language_of_the_screen(phone: Page, line: Line, tmp_path: Path) -> None:
    phone.get_by_test_id("chat-menu").click()
    with phone.expect_response("**/sim/switches"):
        phone.get_by_test_id("refuse-joins").click()
    for words in ("LINE ไม่ให้คลินิกเข้ากลุ่ม", "LINE does not let the clinic in"):
        phone.get_by_test_id("person-add").click()
        phone.get_by_test_id("group-form").locator("summary").click()
        phone.get_by_test_id("group-name").fill("ทีมงาน")
        phone.get_by_label("Mali", exact=True).check()
        phone.get_by_test_id("group-save").click()
        expect(phone.get_by_test_id("toasts")).to_contain_text(words)
        phone.screenshot(path=tmp_path / "refused.png")
        phone.get_by_test_id("desk-open").click()
        phone.get_by_test_id("language").click()
        phone.keyboard.press("Escape")
    assert line.http.get("/sim/state").json()["groups"] == []


def test_the_clock_says_what_waits_and_goes_there(phone: Page, line: Line, tmp_path: Path) -> None:
    bangkok = ZoneInfo("Asia/Bangkok")
    morning = (datetime.now(bangkok) + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    line.clinic.waits = [{"until": morning.isoformat(), "what": "messages", "why": "quiet_hours", "count": 2}]
    expect(phone.get_by_test_id("desk-open")).to_contain_text("รอ 2")
    phone.get_by_test_id("desk-open").click()
    waits = phone.get_by_test_id("clock-waits")
    expect(waits).to_contain_text("รอส่ง 2 ข้อความ")
    expect(waits).to_contain_text("09:00 เพราะช่วง 21:00–09:00 คลินิกส่งเฉพาะเรื่องที่รอไม่ได้")
    phone.screenshot(path=tmp_path / "waits.png")
    line.clinic.waits = []
    phone.get_by_test_id("clock-next").click()
    expect(waits).to_have_text("ไม่มีอะไรรอเวลาอยู่")
    (moved,) = line.clinic.moves
    assert datetime.fromisoformat(moved["at"]) == morning + timedelta(seconds=1)


def test_going_back_in_time_asks_first(phone: Page, line: Line, tmp_path: Path) -> None:
    phone.get_by_test_id("desk-open").click()
    phone.get_by_test_id("clock-now").click()
    expect(phone.get_by_test_id("clock-now")).to_be_enabled()
    assert len(line.clinic.moves) == 1  # it is now already: nothing is gone back to
    phone.get_by_test_id("clock-week").click()
    expect(phone.get_by_test_id("clock-offset")).to_contain_text("7 วัน")
    phone.get_by_test_id("clock-now").click()
    expect(phone.get_by_test_id("clock-ask")).to_be_visible()
    phone.screenshot(path=tmp_path / "asks.png")
    phone.get_by_test_id("clock-back-not").click()
    expect(phone.get_by_test_id("clock-ask")).to_have_count(0)
    expect(phone.get_by_test_id("clock-offset")).to_contain_text("7 วัน")
    phone.get_by_test_id("clock-now").click()
    phone.get_by_test_id("clock-back").click()
    expect(phone.get_by_test_id("clock-offset")).to_have_text("ตรงกับเวลาจริง")
    assert len(line.clinic.moves) == 3


def test_the_guide_folds_at_the_first_follow_and_opens_again(page: Page, line: Line, tmp_path: Path) -> None:
    page.goto(line.url)
    steps = page.get_by_test_id("guide").get_by_role("listitem")
    expect(steps).to_have_count(3)
    page.get_by_test_id("follow").click()
    expect(page.get_by_test_id("composer")).to_be_visible()
    expect(steps).to_have_count(0)
    page.screenshot(path=tmp_path / "folded.png")
    page.reload()
    expect(page.get_by_test_id("composer")).to_be_visible()
    expect(steps).to_have_count(0)
    page.get_by_test_id("guide").locator("summary").click()
    expect(steps).to_have_count(3)
    page.get_by_test_id("guide-done").click()
    expect(page.get_by_test_id("guide")).to_be_hidden()


def test_the_till_has_its_name_on_a_phone_and_is_open_behind_it(phone: Page) -> None:
    expect(phone.get_by_test_id("desk-open")).to_contain_text("เครื่องคิดเงิน")
    phone.get_by_test_id("desk-open").click()
    expect(phone.get_by_test_id("till")).to_have_attribute("open", "")
    expect(phone.get_by_test_id("till").locator("h3")).to_be_in_viewport()
