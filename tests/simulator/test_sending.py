"""Replies, pushes and multicasts under LINE's rules."""

import uuid

import linebot.v3.messaging as line
import pytest
from linebot.v3.messaging.exceptions import ApiException

from .conftest import KEN, MALI, TOKEN, Product, Simulator

STRANGER = "U" + "0" * 32


def token_of(simulator: Simulator, product: Product) -> str:
    simulator.say(KEN, "hello")
    return str(product.next().event["replyToken"])


def test_reply_by_line_sdk(simulator: Simulator, product: Product) -> None:
    token = token_of(simulator, product)
    with line.ApiClient(line.Configuration(access_token=TOKEN, host=simulator.url)) as client:
        api = line.MessagingApi(client)
        request = line.ReplyMessageRequest(replyToken=token, messages=[line.TextMessage(text="สวัสดีค่ะ")])
        sent = api.reply_message(request)
        with pytest.raises(ApiException) as refused:
            api.reply_message(request)
        assert api.get_profile(KEN).display_name == "Ken"
        assert api.get_bot_info().basic_id == "@aura"
    assert refused.value.status == 400
    assert '"Invalid reply token"' in refused.value.body
    assert refused.value.headers["x-line-request-id"]
    (_, item) = simulator.chat(KEN)
    assert item["item_id"] == sent.sent_messages[0].id
    assert item["message"] == {"type": "text", "text": "สวัสดีค่ะ"}
    assert simulator.quota_used() == 0


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (61, 400)])
def test_reply_token_lives_a_minute(simulator: Simulator, product: Product, seconds: int, status: int) -> None:
    token = token_of(simulator, product)
    simulator.clock.ahead = seconds
    assert simulator.reply(token, "late").status_code == status


def test_redelivery_restarts_the_minute_but_not_after_twenty(simulator: Simulator, product: Product) -> None:
    token = token_of(simulator, product)
    event = {"type": "x", "replyToken": token, "source": {"type": "user", "userId": KEN}}
    simulator.clock.ahead = 19 * 60
    simulator.sim("POST", "events", {"events": [event]})
    simulator.clock.ahead = 19 * 60 + 59
    body = {"replyToken": token, "messages": []}
    assert simulator.line.post("/v2/bot/message/reply", json=body).status_code == 400  # refused, and not spent
    simulator.clock.ahead = 20 * 60 + 5
    assert simulator.reply(token, "late").json() == {"message": "Invalid reply token"}
    simulator.clock.ahead = 19 * 60 + 50
    assert simulator.reply(token, "in time").status_code == 200


def test_expire_endpoint(simulator: Simulator, product: Product) -> None:
    token = token_of(simulator, product)
    simulator.sim("POST", "expire")
    assert simulator.reply(token, "late").status_code == 400


def test_reply_refuses_a_retry_key_and_keeps_the_token(simulator: Simulator, product: Product) -> None:
    token = token_of(simulator, product)
    assert simulator.reply(token, "x", **{"X-Line-Retry-Key": str(uuid.uuid4())}).status_code == 400
    assert simulator.reply(token, "x").status_code == 200


def test_a_reply_token_belongs_to_its_account(simulator: Simulator, product: Product) -> None:
    other = {"id": "3", "secret": "s", "name": "Other", "webhook_url": "http://127.0.0.1:1/", "token": "other"}
    simulator.sim("POST", "channels", other)
    token = token_of(simulator, product)
    body = {"replyToken": token, "messages": [{"type": "text", "text": "x"}]}
    headers = {"Authorization": "Bearer other"}
    assert simulator.line.post("/v2/bot/message/reply", json=body, headers=headers).status_code == 400
    assert simulator.reply(token, "x").status_code == 200


def test_retry_key(simulator: Simulator) -> None:
    key = {"X-Line-Retry-Key": str(uuid.uuid4())}
    first = simulator.push(KEN, "once", **key)
    again = simulator.push(KEN, "once", **key)
    assert (first.status_code, again.status_code) == (200, 409)
    assert again.headers["x-line-accepted-request-id"] == first.headers["x-line-request-id"]
    assert again.headers["x-line-request-id"] != first.headers["x-line-request-id"]
    assert again.json() == {"message": "The retry key is already accepted", **first.json()}
    assert simulator.bot_texts(KEN) == ["once"]
    assert simulator.quota_used() == 1
    simulator.clock.ahead = 24 * 3600 + 1
    assert simulator.push(KEN, "once", **key).status_code == 200
    assert simulator.push(KEN, "x", **{"X-Line-Retry-Key": "not-a-uuid"}).status_code == 400


def test_a_refused_push_does_not_use_its_key(simulator: Simulator) -> None:
    key = {"X-Line-Retry-Key": str(uuid.uuid4())}
    assert simulator.push(KEN, "", **key).status_code == 400
    assert simulator.push(KEN, "fine", **key).status_code == 200


