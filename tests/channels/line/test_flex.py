import json
from typing import Any

import pytest

from channels.line import flex
from channels.line.flex import Flex, LimitExceeded, Palette, check

PALETTE = Palette.of("#8E5A6D")


def card(*body: Flex, alt: str = "แต้มของคุณ 1,250", **rest: Any) -> Flex:
    return {"type": "flex", "altText": alt, "contents": flex.bubble(*body, **rest)}


def points_card() -> Flex:
    return card(
        flex.caption("แต้มที่ใช้ได้"),
        flex.figure("1,250", "แต้ม", color=PALETTE.accent),
        flex.badge("Gold", background=PALETTE.tint, color=PALETTE.accent, margin=flex.GAP),
        flex.progress(42, PALETTE.primary, margin=flex.GAP),
        flex.separator(),
        flex.key_value("สะสมทั้งหมด", "3,400", margin=flex.GAP),
        head=flex.column(flex.title("Gold"), gradient=("#DDB64F", "#B98A1F"), padding=flex.CLOSE),
        buttons=[flex.button("ดูประวัติ", flex.postback("history", "ดูประวัติ"), PALETTE)],
    )


def test_a_whole_card_passes_and_is_plain_json() -> None:
    message = points_card()
    check(message)
    assert json.loads(json.dumps(message)) == message
    assert "null" not in json.dumps(message)


def test_buttons_follow_the_palette() -> None:
    action = flex.postback("points")
    assert flex.button("a", action, PALETTE)["style"] == "primary"
    assert flex.button("a", action, Palette.of("#F2C6D2"))["style"] == "secondary"
    assert flex.button("a", action, PALETTE, "quiet")["color"] == PALETTE.accent
    assert flex.button("ก" * 50, action, PALETTE)["action"]["label"] == "ก" * 39 + "…"
    assert action == {"type": "postback", "data": "points"}, "the caller's action is left as it was"


def test_what_a_button_says_is_never_cut() -> None:
    said = flex.button("รับเรื่อง", flex.message("รับ A7K2"), PALETTE)
    assert said["action"] == {"type": "message", "text": "รับ A7K2", "label": "รับเรื่อง"}
    for words in ("ก" * 301, ""):
        with pytest.raises(LimitExceeded, match="text at action"):
            flex.message(words)


def test_a_fourth_button_is_refused() -> None:
    one = flex.button("a", flex.postback("points"), PALETTE)
    with pytest.raises(LimitExceeded, match="buttons at footer: 4, allowed 3"):
        flex.bubble(flex.text("x"), buttons=[one] * 4)


@pytest.mark.parametrize(("percent", "width"), [(-5, None), (0, None), (0.1, "3%"), (42.4, "42%"), (250, "100%")])
def test_progress(percent: float, width: str | None) -> None:
    filled = flex.progress(percent, "#000000")["contents"]
    assert (filled[0]["width"] if filled else None) == width


def in_flex(action: Flex) -> Flex:
    return card(flex.column(flex.text("x"), action=action))


def in_quick_reply(action: Flex) -> Flex:
    return {"type": "text", "text": "x", "quickReply": {"items": [{"type": "action", "action": action}]}}


def in_template(action: Flex) -> Flex:
    return {"type": "template", "altText": "x", "template": {"type": "buttons", "text": "x", "actions": [action]}}


def labelled(label: str) -> Flex:
    return {**flex.postback("points"), "label": label}


def carousel(bubbles: int, filling: str = "x") -> Flex:
    return {"type": "flex", "altText": "x", "contents": flex.carousel([flex.bubble(flex.text(filling))] * bubbles)}


# The longest message that passes, the shortest that does not, what is named, where.
EDGES: list[tuple[Flex, Flex, str, str]] = [
    ({"type": "text", "text": "ก" * 5000}, {"type": "text", "text": "ก" * 4999 + "😀"}, "text", "text"),
    (card(flex.text("x"), alt="ก" * 1500), card(flex.text("x"), alt="ก" * 1499 + "😀"), "altText", "altText"),
    (in_flex(labelled("ที่" * 40)), in_flex(labelled("ที่" * 41)), "label", "contents.body.contents[0].action.label"),
    (
        in_quick_reply(labelled("ที่" * 20)),
        in_quick_reply(labelled("ที่" * 21)),
        "label",
        "quickReply.items[0].action.label",
    ),
    (in_template(labelled("ที่" * 20)), in_template(labelled("ที่" * 21)), "label", "template.actions[0].label"),
    (
        in_flex(flex.postback("d" * 300)),
        in_flex(flex.postback("d" * 301)),
        "data",
        "contents.body.contents[0].action.data",
    ),
    (
        in_flex(flex.postback("points", "ที่" * 300)),
        in_flex(flex.postback("points", "ที่" * 301)),
        "displayText",
        "contents.body.contents[0].action.displayText",
    ),
    (
        in_flex(flex.message("ที่" * 300)),
        in_flex({"type": "message", "text": "ที่" * 301}),
        "text",
        "contents.body.contents[0].action.text",
    ),
    (in_flex(flex.uri("u" * 1000)), in_flex(flex.uri("u" * 1001)), "uri", "contents.body.contents[0].action.uri"),
    (
        in_quick_reply(flex.clipboard("c" * 1000)),
        in_quick_reply(flex.clipboard("c" * 1001)),
        "clipboardText",
        "quickReply.items[0].action.clipboardText",
    ),
    (carousel(12), carousel(13), "bubbles", "contents"),
    (carousel(10, "ก" * 800), carousel(10, "ก" * 850), "carousel bytes", "contents"),
    (card(flex.text("ก" * 5000)), card(flex.text("ก" * 5000), flex.text("ก" * 200)), "bubble bytes", "contents"),
]


@pytest.mark.parametrize(("longest", "too_long", "what", "where"), EDGES, ids=[f"{e[2]} {e[3]}" for e in EDGES])
def test_limits(longest: Flex, too_long: Flex, what: str, where: str) -> None:
    check(longest)
    with pytest.raises(LimitExceeded) as refused:
        check(too_long)
    assert (refused.value.what, refused.value.where) == (what, where)
    assert refused.value.actual > refused.value.limit


def test_thirteen_quick_replies() -> None:
    item = in_quick_reply(labelled("x"))["quickReply"]["items"][0]
    check({"type": "text", "text": "x", "quickReply": {"items": [item] * 13}})
    with pytest.raises(LimitExceeded, match="quick replies"):
        check({"type": "text", "text": "x", "quickReply": {"items": [item] * 14}})


@pytest.mark.parametrize("message", [{"type": "text", "text": ""}, card(flex.text("")), card(flex.text("x"), alt="")])
def test_an_empty_text_is_refused_as_line_would(message: Flex) -> None:
    with pytest.raises(LimitExceeded, match="empty"):
        check(message)
