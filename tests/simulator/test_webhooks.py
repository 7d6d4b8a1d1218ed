"""What the product hears: signed events in LINE's shape, in order, again when it does not answer."""

import base64
import hashlib
import hmac
import json
import re
import threading
import time
from typing import Any

import pytest
from linebot.v3.webhook import WebhookParser

from .conftest import KEN, MALI, SECRET, Product, Simulator


def test_follow_is_signed_and_read_by_line_sdk(simulator: Simulator, product: Product) -> None:
    simulator.sim("POST", f"people/{MALI}/follow")
    heard = product.next()
    digest = hmac.new(SECRET.encode(), heard.body, hashlib.sha256).digest()
    assert heard.headers["x_line_signature"] == base64.b64encode(digest).decode()
    (event,) = WebhookParser(SECRET).parse(heard.body.decode(), heard.headers["x_line_signature"])
    assert event.type == "follow"
    assert event.follow.is_unblocked is False
    assert event.source.user_id == MALI
    raw = heard.event
    assert re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", raw["webhookEventId"])
    assert raw["deliveryContext"] == {"isRedelivery": False}
    assert raw["mode"] == "active"
    assert abs(raw["timestamp"] - time.time() * 1000) < 5000
    state = simulator.sim("GET", "state")
    assert f'"destination":"{state["channels"][0]["bot_user_id"]}"' in heard.body.decode()
    assert [person["friends"] for person in state["people"]] == [{"2000000042": True}, {"2000000042": True}]


def test_block_and_return(simulator: Simulator, product: Product) -> None:
    simulator.sim("POST", f"people/{KEN}/unfollow")
    gone = product.next().event
    assert gone["type"] == "unfollow" and "replyToken" not in gone
    simulator.sim("POST", f"people/{KEN}/follow")
    assert product.next().event["follow"] == {"isUnblocked": True}


def test_every_kind_of_message_is_one_that_line_sdk_knows(simulator: Simulator, product: Product) -> None:
    kinds = ("text", "sticker", "image", "video", "audio", "file", "location")
    for kind in kinds:
        message = {"type": kind, "text": "สวัสดี"} if kind == "text" else {"type": kind}
        simulator.sim("POST", f"people/{KEN}/say", {"message": message})
    for kind in kinds:
        heard = product.next()
        (event,) = WebhookParser(SECRET).parse(heard.body.decode(), heard.headers["x_line_signature"])
        assert type(event).__name__ == "MessageEvent"
        assert event.message.type == kind
        assert event.reply_token


def test_what_was_sent_can_be_fetched(simulator: Simulator, product: Product) -> None:
    content = base64.b64encode(b"a voice").decode()
    message = {"type": "audio", "content": content, "content_type": "audio/x-m4a"}
    item = simulator.sim("POST", f"people/{KEN}/say", {"message": message})["item"]
    assert product.next().event["message"]["id"] == item["item_id"]
    fetched = simulator.line.get(f"/v2/bot/message/{item['item_id']}/content")
    assert (fetched.content, fetched.headers["content-type"]) == (b"a voice", "audio/x-m4a")
    assert simulator.line.get(f"/v2/bot/message/{item['item_id']}/content/preview").status_code == 404
    simulator.sim("POST", f"people/{KEN}/unsend", {"item_id": item["item_id"]})
    unsent = product.next().event
    assert unsent["type"] == "unsend" and unsent["unsend"] == {"messageId": item["item_id"]}
    assert simulator.line.get(f"/v2/bot/message/{item['item_id']}/content").status_code == 404
    assert simulator.sim("GET", f"people/{KEN}/chat")["unsent"] == [item["item_id"]]


def test_order_of_one_person_is_kept_and_nobody_waits_for_another(simulator: Simulator, product: Product) -> None:
    release = threading.Event()
    first = iter([lambda: release.wait(5)])
    product.hold = lambda: bool(next(first, bool)())
    for number in range(5):
        simulator.say(KEN, f"{number}")
    assert product.next().event["message"]["text"] == "0"
    simulator.sim("POST", f"people/{MALI}/follow")
    assert product.next().event["type"] == "follow"
    release.set()
    assert [product.next().event["message"]["text"] for _ in range(4)] == ["1", "2", "3", "4"]


def test_a_failed_webhook_comes_again_the_same(simulator: Simulator, product: Product) -> None:
    product.answers = [500, 503]
    simulator.say(KEN, "hello")
    first, second, third = (product.next().event for _ in range(3))
    assert [one["deliveryContext"]["isRedelivery"] for one in (first, second, third)] == [False, True, True]
    same = {"deliveryContext": None}
    assert first | same == second | same == third | same
    assert product.nothing_for(0.2)


def test_redelivery_gives_up(simulator: Simulator, product: Product) -> None:
    product.answers = [500] * 9
    simulator.say(KEN, "hello")
    assert [product.next().event["message"]["text"] for _ in range(3)] == ["hello"] * 3
    assert product.nothing_for(0.3)