def test_blocked_and_unknown_are_accepted_and_not_delivered(simulator: Simulator, product: Product) -> None:
    token = token_of(simulator, product)
    simulator.sim("POST", f"people/{KEN}/unfollow")
    assert simulator.push(KEN, "hello?").status_code == 200
    assert simulator.reply(token, "hello?").status_code == 200
    assert simulator.push(STRANGER, "hello?").status_code == 200
    assert simulator.push(MALI, "not yet a friend").status_code == 200
    assert simulator.bot_texts(KEN) == simulator.bot_texts(MALI) == []
    assert simulator.quota_used() == 0
    assert simulator.line.get(f"/v2/bot/profile/{KEN}").status_code == 404
    assert simulator.push("nobody", "x").json()["message"].startswith("The property, 'to',")


def test_someone_who_wrote_is_reached_for_a_week(simulator: Simulator) -> None:
    simulator.say(MALI, "REF ABC123")
    assert simulator.push(MALI, "hello").status_code == 200
    simulator.clock.ahead = 7 * 86400 + 60
    assert simulator.push(MALI, "too late").status_code == 200
    assert simulator.bot_texts(MALI) == ["hello"]


def test_multicast(simulator: Simulator) -> None:
    simulator.sim("POST", f"people/{MALI}/follow")
    body = {"to": [KEN, MALI, STRANGER, KEN], "messages": [{"type": "text", "text": "to all"}]}
    headers = {"X-Line-Retry-Key": str(uuid.uuid4())}
    assert simulator.line.post("/v2/bot/message/multicast", json=body, headers=headers).json() == {}
    assert simulator.line.post("/v2/bot/message/multicast", json=body, headers=headers).status_code == 409
    assert simulator.bot_texts(KEN) == simulator.bot_texts(MALI) == ["to all"]
    assert simulator.quota_used() == 2
    body["to"] = [KEN] * 501
    assert simulator.line.post("/v2/bot/message/multicast", json=body).status_code == 400
    body["to"] = ["C" + "0" * 32]
    assert simulator.line.post("/v2/bot/message/multicast", json=body).status_code == 400


def test_quota(simulator: Simulator, product: Product) -> None:
    assert simulator.line.get("/v2/bot/message/quota").json() == {"type": "none"}
    simulator.sim("PATCH", "channels/@aura", {"quota": 2})
    assert simulator.line.get("/v2/bot/message/quota").json() == {"type": "limited", "value": 2}
    assert simulator.push(KEN, "1", "still 1").status_code == 200
    assert simulator.push(KEN, "2").status_code == 200
    refused = simulator.push(KEN, "3")
    assert (refused.status_code, refused.json()["message"]) == (429, "You have reached your monthly limit.")
    assert simulator.reply(token_of(simulator, product), "free").status_code == 200
    assert simulator.quota_used() == 2


def test_loading_and_read(simulator: Simulator, product: Product) -> None:
    simulator.say(KEN, "hello")
    token = product.next().event["message"]["markAsReadToken"]
    assert simulator.line.post("/v2/bot/chat/markAsRead", json={"markAsReadToken": token}).json() == {}
    assert simulator.line.post("/v2/bot/chat/markAsRead", json={"markAsReadToken": "x"}).status_code == 400
    start = "/v2/bot/chat/loading/start"
    assert simulator.line.post(start, json={"chatId": KEN, "loadingSeconds": 7}).status_code == 400
    assert simulator.line.post(start, json={"chatId": KEN, "loadingSeconds": 10}).status_code == 202
    chat = simulator.sim("GET", f"people/{KEN}/chat")
    assert chat["read"] == chat["items"][-1]["seq"]
    assert 8 < chat["loading"] <= 10
    simulator.push(KEN, "answer")
    assert simulator.sim("GET", f"people/{KEN}/chat")["loading"] == 0


def test_who_may_call(simulator: Simulator) -> None:
    for value in ("", "Bearer", "Bearer wrong", "Basic x"):
        answer = simulator.http.get("/v2/bot/info", headers={"Authorization": value} if value else {})
        assert answer.status_code == 401
        assert answer.json()["message"].startswith("Authentication failed")
        assert answer.headers["x-line-request-id"]


def test_bodies_that_are_not_json_objects(simulator: Simulator) -> None:
    push = "/v2/bot/message/push"
    headers = {"Content-Type": "application/json"}
    assert simulator.line.post(push, content=b"{", headers=headers).status_code == 400
    assert simulator.line.post(push, content=b"[]", headers=headers).status_code == 400
    assert simulator.line.post(push, content=b"{}").status_code == 415
    assert simulator.line.post(push, content=b" " * (2 * 1024 * 1024 + 1), headers=headers).status_code == 413


def test_an_endpoint_that_line_does_not_have(simulator: Simulator) -> None:
    for method, path in (("POST", "/v2/bot/no/such/door"), ("GET", "/v2/bot/message/push")):
        answer = simulator.line.request(method, path)
        assert (answer.status_code, answer.json()) == (404, {"message": "Not found"})
        assert answer.headers["x-line-request-id"]
    assert [call["status"] for call in simulator.sim("GET", "log")["entries"]] == [404, 404]


def test_reply_tokens_of_a_load_generator(simulator: Simulator) -> None:
    assert simulator.sim("POST", "reply-tokens", {"tokens": {"r1": KEN}}) == {"known": 1}
    assert simulator.reply("r1", "hello").status_code == 200
    assert simulator.bot_texts(KEN) == ["hello"]
