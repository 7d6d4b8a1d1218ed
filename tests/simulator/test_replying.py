"""Replying to a message, and what the account's people write by hand: as LINE has it."""

from typing import Any

import pytest
from linebot.v3.webhook import WebhookParser

from .conftest import KEN, MALI, SECRET, Product, Simulator

BUBBLE = {
    "type": "bubble",
    "body": {"type": "box", "layout": "vertical", "contents": [{"type": "text", "text": "มีคนรอ"}]},
}
CARD = {"type": "flex", "altText": "มีคนรอ", "contents": BUBBLE}
BUTTONS = {"type": "buttons", "text": "?", "actions": [{"type": "message", "label": "?", "text": "?"}]}
TEMPLATE = {"type": "template", "altText": "?", "template": BUTTONS}


def pushed(simulator: Simulator, to: str, *messages: dict[str, Any]) -> list[dict[str, str]]:
    answer = simulator.line.post("/v2/bot/message/push", json={"to": to, "messages": list(messages)})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["sentMessages"])


def quotes(simulator: Simulator, who: str, item_id: str, **message: Any) -> int:
    told = {"message": {"type": "text", "text": "ตอบ", "quotedMessageId": item_id, **message}}
    return simulator.http.post(f"/sim/people/{who}/say", json=told).status_code


def test_each_message_that_can_be_quoted_has_a_token_and_stands_under_its_id(simulator: Simulator) -> None:
    text = {"type": "text", "text": "สวัสดี"}
    given = pushed(simulator, KEN, text, CARD, TEMPLATE)
    assert [sorted(one) for one in given] == [["id", "quoteToken"]] * 3
    place = {"type": "location", "title": "a", "address": "b", "latitude": 1.0, "longitude": 2.0}
    assert [sorted(one) for one in pushed(simulator, KEN, place)] == [["id"]]
    assert [item["item_id"] for item in simulator.chat(KEN)][:3] == [one["id"] for one in given]


def test_a_quote_is_told_as_line_tells_it(simulator: Simulator, product: Product) -> None:
    simulator.sim("POST", f"people/{MALI}/follow")
    group = simulator.sim("POST", "groups", {"name": "ทีมงาน", "members": [MALI]})["group_id"]
    (card,) = pushed(simulator, group, CARD)
    for message in ({"type": "text", "text": "รับทราบ"}, {"type": "sticker"}):
        told = {"group": group, "message": message | {"quotedMessageId": card["id"]}}
        item = simulator.sim("POST", f"people/{MALI}/say", told)["item"]
        assert item["message"]["quotedMessageId"] == card["id"]
        while (heard := product.next()).event["type"] != "message":
            pass
        (event,) = WebhookParser(SECRET).parse(heard.body.decode(), heard.headers["x_line_signature"])
        assert event.message.quoted_message_id == card["id"]


def test_what_stands_in_another_chat_or_was_taken_back_cannot_be_quoted(simulator: Simulator) -> None:
    said = simulator.say(KEN, "นี่")
    simulator.sim("POST", f"people/{MALI}/follow")
    assert quotes(simulator, MALI, said["item_id"]) == 404
    assert quotes(simulator, KEN, "0") == 404
    assert quotes(simulator, KEN, said["item_id"]) == 200
    assert quotes(simulator, KEN, said["item_id"], type="image") == 400
    simulator.sim("POST", f"people/{KEN}/unsend", {"item_id": said["item_id"]})
    assert quotes(simulator, KEN, said["item_id"]) == 404


def test_what_is_written_by_hand_stands_in_the_chat_and_nobody_hears_of_it(
    simulator: Simulator, product: Product
) -> None:
    item = simulator.sim("POST", f"manager/{KEN}/say", {"text": "ยินดีค่ะ"})["item"]
    assert (item["from"], item["message"]) == ("bot", {"type": "text", "text": "ยินดีค่ะ"})
    assert simulator.bot_texts(KEN) == ["ยินดีค่ะ"]
    simulator.say(KEN, "ขอบคุณ")
    assert product.next().event["message"]["text"] == "ขอบคุณ"
    assert simulator.quota_used() == 0


@pytest.mark.parametrize(("who", "code"), [(KEN, "account_blocked"), (MALI, "no_chat")])
def test_the_manager_has_no_chat_with_who_has_blocked_or_never_come(simulator: Simulator, who: str, code: str) -> None:
    simulator.sim("POST", f"people/{KEN}/unfollow")
    answer = simulator.http.post(f"/sim/manager/{who}/say", json={"text": "?"})
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert simulator.http.post(f"/sim/manager/{who}/say", json={"text": " "}).status_code == 400
