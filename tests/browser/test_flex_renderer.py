"""The simulator draws Flex Messages as LINE documents them: measured in a real browser, not compared with pictures."""

import pytest
from playwright.sync_api import Page

from tests.browser.flexing import Flex, box, bubble, text

PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
THAI = "ขอบคุณที่ไว้วางใจให้เราดูแลผิวของคุณ นัดครั้งต่อไปคือวันอังคารที่ 3 กุมภาพันธ์ เวลาสิบโมงเช้า ที่สาขาทองหล่อ"


@pytest.fixture
def flex(page: Page, static_site: str) -> Flex:
    page.goto(f"{static_site}/blank")
    return Flex(page)


@pytest.mark.parametrize(
    ("size", "width"),
    [("nano", 120), ("micro", 160), ("deca", 220), ("hecto", 241), ("kilo", 260), ("mega", 300), (None, 300)],
)
def test_bubble_has_the_width_of_its_size(flex: Flex, size: str | None, width: int) -> None:
    flex.draw(bubble(text()) | ({"size": size} if size else {}))
    assert flex.box(".fx-bubble")["width"] == width


def test_giga_takes_what_the_phone_has(flex: Flex) -> None:
    flex.draw(bubble(text(), size="giga"), width=340)
    assert flex.box(".fx-bubble")["width"] == 340


def test_row_is_shared_by_flex_and_evenly_without_it(flex: Flex) -> None:
    flex.draw(bubble(text("a", flex=1), text("b", flex=2), layout="horizontal"))
    assert [flex.box(".fx-text", i)["width"] for i in (0, 1)] == [100, 200]
    flex.draw(bubble(text("short"), text("a much longer word here"), text("b"), layout="horizontal"))
    assert [flex.box(".fx-text", i)["width"] for i in (0, 1, 2)] == [100, 100, 100]


def test_flex_zero_is_as_wide_as_its_words(flex: Flex) -> None:
    flex.draw(bubble(text("ok", flex=0), text("the rest"), layout="horizontal"))
    first, rest = flex.box(".fx-text", 0), flex.box(".fx-text", 1)
    assert first["width"] < 40
    assert first["width"] + rest["width"] == pytest.approx(300, abs=0.5)


def test_spacing_is_between_components_and_margin_replaces_it(flex: Flex) -> None:
    flex.draw(bubble(box("horizontal", text(), text(), text(margin="none"), spacing="md")))
    left = [flex.box(".fx-text", i) for i in (0, 1, 2)]
    assert left[0]["x"] == flex.box(".fx-bubble")["x"]
    assert left[1]["x"] - (left[0]["x"] + left[0]["width"]) == pytest.approx(8, abs=0.1)
    assert left[2]["x"] - (left[1]["x"] + left[1]["width"]) == pytest.approx(0, abs=0.1)


def test_column_spaces_downwards_and_stretches_across(flex: Flex) -> None:
    flex.draw(bubble(box("vertical", text(), text(margin="xxl"), spacing="sm")))
    above, below = flex.box(".fx-text", 0), flex.box(".fx-text", 1)
    assert below["y"] - (above["y"] + above["height"]) == pytest.approx(20, abs=0.1)
    assert below["width"] == 300


def test_box_with_a_width_keeps_it_in_a_row(flex: Flex) -> None:
    bar = box("vertical", box("vertical", width="40%", height="6px"), backgroundColor="#EEEEEE")
    flex.draw(bubble(box("horizontal", box("vertical", text(), width="72px"), box("vertical", text())), bar))
    assert flex.box(".fx-horizontal > .fx-box", 0)["width"] == 72
    assert flex.box(".fx-horizontal > .fx-box", 1)["width"] == 228
    inner = flex.box(".fx-body > .fx-box > .fx-vertical > .fx-box")
    assert (inner["width"], inner["height"]) == (120, 6)


