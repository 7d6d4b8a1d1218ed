"""The desk's endpoints for group chats."""

from flask import Response

from simulator import accounts, groups
from simulator.desk import body, channel_id, chat_view, desk
from simulator.endpoints.base import answer, sender, world


@desk.post("/sim/groups")
def start_group() -> Response:
    """`{channel?, name, members: [user_id]}`: people make a group and invite the account."""
    wanted = body()
    members = [str(user_id) for user_id in wanted.get("members", [])]
    group_id = groups.start(world(), sender(), channel_id(wanted), str(wanted.get("name", "Staff")), members)
    return answer({"group_id": group_id})


@desk.delete("/sim/groups/<group_id>")
def remove_account(group_id: str) -> Response:
    """The account is removed from the group."""
    groups.leave(world(), sender(), group_id)
    return answer({})


@desk.post("/sim/groups/<group_id>/members")
def add_member(group_id: str) -> Response:
    """`{user_id}`: somebody joins the group."""
    accounts.group(world().store, group_id)
    groups.come(world(), sender(), group_id, str(body().get("user_id")))
    return answer({})


@desk.delete("/sim/groups/<group_id>/members/<user_id>")
def remove_member(group_id: str, user_id: str) -> Response:
    """Somebody leaves the group."""
    groups.go(world(), sender(), group_id, user_id)
    return answer({})


@desk.get("/sim/groups/<group_id>/chat")
def group_chat(group_id: str) -> Response:
    group = accounts.group(world().store, group_id)
    return answer(chat_view(group["channel_id"], group_id) | {"rich_menu": None})
