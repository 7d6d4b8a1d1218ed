"""The simulator's screen, driven as a person drives it; what it does is checked at the clinic's end of the wire."""

from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import FilePayload, Page, expect

from simulator.contents import png
from tests.browser.conftest import DESKTOP, KEN, MALI, Line
from tests.browser.screen import items, newest, postback, say, text

MENU_SIZE = (2500, 1686)


def hang_menu(line: Line, *areas: dict[str, Any]) -> None:
    width, height = MENU_SIZE
    body = {"size": {"width": width, "height": height}, "selected": True, "name": "test", "chatBarText": "เมนู",
            "areas": list(areas)}  # fmt: skip
    menu = line.http.post("/v2/bot/richmenu", json=body).json()["richMenuId"]
    picture = png(width, height, (142, 90, 109))
    put = line.http.post(f"/v2/bot/richmenu/{menu}/content", content=picture, headers={"Content-Type": "image/png"})
    assert put.status_code == 200, put.text
    assert line.http.post(f"/v2/bot/user/all/richmenu/{menu}").status_code == 200


def test_newcomer_is_told_three_things_once(page: Page, line: Line) -> None:
    page.goto(line.url)
    guide = page.get_by_test_id("guide")
    expect(guide.get_by_role("listitem")).to_have_count(3)
    expect(guide).to_contain_text("เพิ่มเพื่อน")
    expect(guide).to_contain_text("Add friend")
    page.get_by_test_id("guide-done").click()
    expect(guide).to_be_hidden()
    page.reload()
    expect(page.get_by_test_id("follow")).to_be_visible()
    expect(guide).to_be_hidden()


