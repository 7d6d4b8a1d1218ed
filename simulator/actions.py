"""A tap: what the phone does with an action object, and what the account hears of it."""

from typing import Any

from simulator import accounts, chats, menus, phone
from simulator.answers import Refused
from simulator.events import happen
from simulator.sender import Sender
from simulator.world import World

Action = dict[str, Any]


def act(
    world: World, sender: Sender, channel_id: str, user_id: str, action: Action, params: dict[str, str] | None = None,
    group_id: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Performs an action as the phone would; `{"does": …}` says what the person saw.

    postback, message, switch_menu: told to the account. pick: a date is still wanted (call again with `params`).
    open, fill_in, copy, camera, camera_roll, location: happens on the phone alone.
    """
    kind = action.get("type")
    if kind == "postback":
        return _postback(world, sender, channel_id, user_id, action, group_id)
    if kind == "message":
        item = phone.say(world, sender, channel_id, user_id, {"type": "text", "text": action.get("text")}, group_id)
        return {"does": "message", "item": item}
    if kind == "datetimepicker":
        return _pick(world, sender, channel_id, user_id, action, params, group_id)
    if kind == "richmenuswitch":
        return _switch(world, sender, channel_id, user_id, action)
    if kind == "uri":
        return phone.opened_by(str(action.get("uri", "")))
    if kind == "clipboard":
        return {"does": "copy", "text": action.get("clipboardText", "")}
    alone = {"camera": "camera", "cameraRoll": "camera_roll", "location": "location"}.get(str(kind))
    if alone is None:
        raise Refused(400, f"no such action: {kind}")
    return {"does": alone}


def _tell(
    world: World, sender: Sender, channel_id: str, user_id: str, postback: dict[str, Any], group_id: str | None
) -> None:
    if group_id is None and accounts.friendship(world.store, channel_id, user_id) == "blocked":
        raise Refused(409, "this person has blocked the account; follow again first")
    happen(world, sender, channel_id, "postback", {"postback": postback}, user_id=user_id, group_id=group_id)


def _postback(
    world: World, sender: Sender, channel_id: str, user_id: str, action: Action, group_id: str | None
) -> dict[str, Any]:
    accounts.person(world.store, user_id)
    item = None
    with world.store.write():
        if text := action.get("displayText") or action.get("text"):
            item = chats.add_item(
                world, channel_id, group_id or user_id, "user", {"type": "text", "text": text}, user_id=user_id
            )
        _tell(world, sender, channel_id, user_id, {"data": str(action.get("data", ""))}, group_id)
    does: dict[str, Any] = {"does": "postback", "item": item}
    for name, key in (("inputOption", "input_option"), ("fillInText", "fill_in_text")):
        if name in action:
            does[key] = action[name]
    return does


def _pick(
    world: World, sender: Sender, channel_id: str, user_id: str, action: Action, params: dict[str, str] | None,
    group_id: str | None,
) -> dict[str, Any]:  # fmt: skip
    mode = str(action.get("mode"))
    wanted = {key: action[key] for key in ("initial", "min", "max") if key in action}
    if not params:
        return {"does": "pick", "mode": mode, **wanted}
    picked = params.get(mode)
    if not picked:
        raise Refused(400, f"params must hold {mode}")
    # The three formats sort as text, so that the limits can be compared as they stand.
    if picked < wanted.get("min", "") or picked > wanted.get("max", "~"):
        raise Refused(400, f"{picked} is outside what the picker offers")
    _tell(
        world, sender, channel_id, user_id, {"data": str(action.get("data", "")), "params": {mode: picked}}, group_id
    )
    return {"does": "postback", "item": None}


def _switch(world: World, sender: Sender, channel_id: str, user_id: str, action: Action) -> dict[str, Any]:
    alias = str(action.get("richMenuAliasId", ""))
    status, menu_id = menus.switch_target(world, channel_id, alias)
    with world.store.write():
        if menu_id is not None:
            menus.link(world, channel_id, user_id, menu_id)
        params = ({"newRichMenuAliasId": alias} if status != "RICHMENU_ALIAS_ID_NOTFOUND" else {}) | {"status": status}
        _tell(world, sender, channel_id, user_id, {"data": str(action.get("data", "")), "params": params}, None)
    return {"does": "switch_menu", "status": status, "rich_menu": menus.shown(world, channel_id, user_id)}