def test_paddings_borders_and_corners(flex: Flex) -> None:
    inner = box("vertical", text(), paddingAll="lg", paddingStart="20px", borderWidth="medium", borderColor="#123456",
                cornerRadius="md", backgroundColor="#ABCDEF80")  # fmt: skip
    flex.draw(bubble(inner))
    place = ".fx-box .fx-box"
    assert flex.style(place, "paddingTop") == "12px"
    assert flex.style(place, "paddingLeft") == "20px"
    assert flex.style(place, "borderTopWidth") == "2px"
    assert flex.style(place, "borderTopColor") == "rgb(18, 52, 86)"
    assert flex.style(place, "borderTopLeftRadius") == "8px"
    assert flex.style(place, "backgroundColor").startswith("rgba(171, 205, 239, 0.5")


def test_gradient_and_its_middle(flex: Flex) -> None:
    background = {"type": "linearGradient", "angle": "90deg", "startColor": "#000000", "centerColor": "#00FF00",
                  "centerPosition": "30%", "endColor": "#FFFFFF"}  # fmt: skip
    flex.draw(bubble(box("vertical", text(), background=background)))
    wanted = "linear-gradient(90deg, rgb(0, 0, 0), rgb(0, 255, 0) 30%, rgb(255, 255, 255))"
    assert flex.style(".fx-box .fx-box", "backgroundImage") == wanted


def test_absolute_box_stands_at_its_offsets(flex: Flex) -> None:
    mark = box("vertical", text(), position="absolute", offsetTop="10px", offsetEnd="16px", width="30px", height="20px")
    flex.draw(bubble(box("vertical", mark, height="100px")))
    outer, inner = flex.box(".fx-bubble"), flex.box(".fx-box .fx-box .fx-box")
    assert inner["y"] - outer["y"] == 10
    assert outer["x"] + outer["width"] - (inner["x"] + inner["width"]) == 16


def test_free_space_is_arranged_by_justify_and_align(flex: Flex) -> None:
    row = box("horizontal", text("a", flex=0), text("b", flex=0), justifyContent="space-between", alignItems="flex-end",
              height="80px")  # fmt: skip
    flex.draw(bubble(row))
    first, second, outer = flex.box(".fx-text", 0), flex.box(".fx-text", 1), flex.box(".fx-bubble")
    assert first["x"] == outer["x"]
    assert second["x"] + second["width"] == pytest.approx(outer["x"] + 300, abs=0.1)
    assert first["y"] + first["height"] == pytest.approx(outer["y"] + 80, abs=0.1)


def test_filler_pushes_and_gravity_sinks(flex: Flex) -> None:
    flex.draw(bubble(box("horizontal", text("a", flex=0), {"type": "filler"}, text("b", flex=0))))
    last = flex.box(".fx-text", 1)
    assert last["x"] + last["width"] == pytest.approx(flex.box(".fx-bubble")["x"] + 300, abs=0.1)
    flex.draw(bubble(box("horizontal", text("up"), text("down", gravity="bottom"), height="90px")))
    assert flex.box(".fx-text > p", 1)["y"] > flex.box(".fx-text > p", 0)["y"] + 50


def test_baseline_puts_large_and_small_on_one_line(flex: Flex) -> None:
    flex.draw(bubble(box("baseline", text("1,250", size="xxl", flex=0), text("แต้ม", size="sm", flex=0))))
    bottom = """node => { const mark = document.createElement("span"); mark.style.display = "inline-block";
                node.append(mark); return mark.getBoundingClientRect().bottom; }"""
    lines = [flex.page.locator("#root .fx-text > p").nth(i).evaluate(bottom) for i in (0, 1)]
    assert lines[0] == pytest.approx(lines[1], abs=0.6)


def test_text_wraps_only_when_asked(flex: Flex) -> None:
    flex.draw(bubble(text(THAI)))
    one = flex.box(".fx-text")["height"]
    flex.draw(bubble(text(THAI, wrap=True)))
    assert flex.box(".fx-text")["height"] > 2.5 * one
    paragraph = flex.page.locator("#root .fx-text > p")
    assert paragraph.evaluate("node => node.scrollWidth <= node.clientWidth")
    flex.draw(bubble(text(THAI, wrap=True, maxLines=2)))
    assert flex.box(".fx-text")["height"] == pytest.approx(2 * one, abs=4)


