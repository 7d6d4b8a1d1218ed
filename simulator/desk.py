"""Our own endpoints under /sim: the world as the screen and the tests see it and move it."""

import json
import re
from typing import Any

from flask import Blueprint, Response, render_template, request

from simulator import accounts, chats, contents, ids, menus, switches, units
from simulator.actions import act
from simulator.answers import Refused, not_found
from simulator.clock import read_clock, set_clock
from simulator.endpoints.base import answer, sender, world
from simulator.phone import Phone
from simulator.phone import follow as follow_account
from simulator.phone import say as say_message
from simulator.phone import unfollow as unfollow_account
from simulator.phone import unsend as unsend_message
from simulator.world import iso

desk = Blueprint("desk", __name__)

# What the clinic sends is shown, never run. Pictures may come from wherever its messages say; a page of its LIFF app
# runs in a frame of its own, on its own site.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data: https: http://127.0.0.1:* http://localhost:*",
        "font-src 'self'",
        "frame-src 'self' https: http://127.0.0.1:* http://localhost:*",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


@desk.after_request
def _guard(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@desk.errorhandler(Refused)
def _refused(refusal: Refused) -> Response:
    return answer(refusal.body, refusal.status)


def body() -> dict[str, Any]:
    """The JSON object that came with the request; nothing sent means nothing wanted."""
    if not request.get_data():
        return {}
    try:
        found = json.loads(request.get_data())
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"not JSON that can be read: {error}") from error
    if not isinstance(found, dict):
        raise Refused(400, "a JSON object is expected")
    return found


def channel_id(wanted: dict[str, Any]) -> str:
    return str(accounts.channel(world().store, wanted.get("channel") or None)["id"])


def _phone(user_id: str, wanted: dict[str, Any]) -> Phone:
    return Phone(world(), sender(), channel_id(wanted), user_id, wanted.get("group") or None)


@desk.get("/")
def screen() -> str:
    return render_template("phone.html")


@desk.get("/sim/state")
def state() -> Response:
    here = world()
    channels = here.store.rows("SELECT * FROM channels ORDER BY rowid")
    friends = here.store.rows("SELECT * FROM friends")
    people = [
        {
            "user_id": who["user_id"],
            "name": who["name"],
            "language": who["language"],
            "device": "pc" if accounts.on_computer(here.store, who["user_id"]) else "phone",
            "friends": {
                account["id"]: any(
                    row["channel_id"] == account["id"] and row["user_id"] == who["user_id"] and row["state"] == "friend"
                    for row in friends
                )
                for account in channels
            },
        }
        for who in here.store.rows("SELECT * FROM people ORDER BY rowid")
    ]
    groups = [
        {
            "group_id": row["group_id"],
            "channel": row["channel_id"],
            "name": row["name"],
            "bot_inside": bool(row["bot_inside"]),
            "members": [member["user_id"] for member in accounts.members(here.store, row["group_id"])],
        }
        for row in here.store.rows("SELECT * FROM groups ORDER BY rowid")
    ]
    return answer(
        {
            "channels": [accounts.channel_view(row) for row in channels],
            "people": people,
            "groups": groups,
            "clock": {"offset_seconds": here.offset, "now": iso(here.now())},
            "faults": here.faults.waiting(),
            "switches": switches.standing(here),
        }
    )


@desk.post("/sim/people")
def add_person() -> Response:
    wanted = body()
    if not wanted.get("name"):
        raise Refused(400, "name is missing")
    if not re.fullmatch(r"U[0-9a-f]{32}", str(wanted.get("user_id") or ids.user_id())):
        raise Refused(400, "user_id must be U and 32 hexadecimal digits")
    device = str(wanted.get("device", "phone"))
    if device not in {"phone", "pc"}:
        raise Refused(400, "device must be phone or pc")
    user_id = accounts.add_person(
        world().store, str(wanted["name"]), str(wanted.get("language", "th")), wanted.get("user_id"), device
    )
    world().feed.tell("friend", user_id=user_id)
    return answer({"user_id": user_id})


@desk.post("/sim/people/<user_id>/follow")
def follow(user_id: str) -> Response:
    follow_account(_phone(user_id, body()))
    return answer({})


@desk.post("/sim/people/<user_id>/unfollow")
def unfollow(user_id: str) -> Response:
    unfollow_account(_phone(user_id, body()))
    return answer({})


@desk.post("/sim/people/<user_id>/say")
def say(user_id: str) -> Response:
    wanted = body()
    message = wanted.get("message")
    if not isinstance(message, dict):
        raise Refused(400, "message is missing")
    return answer({"item": say_message(_phone(user_id, wanted), message)})


@desk.post("/sim/people/<user_id>/unsend")
def unsend(user_id: str) -> Response:
    wanted = body()
    unsend_message(_phone(user_id, wanted), str(wanted.get("item_id")))
    return answer({})


@desk.post("/sim/people/<user_id>/act")
def perform(user_id: str) -> Response:
    wanted = body()
    action = wanted.get("action")
    if not isinstance(action, dict):
        raise Refused(400, "action is missing")
    return answer(act(_phone(user_id, wanted), action, wanted.get("params")))


@desk.get("/sim/people/<user_id>/chat")
def chat(user_id: str) -> Response:
    accounts.person(world().store, user_id)
    account = channel_id(dict(request.args))
    if accounts.on_computer(world().store, user_id):
        return answer(chat_view(account, user_id) | {"rich_menu": None})
    units.seen(world(), account, user_id)
    menu = menus.shown(world(), account, user_id)
    return answer(chat_view(account, user_id) | {"rich_menu": menu})


def chat_view(account: str, chat_id: str) -> dict[str, Any]:
    """A chat's lines after `?after=`, what was unsent in it, how far it is read, how long the animation runs."""
    after = request.args.get("after", default=0, type=int)
    return {
        "items": chats.items_after(world(), account, chat_id, after),
        "unsent": chats.unsent(world(), account, chat_id),
        **chats.standing(world(), account, chat_id),
    }


@desk.get("/sim/feed")
def feed() -> Response:
    return Response(world().feed.listen(), content_type="text/event-stream", headers={"Cache-Control": "no-store"})


@desk.get("/sim/contents/<message_id>")
def content(message_id: str) -> Response:
    row = contents.find(world(), message_id)
    return Response(row["body"], content_type=row["mime"])


@desk.get("/sim/richmenus/<menu_id>/image")
def menu_image(menu_id: str) -> Response:
    row = world().store.row("SELECT mime, image FROM menus WHERE menu_id = ? AND mime IS NOT NULL", menu_id)
    if row is None:
        raise not_found("this menu has no picture")
    return Response(row["image"], content_type=row["mime"], headers={"Cache-Control": "max-age=31536000, immutable"})


@desk.get("/sim/clock")
def clock() -> Response:
    return answer(read_clock(world()))


@desk.put("/sim/clock")
def move_clock() -> Response:
    return answer(set_clock(world(), body()))


@desk.app_errorhandler(404)
def _unknown(_error: Exception) -> Response:
    """An address that is nobody's endpoint, in the shape that LINE's clients read."""
    return answer({"message": "Not found"}, 404)