def test_no_answer_in_time_is_a_failure(simulator: Simulator, product: Product) -> None:
    release = threading.Event()
    first = iter([lambda: release.wait(5)])
    product.hold = lambda: bool(next(first, bool)())
    simulator.say(KEN, "hello")
    assert product.next().event["deliveryContext"] == {"isRedelivery": False}
    assert product.next().event["deliveryContext"] == {"isRedelivery": True}
    release.set()


def test_standby_and_switched_off(simulator: Simulator, product: Product) -> None:
    simulator.sim("PATCH", "channels/2000000042", {"mode": "standby"})
    simulator.say(KEN, "hello")
    event = product.next().event
    assert event["mode"] == "standby" and "replyToken" not in event
    simulator.sim("PATCH", "channels/2000000042", {"webhook_active": False})
    simulator.say(KEN, "anybody?")
    assert product.nothing_for(0.2)


def test_odd_events_are_posted_as_they_are(simulator: Simulator, product: Product) -> None:
    assert simulator.sim("POST", "events", {"events": [{"type": "future", "new": 1}]}) == {"status": 200, "body": ""}
    assert product.next().event == {"type": "future", "new": 1}
    simulator.sim("POST", "events", {"raw": "{broken", "signature": "wrong"})
    heard = product.next()
    assert (heard.body, heard.headers["x_line_signature"]) == (b"{broken", "wrong")
    simulator.sim("POST", "events", {"events": [{"type": "message", "message": {"text": "\ud800"}}]})
    assert product.next().event["message"]["text"] == "\ud800"
    product.answers = [401]
    assert simulator.sim("POST", "events", {"events": []})["status"] == 401


def test_a_reply_token_of_ones_own_works_once(simulator: Simulator, product: Product) -> None:
    event = {"type": "message", "replyToken": "mine", "source": {"type": "user", "userId": KEN}}
    simulator.sim("POST", "events", {"events": [event]})
    assert simulator.reply("mine", "heard").status_code == 200
    assert simulator.bot_texts(KEN) == ["heard"]
    simulator.sim("POST", "events", {"events": [event]})
    assert simulator.reply("mine", "heard").status_code == 400


def test_group(simulator: Simulator, product: Product) -> None:
    group_id = simulator.sim("POST", "groups", {"name": "ทีมงาน", "members": [KEN]})["group_id"]
    join = product.next().event
    assert join["type"] == "join" and join["source"] == {"type": "group", "groupId": group_id}
    simulator.sim("POST", f"groups/{group_id}/members", {"user_id": MALI})
    assert product.next().event["joined"] == {"members": [{"type": "user", "userId": MALI}]}
    said = {"message": {"type": "text", "text": "รับงาน"}, "group": group_id}
    simulator.sim("POST", f"people/{MALI}/say", said)
    event = product.next().event
    assert event["source"] == {"type": "group", "groupId": group_id, "userId": MALI}
    assert simulator.reply(event["replyToken"], "ok").status_code == 200
    assert simulator.quota_used() == 0
    assert simulator.push(group_id, "งานใหม่", "one more").status_code == 200
    assert simulator.quota_used() == 2
    texts = [item["message"]["text"] for item in simulator.sim("GET", f"groups/{group_id}/chat")["items"]]
    assert texts == ["Mali เข้าร่วมกลุ่ม / joined", "รับงาน", "ok", "งานใหม่", "one more"]
    assert simulator.line.get(f"/v2/bot/group/{group_id}/summary").json()["groupName"] == "ทีมงาน"
    assert simulator.line.get(f"/v2/bot/group/{group_id}/members/count").json() == {"count": 2}
    assert simulator.line.get(f"/v2/bot/group/{group_id}/member/{MALI}").json()["displayName"] == "Mali"
    simulator.http.delete(f"/sim/groups/{group_id}/members/{MALI}")
    assert product.next().event["left"] == {"members": [{"type": "user", "userId": MALI}]}
    assert simulator.line.post(f"/v2/bot/group/{group_id}/leave").status_code == 200
    assert product.next().event["type"] == "leave"
    assert simulator.push(group_id, "gone").json() == {"message": "Failed to send messages"}