@pytest.mark.parametrize("size", [(390, 844), (360, 640), DESKTOP])
def test_everything_fits_the_window(page: Page, line: Line, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(line.url)
    expect(page.get_by_test_id("follow")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    guide, follow = page.get_by_test_id("guide").bounding_box(), page.get_by_test_id("follow").bounding_box()
    assert guide is not None and follow is not None
    assert guide["y"] + guide["height"] <= follow["y"] or guide["x"] >= follow["x"] + follow["width"]


def test_words_go_out_and_answers_arrive_without_reloading(phone: Page, line: Line) -> None:
    say(phone, "สวัสดีค่ะ อยากทราบแต้มสะสม")
    heard = line.clinic.heard("message")
    assert heard["message"]["text"] == "สวัสดีค่ะ อยากทราบแต้มสะสม"
    expect(phone.get_by_test_id("composer")).to_have_value("")
    token = heard["message"]["markAsReadToken"]
    assert line.http.post("/v2/bot/chat/markAsRead", json={"markAsReadToken": token}).status_code == 200
    expect(items(phone, "text").last.locator(".seen")).to_have_text("อ่านแล้ว")
    line.push(MALI, text("คุณมี 1,250 แต้มค่ะ"))
    expect(newest(phone)).to_contain_text("คุณมี 1,250 แต้มค่ะ")
    expect(newest(phone)).to_be_in_viewport()


def test_loading_dots_until_the_answer(phone: Page, line: Line) -> None:
    line.http.post("/v2/bot/chat/loading/start", json={"chatId": MALI, "loadingSeconds": 20})
    expect(phone.get_by_test_id("loading")).to_be_visible()
    line.push(MALI, text("ค่ะ"))
    expect(phone.get_by_test_id("loading")).to_be_hidden()


def test_text_that_looks_like_a_page_stays_text(phone: Page, line: Line) -> None:
    attack = "<img src=x onerror='window.broken=1'><script>window.broken=1</script>"
    line.push(MALI, text(attack))
    expect(newest(phone).locator(".bubble")).to_have_text(attack)
    assert phone.evaluate("window.broken") is None


def test_long_words_wrap_inside_the_phone(phone: Page, line: Line) -> None:
    thai = "ขอบคุณที่ไว้วางใจให้เราดูแลผิวของคุณ" * 6
    line.push(MALI, text(thai), text("https://clinic.example/" + "a" * 200))
    expect(phone.locator(".bubble")).to_have_count(2)
    for bubble in phone.locator(".bubble").all():
        box = bubble.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390 - 40
        assert bubble.evaluate("node => node.scrollWidth <= node.clientWidth")
    assert phone.locator("#scroller").evaluate("node => node.scrollWidth <= node.clientWidth")


def test_quick_replies_vanish_when_something_newer_is_there(phone: Page, line: Line) -> None:
    line.push(MALI, text("เลือกได้เลย", postback("แต้ม", displayText="ดูแต้ม"), postback("ช่วย")))
    expect(phone.get_by_test_id("quick-reply")).to_have_count(2)
    phone.get_by_test_id("quick-reply").first.click()
    assert line.clinic.heard("postback")["postback"]["data"] == "tap-แต้ม"
    expect(newest(phone)).to_contain_text("ดูแต้ม")
    expect(phone.get_by_test_id("quick-replies")).to_be_hidden()
    line.push(MALI, text("อีกครั้ง", postback("แต้ม")))
    expect(phone.get_by_test_id("quick-reply")).to_be_visible()
    line.push(MALI, text("ข้อความใหม่กว่า"))
    expect(phone.get_by_test_id("quick-replies")).to_be_hidden()


def test_menu_areas_lie_exactly_where_their_bounds_say(phone: Page, line: Line) -> None:
    width, height = MENU_SIZE
    right = {"x": 1667, "y": 843, "width": 833, "height": 843}
    hang_menu(
        line,
        {"bounds": {"x": 0, "y": 0, "width": 1667, "height": 843}, "action": postback("แต้ม", displayText="แต้มของฉัน")},
        {"bounds": right, "action": postback("ช่วย")},
    )
    picture = phone.get_by_test_id("rich-menu-image")
    expect(picture).to_be_visible()
    whole, area = picture.bounding_box(), phone.get_by_test_id("rich-menu-area").nth(1).bounding_box()
    assert whole is not None and area is not None
    assert whole["width"] / whole["height"] == pytest.approx(width / height, rel=0.01)
    scale = whole["width"] / width
    assert area["x"] - whole["x"] == pytest.approx(right["x"] * scale, abs=0.6)
    assert area["y"] - whole["y"] == pytest.approx(right["y"] * scale, abs=0.6)
    assert area["width"] == pytest.approx(right["width"] * scale, abs=0.6)
    phone.get_by_test_id("rich-menu-area").first.click()
    assert line.clinic.heard("postback")["postback"]["data"] == "tap-แต้ม"
    expect(newest(phone)).to_contain_text("แต้มของฉัน")
    phone.get_by_test_id("menu-toggle").click()
    expect(picture).to_be_hidden()


def test_stickers_and_places_are_sent(phone: Page, line: Line) -> None:
    phone.get_by_test_id("stickers").click()
    phone.get_by_test_id("sticker-446-1988").click()
    assert line.clinic.heard("message")["message"]["stickerId"] == "1988"
    expect(items(phone, "sticker")).to_have_count(1)
    phone.get_by_test_id("attach").click()
    phone.get_by_test_id("attach-location").click()
    phone.get_by_test_id("sheet").locator(".choice").first.click()
    assert line.clinic.heard("message")["message"]["latitude"] == pytest.approx(13.7462)


def test_picture_is_sent_and_shown(phone: Page, line: Line) -> None:
    photo: FilePayload = {"name": "skin.png", "mimeType": "image/png", "buffer": png(40, 30, (200, 10, 10))}
    phone.get_by_test_id("file").set_input_files(photo)
    message = line.clinic.heard("message")["message"]
    assert message["type"] == "image"
    assert line.http.get(f"/v2/bot/message/{message['id']}/content").content == photo["buffer"]
    shown = items(phone, "image").locator("img")
    expect(shown).to_be_visible()
    assert shown.evaluate("picture => picture.naturalWidth") == 40


def test_date_is_picked_inside_its_limits(phone: Page, line: Line) -> None:
    picker = {"type": "datetimepicker", "label": "เลือกวัน", "data": "move", "mode": "date", "initial": "2027-02-03",
              "min": "2027-02-01", "max": "2027-02-28"}  # fmt: skip
    line.push(MALI, text("วันไหนดีคะ", picker))
    phone.get_by_test_id("quick-reply").click()
    field = phone.get_by_test_id("date-input")
    expect(field).to_have_value("2027-02-03")
    assert (field.get_attribute("min"), field.get_attribute("max")) == ("2027-02-01", "2027-02-28")
    field.fill("2027-02-14")
    phone.get_by_test_id("date-ok").click()
    assert line.clinic.heard("postback")["postback"]["params"] == {"date": "2027-02-14"}


def test_postback_can_open_the_keyboard_with_words_in_it(phone: Page, line: Line) -> None:
    line.push(MALI, text("รหัส?", postback("พิมพ์", inputOption="openKeyboard", fillInText="REF ")))
    phone.get_by_test_id("quick-reply").click()
    expect(phone.get_by_test_id("composer")).to_have_value("REF ")
    expect(phone.get_by_test_id("composer")).to_be_focused()


def test_shared_invitation_opens_on_the_friends_phone(phone: Page, line: Line) -> None:
    invitation = quote("มาด้วยกัน https://line.me/R/oaMessage/%40aura/?REF%20MALI7", safe="")
    share = {"type": "uri", "label": "แชร์", "uri": f"https://line.me/R/share?text={invitation}"}
    line.push(MALI, text("ชวนเพื่อน", share))
    phone.get_by_test_id("quick-reply").click()
    phone.get_by_test_id("open-as-ken").click()
    expect(phone.get_by_test_id("person-ken")).to_have_attribute("aria-pressed", "true")
    expect(phone.get_by_test_id("composer")).to_have_value("REF MALI7")
    phone.get_by_test_id("send").click()
    heard = line.clinic.heard("message")
    assert (heard["source"]["userId"], heard["message"]["text"]) == (KEN, "REF MALI7")


def test_own_message_can_be_taken_back(phone: Page, line: Line) -> None:
    say(phone, "พิมพ์ผิด")
    message_id = line.clinic.heard("message")["message"]["id"]
    items(phone, "text").last.locator(".item-menu").click()
    phone.get_by_test_id("unsend").click()
    assert line.clinic.heard("unsend")["unsend"]["messageId"] == message_id
    expect(items(phone, "unsent")).to_have_count(1)
    expect(phone.get_by_test_id("chat")).not_to_contain_text("พิมพ์ผิด")


def test_blocked_clinic_is_silent_until_unblocked(phone: Page, line: Line) -> None:
    phone.get_by_test_id("chat-menu").click()
    phone.get_by_test_id("block").click()
    line.clinic.heard("unfollow")
    expect(phone.get_by_test_id("composer")).to_be_hidden()
    line.push(MALI, text("ไม่ถึง"))
    phone.get_by_test_id("unblock").click()
    assert line.clinic.heard("follow")["follow"]["isUnblocked"] is True
    expect(phone.get_by_test_id("composer")).to_be_visible()
    expect(phone.get_by_test_id("chat")).not_to_contain_text("ไม่ถึง")


def test_other_customers_wait_with_a_count_and_keep_their_own_chat(phone: Page, line: Line) -> None:
    line.push(KEN, text("Hello Ken"))
    ken = phone.get_by_test_id("person-ken")
    expect(ken.locator(".badge")).to_have_text("1")
    expect(phone.get_by_test_id("chat")).not_to_contain_text("Hello Ken")
    ken.click()
    expect(newest(phone)).to_contain_text("Hello Ken")
    expect(ken.locator(".badge")).to_have_count(0)


def test_customer_is_added_and_has_a_phone_at_once(phone: Page) -> None:
    phone.get_by_test_id("person-add").click()
    phone.get_by_test_id("person-name").fill("Nobody")
    phone.get_by_test_id("person-language").select_option("en")
    phone.get_by_test_id("person-save").click()
    expect(phone.get_by_test_id("person-nobody")).to_have_attribute("aria-pressed", "true")
    expect(phone.get_by_test_id("follow")).to_be_visible()