def test_line_breaks_and_the_space_between_lines(flex: Flex) -> None:
    flex.draw(bubble(text("one\ntwo\nthree", wrap=True)))
    plain = flex.box(".fx-text")["height"]
    flex.draw(bubble(text("one\ntwo\nthree", wrap=True, lineSpacing="10px")))
    assert flex.box(".fx-text")["height"] == pytest.approx(plain + 20, abs=1)


def test_letters_follow_size_weight_colour_and_spans(flex: Flex) -> None:
    spans = [{"type": "span", "text": "1,250", "size": "xxl", "weight": "bold", "color": "#8E5A6D"},
             {"type": "span", "text": " old", "decoration": "line-through", "style": "italic"}]  # fmt: skip
    flex.draw(bubble(text("ignored", size="sm", color="#555555", align="end", contents=spans)))
    assert flex.page.locator("#root .fx-text").inner_text() == "1,250 old"
    assert flex.style(".fx-text > p", "textAlign") == "end"
    assert [flex.style(".fx-span", "fontSize", i) for i in (0, 1)] == ["29px", "14px"]
    assert flex.style(".fx-span", "fontWeight") == "700"
    assert flex.style(".fx-span", "color") == "rgb(142, 90, 109)"
    assert flex.style(".fx-span", "textDecorationLine", 1) == "line-through"


def test_text_that_looks_like_a_page_stays_text(flex: Flex) -> None:
    attack = "<img src=x onerror='window.broken=1'><b>hi</b>"
    button = {"type": "button", "action": {"type": "postback", "label": attack, "data": "x"}}
    flex.draw(bubble(text(attack, wrap=True), button, {"type": "mystery", "note": attack}))
    assert flex.page.locator("#root b, #root img").count() == 0
    assert flex.page.locator("#root .fx-text").inner_text() == attack
    assert flex.page.evaluate("window.broken") is None


def test_colours_and_lengths_can_carry_nothing_else(flex: Flex) -> None:
    wicked = {"backgroundColor": "red;position:fixed", "width": "calc(1px)", "paddingAll": "var(--x)"}
    flex.draw(bubble(box("vertical", text(), **wicked)))
    place = ".fx-box .fx-box"
    assert flex.style(place, "backgroundColor") == "rgba(0, 0, 0, 0)"
    assert flex.style(place, "paddingTop") == "0px"
    assert flex.box(place)["width"] == 300


@pytest.mark.parametrize(("height", "pixels"), [("sm", 40), ("md", 52), (None, 52)])
def test_button_heights_and_styles(flex: Flex, height: str | None, pixels: int) -> None:
    action = {"type": "postback", "label": "แลกแต้ม", "data": "redeem"}
    more = {"height": height} if height else {}
    primary = {"type": "button", "style": "primary", "color": "#8E5A6D", "action": action, **more}
    flex.draw(bubble(primary, {"type": "button", "style": "secondary", "action": action, **more},
                     {"type": "button", "action": action, "color": "#123456", **more}))  # fmt: skip
    assert [flex.box(".fx-button", i)["height"] for i in (0, 1, 2)] == [pixels] * 3
    assert flex.style(".fx-button", "backgroundColor", 0) == "rgb(142, 90, 109)"
    assert flex.style(".fx-button", "backgroundColor", 1) == "rgb(220, 223, 229)"
    assert flex.style(".fx-button", "color", 2) == "rgb(18, 52, 86)"


def test_picture_has_its_size_and_ratio(flex: Flex) -> None:
    hero = {"type": "image", "url": PIXEL, "size": "full", "aspectRatio": "20:13", "aspectMode": "cover"}
    flex.draw(bubble({"type": "image", "url": PIXEL, "size": "xs", "align": "start"}) | {"hero": hero})
    top, small = flex.box(".fx-hero .fx-picture"), flex.box(".fx-body .fx-picture")
    assert (top["width"], top["height"]) == (300, 195)
    assert (small["width"], small["height"]) == (60, 60)
    assert small["x"] == flex.box(".fx-bubble")["x"]
    assert flex.style(".fx-hero img", "objectFit") == "cover"


