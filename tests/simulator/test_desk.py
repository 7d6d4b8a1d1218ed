"""Our own endpoints: what a phone does, the feed, the log, the clock, reset."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from simulator.accounts import named_user
from simulator.app import close_simulator, create_simulator
from simulator.config import Config
from simulator.contents import png

from .conftest import CHANNEL, KEN, MALI, Product, Simulator


def test_state_at_first(simulator: Simulator) -> None:
    state = simulator.sim("GET", "state")
    (channel,) = state["channels"]
    assert (channel["id"], channel["name"], channel["basic_id"]) == (CHANNEL, "Aura Clinic", "@aura")
    assert channel["webhook_url"].endswith("/webhooks/line/aura")
    mali, ken = state["people"]
    at_phone = {"device": "phone"}
    assert mali == {"user_id": MALI, "name": "Mali", "language": "th", "friends": {CHANNEL: False}, **at_phone}
    assert ken == {"user_id": KEN, "name": "Ken", "language": "en", "friends": {CHANNEL: True}, **at_phone}
    assert state["clock"]["offset_seconds"] == 0
    assert "secret" not in json.dumps(state)


def test_a_postback_is_told_and_shown(simulator: Simulator, product: Product) -> None:
    action = {"type": "postback", "label": "Points", "data": "points", "displayText": "คะแนน"}
    does = simulator.act(KEN, action)
    assert does["does"] == "postback" and does["item"]["message"] == {"type": "text", "text": "คะแนน"}
    event = product.next().event
    assert event["postback"] == {"data": "points"}
    assert simulator.reply(event["replyToken"], "1,240").status_code == 200
    assert [item["from"] for item in simulator.chat(KEN)] == ["user", "bot"]
    silent = simulator.act(KEN, {"type": "postback", "data": "x", "inputOption": "openKeyboard", "fillInText": "hi"})
    assert silent == {"does": "postback", "item": None, "input_option": "openKeyboard", "fill_in_text": "hi"}


def test_a_date_is_picked(simulator: Simulator, product: Product) -> None:
    action = {"type": "datetimepicker", "data": "born", "mode": "date", "min": "1920-01-01", "max": "2010-12-31"}
    assert simulator.act(KEN, action) == {"does": "pick", "mode": "date", "min": "1920-01-01", "max": "2010-12-31"}
    assert simulator.act(KEN, action, params={"date": "1990-05-01"})["does"] == "postback"
    assert product.next().event["postback"] == {"data": "born", "params": {"date": "1990-05-01"}}
    late = {"action": action, "params": {"date": "2011-01-01"}}
    assert simulator.http.post(f"/sim/people/{KEN}/act", json=late).status_code == 400


@pytest.mark.parametrize(
    ("action", "does"),
    [
        ({"type": "uri", "uri": "https://a.example/"}, {"does": "open", "uri": "https://a.example/"}),
        (
            {"type": "uri", "uri": "https://line.me/R/oaMessage/%40aura/?REF%20ABC"},
            {"does": "fill_in", "account": "@aura", "text": "REF ABC"},
        ),
        ({"type": "clipboard", "clipboardText": "CODE"}, {"does": "copy", "text": "CODE"}),
        ({"type": "cameraRoll"}, {"does": "camera_roll"}),
    ],
)
def test_what_happens_on_the_phone_alone(
    simulator: Simulator, product: Product, action: dict[str, str], does: dict[str, str]
) -> None:
    assert simulator.act(KEN, action) == does
    assert product.nothing_for(0.1)


def test_who_blocked_cannot_speak(simulator: Simulator) -> None:
    simulator.sim("POST", f"people/{KEN}/unfollow")
    text = {"message": {"type": "text", "text": "x"}}
    assert simulator.http.post(f"/sim/people/{KEN}/say", json=text).status_code == 409
    action = {"action": {"type": "postback", "data": "x"}}
    assert simulator.http.post(f"/sim/people/{KEN}/act", json=action).status_code == 409
    assert simulator.http.post("/sim/people/Unobody/say", json=text).status_code == 404
    odd = {"message": {"type": "song"}}
    assert simulator.http.post(f"/sim/people/{MALI}/say", json=odd).status_code == 400


def test_more_people_and_accounts(simulator: Simulator, product: Product) -> None:
    nobody = simulator.sim("POST", "people", {"name": "Nobody", "language": "en"})["user_id"]
    wanted = {"id": "77", "secret": "s2", "name": "Other Clinic", "webhook_url": f"{product.url}/other", "token": "t2"}
    assert simulator.sim("POST", "channels", wanted)["id"] == "77"
    simulator.sim("POST", f"people/{nobody}/follow", {"channel": "77"})
    assert product.next().event["source"]["userId"] == nobody
    people = {person["user_id"]: person["friends"] for person in simulator.sim("GET", "state")["people"]}
    assert people[nobody] == {CHANNEL: False, "77": True}
    assert simulator.push(nobody, "not ours").status_code == 200
    assert simulator.sim("GET", f"people/{nobody}/chat?channel={CHANNEL}")["items"] == []


def test_chat_after(simulator: Simulator) -> None:
    first = simulator.say(KEN, "1")
    second = simulator.say(KEN, "2")
    items = simulator.sim("GET", f"people/{KEN}/chat?after={first['seq']}")["items"]
    assert [item["item_id"] for item in items] == [second["item_id"]]


def told(stream: Iterator[str], kind: str) -> dict[str, object]:
    for row in stream:
        if row.startswith("data: "):
            event: dict[str, object] = json.loads(row[6:])
            if event["kind"] == kind:
                return event
    raise AssertionError(f"the feed ended without {kind}")


def test_feed(simulator: Simulator) -> None:
    with httpx.stream("GET", f"{simulator.url}/sim/feed", timeout=5) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        stream = answer.iter_lines()
        assert next(stream) == "retry: 1000"
        item = simulator.say(KEN, "hello")
        assert told(stream, "item") == {"kind": "item", "user_id": KEN, "channel": CHANNEL, "seq": item["seq"]}
        simulator.sim("POST", f"people/{MALI}/follow")
        assert told(stream, "friend")["user_id"] == MALI
        simulator.sim("PUT", "clock", {"advance_seconds": 60})
        assert told(stream, "clock")["offset_seconds"] == 60
        simulator.sim("POST", "faults", {"kind": "hang", "on": "reply"})
        assert told(stream, "fault")["fault"] == "hang"


def test_log(simulator: Simulator, product: Product) -> None:
    simulator.say(KEN, "hello")
    product.next()
    simulator.push(KEN, "yo")
    entries = simulator.sim("GET", "log")["entries"]
    (call,) = [entry for entry in entries if entry["kind"] == "api"]
    assert (call["method"], call["path"], call["status"]) == ("POST", "/v2/bot/message/push", 200)
    assert call["body"] == {"to": KEN, "messages": [{"type": "text", "text": "yo"}]}
    assert call["response"]["sentMessages"]
    assert "Authorization" not in call["headers"]
    assert simulator.sim("GET", f"log?after={entries[-1]['n']}") == {"entries": []}


def test_clock(simulator: Simulator, product: Product) -> None:
    week = 7 * 86400
    assert simulator.sim("PUT", "clock", {"advance_seconds": week})["offset_seconds"] == week
    assert simulator.sim("GET", "state")["clock"]["offset_seconds"] == week
    simulator.say(KEN, "hello")
    event = product.next().event
    assert event["timestamp"] / 1000 - simulator.clock() > week - 60
    assert simulator.reply(event["replyToken"], "tokens live by the real clock").status_code == 200
    product.clock["offset_seconds"] = 5
    assert simulator.sim("GET", "clock")["offset_seconds"] == 5
    assert simulator.sim("GET", "state")["clock"]["offset_seconds"] == 5


def test_clock_without_the_product(simulator: Simulator, config: Config) -> None:
    object.__setattr__(config, "app_url", "http://127.0.0.1:1")
    assert simulator.sim("GET", "clock")["product"] is False
    assert simulator.http.put("/sim/clock", json={"advance_seconds": 1}).status_code == 502


def test_reset(simulator: Simulator) -> None:
    simulator.sim("POST", f"people/{MALI}/follow")
    simulator.say(KEN, "hello")
    simulator.push(KEN, "x")
    simulator.sim("POST", "groups", {"members": [KEN]})
    simulator.sim("POST", "reset")
    state = simulator.sim("GET", "state")
    assert [list(person["friends"].values()) for person in state["people"]] == [[False], [True]]
    assert state["groups"] == []
    assert simulator.chat(KEN) == []
    assert simulator.quota_used() == 0


def test_a_restart_keeps_the_world(config: Config) -> None:
    for time in ("first", "second"):
        app = create_simulator(config)
        client = app.test_client()
        chat = client.get(f"/sim/people/{KEN}/chat").get_json()
        assert len(chat["items"]) == (0 if time == "first" else 1)
        client.post(f"/sim/people/{KEN}/say", json={"message": {"type": "text", "text": "remember me"}})
        client.post(f"/sim/people/{KEN}/follow", json={})
        close_simulator(app)


def test_a_new_environment_renames_the_account_and_keeps_its_chats(config: Config) -> None:
    app = create_simulator(config)
    app.test_client().post(f"/sim/people/{KEN}/say", json={"message": {"type": "text", "text": "remember me"}})
    close_simulator(app)
    other = Config(data=config.data, app_url=config.app_url, channel_id="9", channel_secret="new", bot_token="t9")
    app = create_simulator(other)
    client = app.test_client()
    assert [channel["id"] for channel in client.get("/sim/state").get_json()["channels"]] == ["9"]
    assert len(client.get(f"/sim/people/{KEN}/chat").get_json()["items"]) == 1
    assert client.get("/v2/bot/info", headers={"Authorization": "Bearer t9"}).status_code == 200
    close_simulator(app)


def test_many_hands_at_once(simulator: Simulator) -> None:
    def push(number: int) -> None:
        with httpx.Client(base_url=simulator.url, headers=dict(simulator.line.headers)) as line:
            for turn in range(20):
                body = {"to": KEN, "messages": [{"type": "text", "text": f"{number}-{turn}"}]}
                assert line.post("/v2/bot/message/push", json=body).status_code == 200

    hands = [threading.Thread(target=push, args=(number,)) for number in range(6)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    texts = simulator.bot_texts(KEN)
    assert sorted(texts) == sorted(f"{number}-{turn}" for number in range(6) for turn in range(20))
    assert simulator.quota_used() == 120


def test_webhook_endpoint(simulator: Simulator, product: Product) -> None:
    endpoint = "/v2/bot/channel/webhook/endpoint"
    assert simulator.line.get(endpoint).json() == {"endpoint": f"{product.url}/webhooks/line/aura", "active": True}
    assert simulator.line.put(endpoint, json={"endpoint": "http://a.example/"}).status_code == 400
    assert simulator.line.put(endpoint, json={"endpoint": f"{product.url}/elsewhere"}).status_code == 200
    assert simulator.line.get(endpoint).json()["endpoint"].endswith("/elsewhere")
    told = simulator.line.post("/v2/bot/channel/webhook/test", json={}).json()
    assert (told["success"], told["statusCode"], told["reason"]) == (True, 200, "OK")
    assert product.next().events == []
    # As LINE's own SDK for Node asks: declared as JSON, and without a body.
    bare = simulator.line.post("/v2/bot/channel/webhook/test", headers={"Content-Type": "application/json"})
    assert (bare.status_code, bare.json()["success"]) == (200, True)
    assert product.next().events == []
    assert simulator.line.put(endpoint, headers={"Content-Type": "application/json"}).status_code == 400
    dead = simulator.line.post("/v2/bot/channel/webhook/test", json={"endpoint": "http://127.0.0.1:1/"}).json()
    assert (dead["success"], dead["statusCode"], dead["reason"]) == (False, 0, "COULD_NOT_CONNECT")


def test_validate(simulator: Simulator) -> None:
    for kind in ("reply", "push", "multicast", "narrowcast", "broadcast"):
        path = f"/v2/bot/message/validate/{kind}"
        assert simulator.line.post(path, json={"messages": [{"type": "text", "text": "x"}]}).status_code == 200
        answer = simulator.line.post(path, json={"messages": [{"type": "text", "text": ""}]})
        details = [{"message": "May not be empty", "property": "messages[0].text"}]
        assert answer.json() == {"message": "The request body has 1 error(s)", "details": details}
    assert simulator.line.post("/v2/bot/message/validate/other", json={}).status_code == 404


def test_the_team_is_there_once_and_again_after_a_reset(config: Config) -> None:
    somsak, ploy, fon = map(named_user, ("somsak", "ploy", "fon"))
    for _ in range(2):  # a restart adds nobody
        app = create_simulator(replace(config, team=True))
        client = app.test_client()
        state = client.get("/sim/state").json
        assert state is not None
        assert {one["user_id"]: one["device"] for one in state["people"]} == {
            MALI: "phone", KEN: "phone", somsak: "phone", ploy: "phone", fon: "pc",
        }  # fmt: skip
        (group,) = state["groups"]
        assert group["members"] == [somsak, ploy, fon] and group["bot_inside"]
        close_simulator(app)
    app = create_simulator(replace(config, team=True))
    client = app.test_client()
    assert client.delete(f"/sim/groups/{group['group_id']}/members/{ploy}").status_code == 200
    assert client.get("/sim/state").json["groups"][0]["members"] == [somsak, fon]  # type: ignore[index]
    assert client.post("/sim/reset").status_code == 200
    assert client.get("/sim/state").json["groups"] == [group]  # type: ignore[index]
    close_simulator(app)


def test_at_a_computer_there_is_no_rich_menu(simulator: Simulator) -> None:
    menu = {
        "size": {"width": 2500, "height": 843}, "selected": True, "name": "m", "chatBarText": "Menu",
        "areas": [{"bounds": {"x": 0, "y": 0, "width": 99, "height": 99}, "action": {"type": "message", "text": "a"}}],
    }  # fmt: skip
    menu_id = simulator.line.post("/v2/bot/richmenu", json=menu).json()["richMenuId"]
    picture = png(2500, 843, (142, 90, 109))
    headers = {"Content-Type": "image/png"}
    assert simulator.line.post(f"/v2/bot/richmenu/{menu_id}/content", content=picture, headers=headers).is_success
    assert simulator.line.post(f"/v2/bot/user/all/richmenu/{menu_id}").is_success
    found = {}
    for device in ("phone", "pc"):
        user_id = simulator.sim("POST", "people", {"name": "Fon", "language": "th", "device": device})["user_id"]
        simulator.sim("POST", f"people/{user_id}/follow")
        found[device] = simulator.sim("GET", f"people/{user_id}/chat")["rich_menu"]
    assert found["phone"]["id"] == menu_id
    assert found["pc"] is None
    odd = {"name": "Fon", "device": "watch"}
    assert simulator.http.post("/sim/people", json=odd).status_code == 400


def test_the_account_joins_no_group_where_its_owner_has_not_allowed_it(simulator: Simulator, product: Product) -> None:
    simulator.sim("PATCH", "switches", {"refuse_joins": True})
    refused = simulator.http.post("/sim/groups", json={"name": "ทีมงาน", "members": [KEN]})
    assert (refused.status_code, refused.json()["code"]) == (409, "joins_refused")
    assert simulator.sim("GET", "state")["groups"] == []
    simulator.sim("PATCH", "switches", {"refuse_joins": False})
    simulator.sim("POST", "groups", {"name": "ทีมงาน", "members": [KEN]})
    assert product.next().event["type"] == "join"
