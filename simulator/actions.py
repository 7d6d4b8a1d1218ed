"""A tap: what the phone does with an action object, and what the account hears of it."""

from typing import Any

from simulator import accounts, menus, units
from simulator.answers import Refused
from simulator.followed import leads_to
from simulator.login import liff
from simulator.phone import Phone, opened_by, say

Action = dict[str, Any]


def act(phone: Phone, action: Action, params: dict[str, str] | None = None) -> dict[str, Any]:
    """Performs an action as the phone would; `{"does": …}` says what the person saw.

    postback, message, switch_menu: told to the account. pick: a date is still wanted (call again with `params`).
    open, fill_in, copy, camera, camera_roll, location: happens on the phone alone; `leads_to` of open is where a link
    of the product's own leads on to. liff: `opens` in LINE's own browser, with what that hands to the page.
    """
    kind = action.get("type")
    if kind == "postback":
        return _postback(phone, action)
    if kind == "message":
        return {"does": "message", "item": say(phone, {"type": "text", "text": action.get("text")})}
    if kind == "datetimepicker":
        return _pick(phone, action, params)
    if kind == "richmenuswitch":
        return _switch(phone, action)
    if kind == "uri":
        return _opened(phone, str(action.get("uri", "")))
    if kind == "clipboard":
        return {"does": "copy", "text": action.get("clipboardText", "")}
    alone = {"camera": "camera", "cameraRoll": "camera_roll", "location": "location"}.get(str(kind))
    if alone is None:
        raise Refused(400, f"no such action: {kind}")
    return {"does": alone}


def _opened(phone: Phone, uri: str) -> dict[str, Any]:
    if phone.group_id is None and not accounts.on_computer(phone.world.store, phone.user_id):
        units.opened(phone.world, phone.channel_id, phone.user_id, uri)
    if (app := liff.opened(phone.world, phone.user_id, uri)) is not None:
        return app
    does = opened_by(uri)
    to = leads_to(phone.world.config, uri) if does["does"] == "open" else None
    return {**does, "leads_to": to} if to else does


def _postback(phone: Phone, action: Action) -> dict[str, Any]:
    phone.may_speak()
    item = None
    with phone.world.store.write():
        if text := action.get("displayText"):
            item = phone.show({"type": "text", "text": text})
        phone.happen("postback", {"postback": {"data": str(action.get("data", ""))}})
        # The older `text` is a real message of the person, beside the postback.
        if action.get("text"):
            item = say(phone, {"type": "text", "text": action["text"]})
    does: dict[str, Any] = {"does": "postback", "item": item}
    for name, key in (("inputOption", "input_option"), ("fillInText", "fill_in_text")):
        if name in action:
            does[key] = action[name]
    return does


def _pick(phone: Phone, action: Action, params: dict[str, str] | None) -> dict[str, Any]:
    mode = str(action.get("mode"))
    wanted: dict[str, str] = {key: str(action[key]) for key in ("initial", "min", "max") if key in action}
    if not params:
        return {"does": "pick", "mode": mode, **wanted}
    phone.may_speak()
    picked = params.get(mode)
    if not picked:
        raise Refused(400, f"params must hold {mode}")
    # The three formats sort as text, so that the limits can be compared as they stand.
    low, high = wanted.get("min", "").upper(), wanted.get("max", "~").upper()
    if not low <= picked.upper() <= high:
        raise Refused(400, f"{picked} is outside what the picker offers", code="outside_picker")
    phone.happen("postback", {"postback": {"data": str(action.get("data", "")), "params": {mode: picked}}})
    return {"does": "postback", "item": None}


def _switch(phone: Phone, action: Action) -> dict[str, Any]:
    phone.may_speak()
    alias = str(action.get("richMenuAliasId", ""))
    status, menu_id = menus.switch_target(phone.world, phone.channel_id, alias)
    with phone.world.store.write():
        if menu_id is not None:
            menus.link(phone.world, phone.channel_id, phone.user_id, menu_id)
        params = {"newRichMenuAliasId": alias, "status": status}
        phone.happen("postback", {"postback": {"data": str(action.get("data", "")), "params": params}})
    shown = menus.shown(phone.world, phone.channel_id, phone.user_id)
    return {"does": "switch_menu", "status": status, "rich_menu": shown}
