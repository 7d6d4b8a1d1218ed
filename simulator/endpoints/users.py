"""LINE's endpoints about people, groups, the account itself, and what people sent."""

from flask import Response, request

from simulator import accounts, chats, contents, tokens
from simulator.answers import Refused, bad_property, errors_in_body, not_found
from simulator.endpoints.base import answer, channel, endpoint, json_body, line, sender, world
from simulator.groups import leave


@line.get("/v2/bot/profile/<user_id>")
@endpoint("profile")
def profile(user_id: str) -> Response:
    if not accounts.reachable(world(), channel()["id"], user_id):
        raise not_found()
    who = accounts.person(world().store, user_id)
    return answer({"userId": user_id, "displayName": who["name"], "language": who["language"]})


@line.get("/v2/bot/info")
@endpoint("info")
def info() -> Response:
    account = channel()
    return answer(
        {
            "userId": account["bot_user_id"],
            "basicId": account["basic_id"],
            "displayName": account["name"],
            "chatMode": "chat",
            "markAsReadMode": "manual",
        }
    )


@line.get("/v2/bot/group/<group_id>/summary")
@endpoint("group")
def group_summary(group_id: str) -> Response:
    group = accounts.group_of(world().store, channel()["id"], group_id)
    return answer({"groupId": group_id, "groupName": group["name"]})


@line.get("/v2/bot/group/<group_id>/members/count")
@endpoint("group")
def group_count(group_id: str) -> Response:
    accounts.group_of(world().store, channel()["id"], group_id)
    return answer({"count": len(accounts.members(world().store, group_id))})


@line.get("/v2/bot/group/<group_id>/member/<user_id>")
@endpoint("group")
def group_member(group_id: str, user_id: str) -> Response:
    accounts.group_of(world().store, channel()["id"], group_id)
    for member in accounts.members(world().store, group_id):
        if member["user_id"] == user_id:
            return answer({"userId": user_id, "displayName": member["name"]})
    raise not_found()


@line.get("/v2/bot/group/<group_id>/members/ids")
@endpoint("group")
def group_member_ids(group_id: str) -> Response:  # noqa: ARG001
    raise Refused(403, "Access to this API is not available for your account")


@line.post("/v2/bot/group/<group_id>/leave")
@endpoint("group")
def leave_group(group_id: str) -> Response:
    accounts.group_of(world().store, channel()["id"], group_id)
    leave(world(), sender(), group_id)
    return answer({})


@line.get("/v2/bot/message/<message_id>/content")
@line.get("/v2/bot/message/<message_id>/content/preview", endpoint="preview")
@endpoint("content")
def message_content(message_id: str) -> Response:
    row = contents.find(world(), message_id)
    if row["channel_id"] != channel()["id"]:
        raise not_found()
    if request.path.endswith("/preview") and not row["mime"].startswith(("image/", "video/")):
        raise not_found()
    return Response(row["body"], content_type=row["mime"])


@line.get("/v2/bot/message/<message_id>/content/transcoding")
@endpoint("content")
def transcoding(message_id: str) -> Response:
    if contents.find(world(), message_id)["channel_id"] != channel()["id"]:
        raise not_found()
    return answer({"status": "succeeded"})


@line.post("/v2/bot/chat/loading/start")
@endpoint("showLoadingAnimation")
def loading() -> Response:
    body = json_body()
    chat, seconds = body.get("chatId"), body.get("loadingSeconds", 20)
    if not isinstance(chat, str) or not chat.startswith("U") or len(chat) != 33:
        raise bad_property("chatId")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 5 <= seconds <= 60 or seconds % 5:
        raise errors_in_body([{"message": "must be a multiple of 5 between 5 and 60", "property": "loadingSeconds"}])
    if accounts.reachable(world(), channel()["id"], chat):
        chats.show_loading(world(), channel()["id"], chat, seconds)
    return answer({}, 202)


@line.post("/v2/bot/chat/markAsRead")
@endpoint("markAsRead")
def mark_as_read() -> Response:
    token = json_body().get("markAsReadToken")
    row = None
    if isinstance(token, str):
        row = world().store.row(
            "SELECT * FROM items WHERE read_token = ? AND channel_id = ?", token, channel()["id"]
        )  # fmt: skip
    if row is None:
        raise Refused(400, "Invalid markAsReadToken")
    chats.mark_read(world(), row["channel_id"], row["chat"], row["seq"])
    return answer({})


@line.post("/v2/bot/user/<user_id>/linkToken")
@endpoint("linkToken")
def link_token(user_id: str) -> Response:
    if not accounts.reachable(world(), channel()["id"], user_id):
        raise not_found()
    return answer({"linkToken": tokens.issue_link_token(world(), channel()["id"], user_id)})