def test_picture_over_plain_http_from_elsewhere_is_named_not_fetched(flex: Flex) -> None:
    flex.draw(bubble({"type": "image", "url": "http://pictures.example/a.png"}))
    assert flex.page.locator("#root img").count() == 0
    assert flex.page.locator("#root .fx-missing").inner_text() == "http://pictures.example/a.png"


def test_separator_lies_across_a_column_and_stands_in_a_row(flex: Flex) -> None:
    flex.draw(bubble(text(), {"type": "separator", "margin": "md", "color": "#FF0000"}, text()))
    line = flex.box(".fx-separator")
    assert (line["width"], line["height"]) == (300, 1)
    assert flex.style(".fx-separator", "backgroundColor") == "rgb(255, 0, 0)"
    flex.draw(bubble(box("horizontal", text(), {"type": "separator"}, text(), height="40px")))
    line = flex.box(".fx-separator")
    assert (line["width"], line["height"]) == (1, 40)


def test_block_styles_colour_and_separate(flex: Flex) -> None:
    flex.draw({"type": "bubble", "header": box("vertical", text()), "body": box("vertical", text()),
               "footer": box("vertical", text()),
               "styles": {"header": {"backgroundColor": "#102030"}, "footer": {"separator": True}}})  # fmt: skip
    assert flex.style(".fx-header", "backgroundColor") == "rgb(16, 32, 48)"
    assert flex.page.locator("#root .fx-bubble > .fx-separator").count() == 1
    assert flex.style(".fx-header > .fx-box", "paddingTop") == "20px"
    assert flex.style(".fx-footer > .fx-box", "paddingTop") == "10px"


def test_carousel_slides_and_its_bubbles_are_equally_high(flex: Flex) -> None:
    bubbles = [bubble(text("a"), size="kilo"), bubble(text(THAI, wrap=True), size="kilo")]
    flex.draw({"type": "carousel", "contents": bubbles})
    first, second = flex.box(".fx-bubble", 0), flex.box(".fx-bubble", 1)
    assert first["height"] == second["height"]
    assert second["x"] - (first["x"] + first["width"]) == 9
    assert flex.page.locator("#root .fx-carousel").evaluate("row => row.scrollWidth > row.clientWidth")


def test_what_is_not_known_is_shown_with_its_name_and_content(flex: Flex) -> None:
    flex.draw(bubble({"type": "hologram", "depth": 3}))
    shown = flex.page.get_by_test_id("flex-unknown")
    assert shown.locator(".fx-unknown-name").inner_text() == "hologram"
    assert '"depth": 3' in shown.inner_text()


def test_taps_reach_the_innermost_action_once(flex: Flex) -> None:
    outer = {"type": "message", "label": "outer", "text": "outer"}
    inner = {"type": "postback", "label": "inner", "data": "inner"}
    flex.draw(bubble(box("vertical", text("read me"), {"type": "button", "action": inner}, action=outer)))
    flex.page.get_by_role("button", name="inner", exact=True).click()
    assert flex.heard == [inner]
    flex.page.locator("#root .fx-text").click()
    assert flex.heard == [inner, outer]


def test_keyboard_can_tap_what_a_finger_can(flex: Flex) -> None:
    action = {"type": "uri", "label": "map", "uri": "https://maps.example/"}
    flex.draw(bubble(text("แผนที่", action=action)))
    flex.page.keyboard.press("Tab")
    flex.page.keyboard.press("Enter")
    assert flex.heard == [action]


def test_shrink_to_fit_makes_the_letters_smaller(flex: Flex) -> None:
    flex.draw(bubble(text("ราคาพิเศษเฉพาะสมาชิกระดับแพลทินัมเท่านั้นในเดือนนี้", adjustMode="shrink-to-fit", size="xl")))
    smaller = "parseFloat(getComputedStyle(document.querySelector('#root .fx-text > p')).fontSize) < 22"
    flex.page.wait_for_function(smaller)
    line = flex.page.locator("#root .fx-text > p")
    assert line.evaluate("node => node.scrollWidth <= node.clientWidth + 1")
