"""What LINE would refuse, object by object: each limit at its edge and one beyond."""

# ruff: noqa: E501 - one object, one line: the tables are read across
import json
from typing import Any

import pytest

from simulator.answers import Refused
from simulator.rules.checks import graphemes, utf16
from simulator.rules.messages import checked_messages

POSTBACK = {"type": "postback", "label": "ok", "data": "points"}
TEXT = {"type": "text", "text": "x"}


def refusal(*messages: Any) -> list[tuple[str, str]]:
    """(place, reason) of everything refused; empty when the messages may go."""
    try:
        checked_messages({"messages": list(messages)})
    except Refused as refused:
        return [(one["property"], one["message"]) for one in refused.body["details"]]
    return []


def places(*messages: Any) -> list[str]:
    return [place for place, _ in refusal(*messages)]


def flex(contents: Any) -> dict[str, Any]:
    return {"type": "flex", "altText": "card", "contents": contents}


def bubble(*components: Any, **more: Any) -> dict[str, Any]:
    return {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": list(components)}, **more}


def quick(action: dict[str, Any]) -> dict[str, Any]:
    return TEXT | {"quickReply": {"items": [{"type": "action", "action": action}]}}


def button(action: dict[str, Any]) -> dict[str, Any]:
    return flex(bubble({"type": "button", "action": action}))


def test_lengths_as_line_counts_them() -> None:
    assert utf16("น้ำ") == 3
    assert graphemes("น้ำ") == 1
    assert graphemes("ที่นี่") == 2
    assert (utf16("😀"), graphemes("😀")) == (2, 1)
    assert graphemes("👩🏽‍⚕️👨‍👩‍👧🇹🇭🇬🇧") == 4
    assert graphemes("e\u0301e") == 2


FINE: list[dict[str, Any]] = [
    TEXT,
    {"type": "text", "text": "ก" * 5000},
    {"type": "text", "text": "$ ok", "emojis": [{"index": 0, "productId": "5ac1bfd5040ab15980c9b435", "emojiId": "001"}]},
    {"type": "textV2", "text": "{{hi}} {who}", "substitution": {"who": {"type": "mention", "mentionee": {"type": "all"}}}},
    {"type": "sticker", "packageId": "446", "stickerId": "1988"},
    {"type": "image", "originalContentUrl": "https://a.example/b.png", "previewImageUrl": "http://127.0.0.1:8000/b.png"},
    {"type": "video", "originalContentUrl": "https://a.example/b", "previewImageUrl": "https://a.example/c", "trackingId": "t"},
    {"type": "audio", "originalContentUrl": "https://a.example/b.m4a", "duration": 1000},
    {"type": "location", "title": "t" * 100, "address": "a" * 100, "latitude": 13.7, "longitude": 100.5},
    {"type": "template", "altText": "a", "template": {"type": "confirm", "text": "t" * 240, "actions": [POSTBACK] * 2}},
    {"type": "template", "altText": "a", "template": {"type": "buttons", "text": "t" * 160, "actions": [POSTBACK] * 4}},
    {"type": "template", "altText": "a", "template": {"type": "carousel", "columns": [{"text": "t", "actions": [POSTBACK]}] * 10}},
    {"type": "template", "altText": "a", "template": {"type": "image_carousel", "columns": [{"imageUrl": "https://a.example/", "action": POSTBACK}]}},
    {"type": "imagemap", "baseUrl": "https://a.example/i", "altText": "a", "baseSize": {"width": 1040, "height": 1040}, "actions": []},
    {"type": "coupon", "couponId": "c"},
    TEXT | {"sender": {"name": "พลอย", "iconUrl": "https://a.example/p.png"}},
    TEXT | {"quickReply": {"items": [{"type": "action", "action": POSTBACK | {"label": "น้ำ" * 20}}] * 13}},
    quick({"type": "camera", "label": "c"}),
    quick({"type": "uri", "label": "u", "uri": "tel:021234567"}),
    quick({"type": "message", "label": "m", "text": "น้ำ" * 300}),
    quick({"type": "clipboard", "label": "c", "clipboardText": "x" * 1000}),
    quick({"type": "datetimepicker", "label": "d", "data": "b", "mode": "datetime", "min": "2026-01-01t00:00", "max": "2026-02-01t00:00"}),
    button({"type": "uri", "label": "l" * 40, "uri": "https://line.me/R/oaMessage/%40aura/?REF"}),
]  # fmt: skip


@pytest.mark.parametrize("message", FINE, ids=lambda message: message["type"])
def test_fine(message: dict[str, Any]) -> None:
    assert refusal(message) == []


BAD: list[tuple[dict[str, Any], str]] = [
    ({"type": "song"}, "type"),
    ({"type": "text", "text": ""}, "text"),
    ({"type": "text", "text": "x" * 5001}, "text"),
    ({"type": "text", "text": "😀" * 2501}, "text"),
    ({"type": "text"}, "text"),
    (TEXT | {"altText": "typo"}, "altText"),
    (TEXT | {"emojis": [{"index": 0, "productId": "p", "emojiId": "e"}]}, "emojis[0].index"),
    ({"type": "textV2", "text": "{who}"}, "text"),
    ({"type": "textV2", "text": "{"}, "text"),
    ({"type": "sticker", "packageId": "1", "stickerId": "1"}, "packageId"),
    ({"type": "image", "originalContentUrl": "http://a.example/", "previewImageUrl": "https://a.example/"}, "originalContentUrl"),
    ({"type": "image", "originalContentUrl": "https://a.example/" + "x" * 2000, "previewImageUrl": "https://a.example/"}, "originalContentUrl"),
    ({"type": "audio", "originalContentUrl": "https://a.example/", "duration": 0}, "duration"),
    ({"type": "location", "title": "t" * 101, "address": "a", "latitude": 1, "longitude": 1}, "title"),
    ({"type": "location", "title": "t", "address": "a", "latitude": 91, "longitude": 1}, "latitude"),
    ({"type": "template", "altText": "a", "template": {"type": "confirm", "text": "t", "actions": [POSTBACK]}}, "template.actions"),
    ({"type": "template", "altText": "a", "template": {"type": "buttons", "text": "t" * 161, "actions": [POSTBACK]}}, "template.text"),
    ({"type": "template", "altText": "a", "template": {"type": "buttons", "title": "t", "text": "t" * 61, "actions": [POSTBACK]}}, "template.text"),
    ({"type": "template", "altText": "a", "template": {"type": "buttons", "text": "t", "actions": [POSTBACK] * 5}}, "template.actions"),
    ({"type": "template", "altText": "a", "template": {"type": "buttons", "text": "t", "actions": [{"type": "postback", "data": "d"}]}}, "template.actions[0].label"),
    ({"type": "template", "altText": "a", "template": {"type": "carousel", "columns": [{"text": "t", "actions": [POSTBACK]}] * 11}}, "template.columns"),
    ({"type": "template", "altText": "a", "template": {"type": "carousel", "columns": [{"text": "t", "actions": [POSTBACK] * n} for n in (1, 2)]}}, "template.columns"),
    ({"type": "template", "altText": "a" * 1501, "template": {"type": "confirm", "text": "t", "actions": [POSTBACK] * 2}}, "altText"),
    (flex(bubble(TEXT)) | {"altText": "a" * 1501}, "altText"),
    ({"type": "flex", "contents": bubble(TEXT)}, "altText"),
    (TEXT | {"sender": {"name": "n" * 21}}, "sender.name"),
    (TEXT | {"sender": {"name": "LINE Staff"}}, "sender.name"),
    (TEXT | {"quickReply": {"items": [{"type": "action", "action": POSTBACK}] * 14}}, "quickReply.items"),
    (TEXT | {"quickReply": {"items": []}}, "quickReply.items"),
    (quick(POSTBACK | {"label": "x" * 21}), "quickReply.items[0].action.label"),
    (quick({"type": "postback", "data": "d"}), "quickReply.items[0].action.label"),
    (quick(POSTBACK | {"data": "x" * 301}), "quickReply.items[0].action.data"),
    (quick(POSTBACK | {"displayText": "x" * 301}), "quickReply.items[0].action.displayText"),
    (quick(POSTBACK | {"displaytext": "x"}), "quickReply.items[0].action.displaytext"),
    (quick(POSTBACK | {"displayText": "x", "text": "y"}), "quickReply.items[0].action.text"),
    (quick(POSTBACK | {"fillInText": "x"}), "quickReply.items[0].action.fillInText"),
    (quick({"type": "message", "label": "m", "text": "x" * 301}), "quickReply.items[0].action.text"),
    (quick({"type": "uri", "label": "u", "uri": "javascript:alert(1)"}), "quickReply.items[0].action.uri"),
    (quick({"type": "uri", "label": "u", "uri": "https://a.example/" + "x" * 1000}), "quickReply.items[0].action.uri"),
    (quick({"type": "clipboard", "label": "c", "clipboardText": "x" * 1001}), "quickReply.items[0].action.clipboardText"),
    (quick({"type": "datetimepicker", "label": "d", "data": "b", "mode": "date", "initial": "1 May"}), "quickReply.items[0].action.initial"),
    (quick({"type": "richmenuswitch", "label": "r", "richMenuAliasId": "a", "data": "d"}), "quickReply.items[0].action.type"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "place"), BAD)
def test_refused(message: dict[str, Any], place: str) -> None:
    assert places(TEXT, message) == [f"messages[1].{place}"]


def test_how_many() -> None:
    assert refusal(*[TEXT] * 5) == []
    assert refusal(*[TEXT] * 6) == [("messages", "Size must be between 1 and 5")]
    assert refusal() == [("messages", "Size must be between 1 and 5")]
    assert refusal({"type": "text", "text": ""}, {"type": "song"})[0] == ("messages[0].text", "May not be empty")


CARD = bubble(
    {"type": "text", "text": "1,240", "size": "3xl", "weight": "bold", "color": "#8E5A6D", "adjustMode": "shrink-to-fit"},
    {"type": "text", "contents": [{"type": "span", "text": "Gold", "weight": "bold"}], "wrap": True, "lineSpacing": "4px"},
    {"type": "separator", "margin": "md", "color": "#EEEEEE"},
    {"type": "box", "layout": "baseline", "spacing": "sm", "contents": [
        {"type": "icon", "url": "https://a.example/i.png", "size": "sm"}, {"type": "text", "text": "x", "flex": 0}]},
    {"type": "box", "layout": "horizontal", "contents": [], "height": "6px", "width": "62.5%", "cornerRadius": "3px",
     "background": {"type": "linearGradient", "angle": "90deg", "startColor": "#8E5A6D", "endColor": "#FFFFFF80"}},
    {"type": "image", "url": "https://a.example/i.png", "aspectRatio": "1:3", "aspectMode": "cover", "size": "full"},
    {"type": "button", "style": "primary", "height": "sm", "action": POSTBACK, "color": "#8E5A6D"},
    {"type": "filler"},
    size="kilo",
    header={"type": "box", "layout": "vertical", "contents": [], "paddingAll": "20px", "backgroundColor": "#FFFFFF"},
    hero={"type": "image", "url": "https://a.example/i.png", "action": {"type": "uri", "uri": "https://a.example/"}},
    styles={"footer": {"separator": True, "separatorColor": "#000000"}},
    direction="ltr",
)  # fmt: skip


def test_a_card_with_everything() -> None:
    assert refusal(flex(CARD)) == []
    assert refusal(flex({"type": "carousel", "contents": [CARD] * 12})) == []


VIDEO = {
    "type": "video",
    "url": "https://a.example/v.mp4",
    "previewUrl": "https://a.example/v.png",
    "altContent": {"type": "image", "url": "https://a.example/v.png"},
}
BAD_FLEX: list[tuple[Any, str]] = [
    ({"type": "sheet"}, "/type"),
    ({"type": "bubble"}, "/"),
    (bubble({"type": "table"}), "/body/contents/0/type"),
    (bubble({"type": "text", "text": ""}), "/body/contents/0/text"),
    (bubble({"type": "text"}), "/body/contents/0/text"),
    (bubble({"type": "text", "text": "x", "fontSize": "xl"}), "/body/contents/0/fontSize"),
    (bubble({"type": "text", "text": "x", "size": "huge"}), "/body/contents/0/size"),
    (bubble({"type": "text", "text": "x", "color": "red"}), "/body/contents/0/color"),
    (bubble({"type": "text", "text": "x", "margin": "5%"}), "/body/contents/0/margin"),
    (bubble({"type": "text", "text": "x", "wrap": "true"}), "/body/contents/0/wrap"),
    (bubble({"type": "text", "contents": [{"type": "text", "text": "x"}]}), "/body/contents/0/contents/0/type"),
    (bubble({"type": "span", "text": "x"}), "/body/contents/0/type"),
    (bubble({"type": "icon", "url": "https://a.example/"}), "/body/contents/0/type"),
    (bubble({"type": "button", "action": {"type": "postback", "data": "d"}}), "/body/contents/0/action/label"),
    (bubble({"type": "button", "action": POSTBACK | {"label": "l" * 41}}), "/body/contents/0/action/label"),
    (bubble({"type": "button", "action": {"type": "camera", "label": "l"}}), "/body/contents/0/action/type"),
    (bubble({"type": "image", "url": "http://a.example/i.png"}), "/body/contents/0/url"),
    (bubble({"type": "image", "url": "https://a.example/i", "aspectRatio": "1:4"}), "/body/contents/0/aspectRatio"),
    (bubble({"type": "box", "layout": "grid", "contents": []}), "/body/contents/0/layout"),
    (bubble({"type": "box", "layout": "vertical"}), "/body/contents/0/contents"),
    (bubble({"type": "box", "layout": "baseline", "contents": [{"type": "separator"}]}), "/body/contents/0/contents/0/type"),
    (bubble({"type": "box", "layout": "vertical", "contents": [], "width": "101%"}), "/body/contents/0/width"),
    (bubble(VIDEO), "/body/contents/0/type"),
    (bubble(TEXT, hero=VIDEO, size="micro"), "/size"),
    (bubble(TEXT, hero=TEXT), "/hero/type"),
    (bubble(TEXT, footer=TEXT), "/footer/type"),
    (bubble(TEXT, size="tera"), "/size"),
    (bubble(TEXT, styles={"body": {"color": "#000000"}}), "/styles/body/color"),
    ({"type": "carousel", "contents": [bubble(TEXT)] * 13}, "/contents"),
    ({"type": "carousel", "contents": []}, "/contents"),
    ({"type": "carousel", "contents": [bubble(TEXT, size="nano"), bubble(TEXT)]}, "/contents"),
    ({"type": "carousel", "contents": [bubble(TEXT, hero=VIDEO)]}, "/contents/0/hero"),
    (bubble(*[{"type": "image", "url": "https://a.example/", "animated": True}] * 11), "/"),
]  # fmt: skip


@pytest.mark.parametrize(("contents", "place"), BAD_FLEX)
def test_flex_refused(contents: Any, place: str) -> None:
    assert places(flex(contents)) == [place]


def test_video_as_a_hero() -> None:
    assert refusal(flex(bubble(TEXT, hero=VIDEO))) == []


@pytest.mark.parametrize(("most", "many"), [(30 * 1024, 1), (50 * 1024, 4)])
def test_weight(most: int, many: int) -> None:
    def card(length: int) -> dict[str, Any]:
        one = bubble({"type": "text", "text": "x" * length})
        return one if many == 1 else {"type": "carousel", "contents": [one] * many}

    room = (most - len(json.dumps(card(0), separators=(",", ":")))) // many
    assert refusal(flex(card(room))) == []
    assert refusal(flex(card(room + 1))) == [("/", f"size must not exceed {most // 1024} KB")]


def test_a_flex_refusal_names_the_message() -> None:
    with pytest.raises(Refused) as refused:
        checked_messages({"messages": [TEXT, flex(bubble({"type": "text"}))]})
    assert str(refused.value) == "A message (messages[1]) in the request body is invalid"
