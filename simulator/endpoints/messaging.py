"""LINE's endpoints for sending: reply, push, multicast, validate, quota."""

import re
import uuid
from typing import Any

from flask import Response, g, request

from simulator import accounts, delivery, tokens, units
from simulator.answers import Refused, bad_property, errors_in_body
from simulator.endpoints.base import answer, channel, endpoint, json_body, line, world
from simulator.rules.messages import checked_messages

_TO = re.compile(r"[UCR][0-9a-f]{32}")
_UNIT = re.compile(r"[a-zA-Z0-9_]{1,30}")


@line.post("/v2/bot/message/reply")
@endpoint("reply")
def reply() -> Response:
    body = json_body()
    _known(body, {"replyToken", "messages", "notificationDisabled"})
    messages = checked_messages(body)
    token = body.get("replyToken")
    if not isinstance(token, str) or not token:
        raise errors_in_body([{"message": "May not be empty", "property": "replyToken"}])
    here, account = world(), channel()["id"]
    with here.store.write():
        chat = tokens.use_reply_token(here, account, token)
        given = delivery.sent(messages)
        if chat.startswith("C") or accounts.friendship(here.store, account, chat) != "blocked":
            delivery.put(here, account, chat, messages, given, request_id=g.request_id)
    return answer({"sentMessages": given})


@line.post("/v2/bot/message/push")
@endpoint("push")
def push() -> Response:
    retry_key, body = _retry_key(), json_body()
    _known(body, {"to", "messages", "notificationDisabled", "customAggregationUnits"})
    messages, to = checked_messages(body), body.get("to")
    if not isinstance(to, str) or not _TO.fullmatch(to):
        raise bad_property("to")
    _check_units(body)
    here, account = world(), channel()
    with here.store.write():
        _once(account["id"], retry_key)
        if not to.startswith("U"):
            _joined(account["id"], to)
        people = delivery.audience(here, account["id"], to)
        delivery.charge(here, account, people)
        given = delivery.sent(messages)
        if people:
            delivery.put(here, account["id"], to, messages, given, request_id=g.request_id)
            _count(body, [to] if to.startswith("U") else [])
        return _accepted(account["id"], retry_key, {"sentMessages": given})


@line.post("/v2/bot/message/multicast")
@endpoint("multicast")
def multicast() -> Response:
    retry_key, body = _retry_key(), json_body()
    _known(body, {"to", "messages", "notificationDisabled", "customAggregationUnits"})
    messages, to = checked_messages(body), body.get("to")
    if not isinstance(to, list) or not 1 <= len(to) <= 500:
        raise errors_in_body([{"message": "Size must be between 1 and 500", "property": "to"}])
    if not all(isinstance(user, str) and user.startswith("U") and _TO.fullmatch(user) for user in to):
        raise bad_property("to")
    _check_units(body)
    here, account = world(), channel()
    with here.store.write():
        _once(account["id"], retry_key)
        reached = [user for user in dict.fromkeys(to) if accounts.reachable(here, account["id"], user)]
        delivery.charge(here, account, len(reached))
        given = delivery.sent(messages)
        for user in reached:
            delivery.put(here, account["id"], user, messages, given, request_id=g.request_id)
        _count(body, reached)
        return _accepted(account["id"], retry_key, {})


@line.post("/v2/bot/message/validate/<any(reply, push, multicast, narrowcast, broadcast):kind>")
@endpoint("validate")
def validate(kind: str) -> Response:  # noqa: ARG001 - LINE checks the same for all five
    body = json_body()
    _known(body, {"messages"})
    checked_messages(body)
    return answer({})


@line.get("/v2/bot/message/quota")
@endpoint("quota")
def quota() -> Response:
    limit = channel()["quota"]
    return answer({"type": "none"} if limit is None else {"type": "limited", "value": limit})


@line.get("/v2/bot/message/quota/consumption")
@endpoint("consumption")
def consumption() -> Response:
    return answer({"totalUsage": channel()["quota_used"]})


def _known(body: dict[str, Any], names: set[str]) -> None:
    unknown = sorted(set(body) - names)
    if unknown:
        raise errors_in_body([{"message": "unknown field", "property": name} for name in unknown])
    if not isinstance(body.get("notificationDisabled", False), bool):
        raise bad_property("notificationDisabled")


def _retry_key() -> str | None:
    key = request.headers.get("X-Line-Retry-Key")
    if key is None:
        return None
    try:
        return str(uuid.UUID(key))
    except ValueError as error:
        raise Refused(400, "Invalid retry key") from error


def _once(account: str, retry_key: str | None) -> None:
    before = tokens.accepted_before(world(), account, retry_key) if retry_key else None
    if before is not None:
        request_id, given = before
        raise Refused(
            409, "The retry key is already accepted", headers={"x-line-accepted-request-id": request_id}, **given
        )


def _accepted(account: str, retry_key: str | None, given: dict[str, Any]) -> Response:
    if retry_key:
        tokens.remember_retry_key(world(), account, retry_key, g.request_id, given)
    return answer(given)


def _joined(account: str, group_id: str) -> None:
    try:
        accounts.group_of(world().store, account, group_id)
    except Refused as error:
        raise Refused(400, "Failed to send messages") from error


def _check_units(body: dict[str, Any]) -> None:
    units = body.get("customAggregationUnits", [])
    if not isinstance(units, list) or len(units) > 1:
        raise errors_in_body([{"message": "Size must be between 0 and 1", "property": "customAggregationUnits"}])
    for unit in units:
        if not isinstance(unit, str) or not _UNIT.fullmatch(unit):
            raise errors_in_body(
                [{"message": 'must match "^[a-zA-Z0-9_]{1,30}$"', "property": "customAggregationUnits[0]"}]
            )


def _count(body: dict[str, Any], people: list[str]) -> None:
    for unit in body.get("customAggregationUnits", []):
        units.reached(world(), channel()["id"], unit, g.request_id, people, len(body["messages"]))
