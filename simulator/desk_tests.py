"""The desk's endpoints for tests and demonstrations: accounts, raw events, the log, faults, reset."""

import json
import time
from typing import Any

from flask import Response, request

from simulator import accounts, switches, team, tokens
from simulator.answers import Refused
from simulator.calls import KEPT
from simulator.desk import body, desk
from simulator.endpoints.base import answer, sender, world
from simulator.events import happen
from simulator.sender import body_of, sign

_CHANGEABLE = {"name", "quota", "quota_used", "webhook_url", "webhook_active", "mode", "secret", "token"}


@desk.post("/sim/channels")
def put_channel() -> Response:
    wanted = body()
    missing = [name for name in ("id", "secret", "name", "webhook_url") if not wanted.get(name)]
    if missing:
        raise Refused(400, f"missing: {', '.join(missing)}")
    accounts.put_channel(world().store, wanted)
    world().feed.tell("friend", channel=str(wanted["id"]))
    return answer(accounts.channel_view(accounts.channel(world().store, str(wanted["id"]))))


@desk.patch("/sim/channels/<account>")
def change_channel(account: str) -> Response:
    wanted = body()
    unknown = sorted(set(wanted) - _CHANGEABLE)
    if unknown:
        raise Refused(400, f"cannot change {', '.join(unknown)}")
    if wanted.get("mode", "active") not in {"active", "standby"}:
        raise Refused(400, "mode must be active or standby")
    if not isinstance(wanted.get("quota"), int | None) or not isinstance(wanted.get("quota_used", 0), int):
        raise Refused(400, "quota must be a number or null")
    known = str(accounts.channel(world().store, account)["id"])
    with world().store.write():
        for name, value in wanted.items():
            kept = int(value) if isinstance(value, bool) else value
            world().store.run(f"UPDATE channels SET {name} = ? WHERE id = ?", kept, known)  # noqa: S608 - names are listed
    world().feed.tell("friend", channel=known)
    return answer(accounts.channel_view(accounts.channel(world().store, known)))


@desk.patch("/sim/switches")
def turn_switches() -> Response:
    """`{name: true or false}`; all switches as they stand."""
    wanted = body()
    if not wanted.keys() <= set(switches.SWITCHES) or not all(isinstance(value, bool) for value in wanted.values()):
        raise Refused(400, f"the switches are {', '.join(switches.SWITCHES)}, true or false")
    switches.turn(world(), wanted)
    return answer(switches.standing(world()))


@desk.post("/sim/link-account")
def link_account() -> Response:
    """`{linkToken, nonce}`: what LINE's account link page does when the person agrees."""
    wanted = body()
    row = tokens.use_link_token(world(), str(wanted.get("linkToken")))
    if row is None:
        raise Refused(400, "this link token is used, too old or unknown")
    link = {"link": {"result": "ok", "nonce": str(wanted.get("nonce", ""))}}
    happen(world(), sender(), row["channel_id"], "accountLink", link, user_id=row["user_id"])
    return answer({})


@desk.post("/sim/events")
def post_events() -> Response:
    """Posts odd events really signed: `events` as they are, or `raw` bytes; `signature` replaces the right one."""
    wanted = body()
    account = accounts.channel(world().store, _word(wanted.get("channel") or "", "channel") or None)
    if "raw" in wanted:
        payload = str(wanted["raw"]).encode("utf-8", "surrogatepass")
        events = _events_in(payload)
    else:
        events = wanted.get("events", [])
        payload = body_of(str(wanted.get("destination", account["bot_user_id"])), events)
    for event in events if isinstance(events, list) else []:
        _let_reply(account["id"], event)
    signature = _word(wanted.get("signature", sign(account["secret"], payload)), "signature")
    began = time.monotonic()
    status, text = sender().post(account["webhook_url"], payload, signature, timeout=10)
    sender().log(account["id"], events, status, text, began, attempt=0)
    return answer({"status": status, "body": text})