def test_line_does_not_say_who_taps_in_a_group_unless_the_switch_says_so(
    simulator: Simulator, product: Product
) -> None:
    group_id = simulator.sim("POST", "groups", {"name": "ทีมงาน", "members": [KEN, MALI]})["group_id"]
    product.next()
    taps: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"type": "postback", "data": "claim", "displayText": "รับ"}, {}),
        ({"type": "datetimepicker", "data": "when", "mode": "date"}, {"params": {"date": "2026-02-03"}}),
    ]
    for action, more in taps:
        simulator.act(MALI, action, group=group_id, **more)
        event = product.next().event
        assert (event["type"], event["source"]) == ("postback", {"type": "group", "groupId": group_id})
        assert simulator.reply(event["replyToken"], "ok").status_code == 200
    shown = simulator.sim("GET", f"groups/{group_id}/chat")["items"]
    assert [item.get("user_id") for item in shown] == [MALI, None, None]
    simulator.act(KEN, taps[0][0])
    assert product.next().event["source"] == {"type": "user", "userId": KEN}

    standing = {"group_postback_user": True, "refuse_joins": False}
    assert simulator.sim("PATCH", "switches", {"group_postback_user": True}) == standing
    simulator.act(MALI, taps[0][0], group=group_id)
    assert product.next().event["source"] == {"type": "group", "groupId": group_id, "userId": MALI}
    simulator.sim("POST", "reset")
    assert simulator.sim("GET", "state")["switches"] == standing | {"group_postback_user": False}
    for wanted in ({"other": True}, {"group_postback_user": "yes"}):
        assert simulator.http.patch("/sim/switches", json=wanted).status_code == 400


def test_a_message_action_is_said_by_the_member_who_taps(simulator: Simulator, product: Product) -> None:
    group_id = simulator.sim("POST", "groups", {"name": "ทีมงาน", "members": [KEN, MALI]})["group_id"]
    product.next()
    does = simulator.act(MALI, {"type": "message", "label": "รับเรื่อง", "text": "รับ A7K2"}, group=group_id)
    assert (does["does"], does["item"]["user_id"]) == ("message", MALI)
    event = product.next().event
    assert (event["type"], event["message"]["text"]) == ("message", "รับ A7K2")
    assert event["source"] == {"type": "group", "groupId": group_id, "userId": MALI}


def test_account_link(simulator: Simulator, product: Product) -> None:
    token = simulator.line.post(f"/v2/bot/user/{KEN}/linkToken").json()["linkToken"]
    simulator.sim("POST", "link-account", {"linkToken": token, "nonce": "n" * 22})
    event = product.next().event
    assert event["type"] == "accountLink" and event["link"] == {"result": "ok", "nonce": "n" * 22}
    assert simulator.http.post("/sim/link-account", json={"linkToken": token}).status_code == 400


def _deep(levels: int) -> str:
    return '{"events": [{"type": "follow", "x": ' + "[" * levels + "]" * levels + "}]}"


ODD: dict[str, dict[str, Any]] = {
    **{f"raw {levels}": {"raw": _deep(levels)} for levels in (400, 800, 900, 950, 980, 990, 2_000, 100_000)},
    "raw surrogate": {"raw": '{"events": [{"replyToken": "\\ud800", "source": {"userId": "U1"}}]}'},
    "raw half": {"raw": "\ud800"},
    "token": {"events": [{"replyToken": "\ud800", "source": {"userId": "U1"}}]},
    "user": {"events": [{"replyToken": "r", "source": {"userId": "\ud800"}}]},
    "group": {"events": [{"replyToken": "r", "source": {"groupId": "\udfff", "userId": "U1"}}]},
    "event id": {"events": [{"webhookEventId": "\ud800", "message": {"id": "\ud800"}}]},
    "destination": {"destination": "\ud800", "events": []},
    "signature": {"signature": "\ud800", "events": []},
    "line break": {"signature": "a\nb", "events": []},
    "channel": {"channel": "\ud800", "events": []},
    "no channel": {"channel": [], "events": "x"},
    "events": {"events": [None, 1, {"source": 1}]},
}


@pytest.mark.parametrize("name", ODD)
def test_whatever_is_to_be_posted_is_answered(simulator: Simulator, product: Product, name: str) -> None:
    answer = simulator.http.post("/sim/events", content=json.dumps(ODD[name]).encode())
    assert answer.status_code in (200, 400), answer.text
    assert answer.headers["content-type"].startswith("application/json")
    assert simulator.http.get("/sim/log").status_code == 200


@pytest.mark.parametrize("levels", [800, 950, 990, 5_000])
def test_a_body_too_deep_to_be_read_is_refused(simulator: Simulator, levels: int) -> None:
    answer = simulator.http.post("/sim/events", content=_deep(levels).encode())
    assert answer.status_code in (200, 400), answer.text


def test_the_log_tells_what_followed_and_no_more_than_is_asked_for(simulator: Simulator) -> None:
    def log(**asked: int) -> list[int]:
        return [
            entry["n"]
            for entry in simulator.sim("GET", "log?" + "&".join(f"{k}={v}" for k, v in asked.items()))["entries"]
        ]

    for _ in range(5):
        simulator.line.get("/v2/bot/info")
    everything = log()
    assert len(everything) >= 5
    assert log(newest=2) == everything[-2:]
    assert log(after=everything[-4]) == everything[-3:]
    assert log(after=everything[-4], newest=2) == everything[-2:]
    assert log(after=everything[-1]) == []
    assert log(newest=0) == log(newest=-1) == []
