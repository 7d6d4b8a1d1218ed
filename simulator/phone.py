"""What a person does with the phone in their hand."""

from typing import Any
from urllib.parse import unquote

from simulator import accounts, chats, contents, ids
from simulator.answers import Refused
from simulator.events import happen
from simulator.sender import Sender
from simulator.world import World

TEXT_LIMIT = 10_000


def follow(world: World, sender: Sender, channel_id: str, user_id: str) -> None:
    """Adds the account as a friend, or unblocks it."""
    channel, who = accounts.channel(world.store, channel_id), accounts.person(world.store, user_id)
    before = accounts.friendship(world.store, channel_id, user_id)
    if before == "friend":
        return
    with world.store.write():
        accounts.befriend(world.store, channel_id, user_id)
        chats.add_item(
            world, channel_id, user_id, "system",
            _note(f"{who['name']} เพิ่ม {channel['name']} เป็นเพื่อนแล้ว", f"{who['name']} added {channel['name']} as a friend"),
        )  # fmt: skip
        happen(world, sender, channel_id, "follow", {"follow": {"isUnblocked": before == "blocked"}}, user_id=user_id)
    world.feed.tell("friend", user_id=user_id, channel=channel_id)


def unfollow(world: World, sender: Sender, channel_id: str, user_id: str) -> None:
    """Blocks the account."""
    channel, who = accounts.channel(world.store, channel_id), accounts.person(world.store, user_id)
    if accounts.friendship(world.store, channel_id, user_id) != "friend":
        return
    with world.store.write():
        accounts.befriend(world.store, channel_id, user_id, "blocked")
        world.store.run("DELETE FROM menu_links WHERE channel_id = ? AND user_id = ?", channel_id, user_id)
        chats.add_item(
            world, channel_id, user_id, "system",
            _note(f"{who['name']} บล็อก {channel['name']} แล้ว", f"{who['name']} blocked {channel['name']}"),
        )  # fmt: skip
        happen(world, sender, channel_id, "unfollow", {}, user_id=user_id, answerable=False)
    world.feed.tell("friend", user_id=user_id, channel=channel_id)


def say(
    world: World, sender: Sender, channel_id: str, user_id: str, message: dict[str, Any], group_id: str | None = None
) -> dict[str, Any]:
    """Sends one message; the item that stands in the chat. Raises Refused when the phone could not send it."""
    _may_speak(world, channel_id, user_id, group_id)
    message_id, chat = ids.message_id(), group_id or user_id
    with world.store.write():
        heard, shown = _compose(world, channel_id, message_id, message)
        read_token = ids.quote_token() if group_id is None else None
        if read_token:
            heard["markAsReadToken"] = read_token
        item = chats.add_item(
            world, channel_id, chat, "user", shown, item_id=message_id, user_id=user_id, read_token=read_token
        )
        happen(world, sender, channel_id, "message", {"message": heard}, user_id=user_id, group_id=group_id)
    return item


def _may_speak(world: World, channel_id: str, user_id: str, group_id: str | None) -> None:
    accounts.person(world.store, user_id)
    if group_id is not None:
        accounts.group_of(world.store, channel_id, group_id)
        if user_id not in {member["user_id"] for member in accounts.members(world.store, group_id)}:
            raise Refused(409, "not a member of this group")
    elif accounts.friendship(world.store, channel_id, user_id) == "blocked":
        raise Refused(409, "this person has blocked the account; follow again first")


def _compose(
    world: World, channel_id: str, message_id: str, message: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The message as the webhook tells it, and as the chat shows it."""
    kind = str(message.get("type"))
    heard: dict[str, Any] = {"type": kind, "id": message_id}
    if kind == "text":
        text = message.get("text")
        if not isinstance(text, str) or not text or len(text) > TEXT_LIMIT:
            raise Refused(400, f"text must be 1 to {TEXT_LIMIT} characters")
        extra = {key: message[key] for key in ("emojis", "mention", "quotedMessageId") if key in message}
        return heard | {"quoteToken": ids.quote_token(), "text": text} | extra, {"type": "text", "text": text}
    if kind == "sticker":
        sticker = {"packageId": str(message.get("packageId", "446")), "stickerId": str(message.get("stickerId", "1988"))}
        kept = {key: message[key] for key in ("keywords", "text") if key in message}
        resource = {"stickerResourceType": str(message.get("stickerResourceType", "STATIC"))}
        return heard | {"quoteToken": ids.quote_token()} | sticker | resource | kept, {"type": kind} | sticker
    if kind == "location":
        place = {
            "title": message.get("title", "Siam"),
            "address": message.get("address", "Rama I Road, Pathum Wan, Bangkok 10330"),
            "latitude": float(message.get("latitude", 13.7455)),
            "longitude": float(message.get("longitude", 100.5340)),
        }
        return heard | place, {"type": kind} | place
    if kind in contents.DEFAULT_MIME:
        return heard | (told := _enclose(world, channel_id, message_id, kind, message))["heard"], told["shown"]
    raise Refused(400, "type must be text, sticker, image, video, audio, file or location")


def _enclose(
    world: World, channel_id: str, message_id: str, kind: str, message: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    row = contents.keep(world, channel_id, message_id, kind, message)
    address = f"/sim/contents/{message_id}"
    shown: dict[str, Any] = {"type": kind, "originalContentUrl": address}
    if kind == "file":
        name = str(message.get("fileName", "file.txt"))
        size = len(row["body"])
        return {"heard": {"fileName": name, "fileSize": size}, "shown": shown | {"fileName": name, "fileSize": size}}
    heard: dict[str, Any] = {"contentProvider": {"type": "line"}}
    if kind in {"video", "audio"}:
        heard["duration"] = shown["duration"] = int(message.get("duration", 1000))
    if kind in {"image", "video"}:
        heard["quoteToken"] = ids.quote_token()
        shown["previewImageUrl"] = address
    return {"heard": heard, "shown": shown}


def unsend(world: World, sender: Sender, user_id: str, item_id: str) -> None:
    """Takes a message back: the account is asked to forget it."""
    item = chats.item(world, item_id)
    if item["user_id"] != user_id or item["sender"] != "user":
        raise Refused(409, "only one's own message can be unsent")
    if item["unsent"]:
        return
    who = accounts.person(world.store, user_id)
    group_id = item["chat"] if item["chat"] != user_id else None
    with world.store.write():
        world.store.run("UPDATE items SET unsent = 1, message = '{}' WHERE item_id = ?", item_id)
        world.store.run("DELETE FROM contents WHERE message_id = ?", item_id)
        chats.add_item(
            world, item["channel_id"], item["chat"], "system",
            _note(f"{who['name']} ยกเลิกการส่งข้อความ", f"{who['name']} unsent a message"),
        )  # fmt: skip
        happen(
            world, sender, item["channel_id"], "unsend", {"unsend": {"messageId": item_id}},
            user_id=user_id, group_id=group_id, answerable=False,
        )  # fmt: skip


def opened_by(uri: str) -> dict[str, Any]:
    """What the phone does with an address: LINE's own links fill in a text, everything else opens."""
    for start in ("https://line.me/R/oaMessage/", "line://oaMessage/"):
        if uri.startswith(start):
            account, _, text = uri[len(start) :].partition("/?")
            return {"does": "fill_in", "account": unquote(account), "text": unquote(text)}
    return {"does": "open", "uri": uri}


def _note(thai: str, english: str) -> dict[str, str]:
    return {"type": "text", "text": f"{thai}\n{english}"}