def _word(given: Any, name: str) -> str:
    """Text that a header and a table can hold."""
    # Latin-1 is all that a header carries.
    if not isinstance(given, str) or any(ord(each) > 255 for each in given) or (given and not given.isprintable()):
        raise Refused(400, f"{name} must be visible letters of Latin-1")
    return given


def _events_in(payload: bytes) -> Any:
    try:
        whole = json.loads(payload)
    except (ValueError, RecursionError):
        return []  # posting what is not JSON, or too deep to be read, is what the caller wants
    return whole.get("events", []) if isinstance(whole, dict) else []


def _let_reply(account: str, event: Any) -> None:
    """A reply token in an event of the caller's own making works like any other."""
    if not isinstance(event, dict) or not isinstance(event.get("source"), dict):
        return
    source, token = event["source"], event.get("replyToken")
    chat = source.get("groupId") or source.get("userId")
    if isinstance(token, str) and isinstance(chat, str) and f"{token}{chat}".isprintable():
        tokens.issue_reply_token(world(), account, chat, token)
        tokens.restart_reply_token(world(), token)


@desk.post("/sim/reply-tokens")
def know_reply_tokens() -> Response:
    """`{channel?, tokens: {token: user or group id}}`: tokens of webhooks that a load generator posts by itself."""
    wanted = body()
    given = wanted.get("tokens")
    if not isinstance(given, dict):
        raise Refused(400, "tokens must be an object")
    account = str(accounts.channel(world().store, wanted.get("channel") or None)["id"])
    with world().store.write():
        for token, chat in given.items():
            tokens.issue_reply_token(world(), account, str(chat), str(token))
    return answer({"known": len(given)})


@desk.get("/sim/log")
def log() -> Response:
    after, newest = request.args.get("after", default=0, type=int), request.args.get("newest", default=KEPT, type=int)
    entries = world().calls.after(after, newest)
    return answer({"entries": [_readable(entry) for entry in entries]})


def _readable(entry: dict[str, Any]) -> dict[str, Any]:
    if entry["kind"] != "api":
        return entry
    return entry | {"body": _parsed(entry["body"]), "response": _parsed(entry["response"])}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


@desk.post("/sim/faults")
def order_fault() -> Response:
    try:
        fault = world().faults.order(body())
    except (TypeError, ValueError) as error:
        raise Refused(400, str(error)) from error
    world().feed.tell("fault", fault=fault.kind, on=fault.on)
    return answer(vars(fault))


@desk.get("/sim/faults")
def waiting_faults() -> Response:
    return answer({"faults": world().faults.waiting()})


@desk.delete("/sim/faults")
def clear_faults() -> Response:
    world().faults.clear()
    world().feed.tell("fault")
    return answer({})


@desk.post("/sim/expire")
def expire() -> Response:
    """Every token, retry key and code of LINE Login that is out is too old from now on."""
    tokens.expire_all(world())
    return answer({})


@desk.post("/sim/reset")
def reset() -> Response:
    """Forgets chats, menus, friends, groups, mails, tokens, switches and faults; accounts and people stay."""
    here = world()
    with here.store.write():
        for table in (
            "items", "chats", "contents", "reply_tokens", "link_tokens", "retry_keys", "menus", "menu_links",
            "aliases", "friends", "groups", "texts", "mails", "units", "unit_clicks", "login_codes",
        ):  # fmt: skip
            here.store.run(f"DELETE FROM {table}")  # noqa: S608 - names are listed
        here.store.run(
            "UPDATE channels SET default_menu = NULL, quota_used = 0, webhook_active = 1, mode = 'active', quota = NULL"
        )
        switches.turn(here, dict.fromkeys(switches.SWITCHES, False))
        accounts.befriend_ken(here)
        team.forget(here)
        if here.config.team:
            team.seed(here)
    here.faults.clear()
    here.mail.clear()
    here.buckets.forget()
    here.calls.forget()
    here.feed.tell("friend")
    here.feed.tell("menu")
    return answer({})
