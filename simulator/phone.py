"""What a person does with the phone in their hand."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from simulator import accounts, chats, contents, ids, menus, switches
from simulator.answers import Refused
from simulator.events import happen
from simulator.sender import Sender
from simulator.world import World

TEXT_LIMIT = 10_000


@dataclass(frozen=True)
class Phone:
    """A person's phone, open at one account's chat or at a group that the account sits in."""

    world: World
    sender: Sender
    channel_id: str
    user_id: str
    group_id: str | None = None

    @property
    def chat(self) -> str:
        return self.group_id or self.user_id

    def happen(self, kind: str, own: dict[str, Any], *, answerable: bool = True) -> None:
        """Tells the account an event of this person in this chat."""
        told = kind != "postback" or self.group_id is None or switches.on(self.world, "group_postback_user")
        happen(
            self.world, self.sender, self.channel_id, kind, own,
            user_id=self.user_id if told else None, group_id=self.group_id, answerable=answerable,
        )  # fmt: skip

    def show(self, message: dict[str, Any], *, item_id: str = "", read_token: str | None = None) -> dict[str, Any]:
        """Puts the person's own line into the chat."""
        return chats.add_item(
            self.world, self.channel_id, self.chat, "user", message,
            item_id=item_id, user_id=self.user_id, read_token=read_token,
        )  # fmt: skip

    def note(self, thai: str, english: str) -> None:
        """Puts a line of the app itself into the chat; `{who}` and `{account}` are filled in."""
        names = {
            "who": accounts.person(self.world.store, self.user_id)["name"],
            "account": accounts.channel(self.world.store, self.channel_id)["name"],
        }
        text = f"{thai}\n{english}".format(**names)
        chats.add_item(self.world, self.channel_id, self.chat, "system", {"type": "text", "text": text})

    def state(self) -> str | None:
        return accounts.friendship(self.world.store, self.channel_id, self.user_id)

    def may_speak(self) -> None:
        """Raises Refused: 404 for a person or group that is not there, 409 when the app would not let them."""
        store = self.world.store
        accounts.person(store, self.user_id)
        if self.group_id is not None:
            accounts.group_of(store, self.channel_id, self.group_id)
            if self.user_id not in {member["user_id"] for member in accounts.members(store, self.group_id)}:
                raise Refused(409, "not a member of this group", code="not_a_member")
        elif self.state() == "blocked":
            raise Refused(409, "this person has blocked the account; follow again first", code="account_blocked")


def follow(phone: Phone) -> None:
    """Adds the account as a friend, or unblocks it."""
    before = phone.state()
    accounts.person(phone.world.store, phone.user_id)
    if before == "friend":
        return
    with phone.world.store.write():
        accounts.befriend(phone.world.store, phone.channel_id, phone.user_id)
        phone.note("{who} เพิ่ม {account} เป็นเพื่อนแล้ว", "{who} added {account} as a friend")
        phone.happen("follow", {"follow": {"isUnblocked": before == "blocked"}})
    phone.world.feed.tell("friend", user_id=phone.user_id, channel=phone.channel_id)


def unfollow(phone: Phone) -> None:
    """Blocks the account."""
    if phone.state() != "friend":
        return
    with phone.world.store.write():
        accounts.befriend(phone.world.store, phone.channel_id, phone.user_id, "blocked")
        menus.unlink(phone.world, phone.channel_id, phone.user_id)
        phone.note("{who} บล็อก {account} แล้ว", "{who} blocked {account}")
        phone.happen("unfollow", {}, answerable=False)
    phone.world.feed.tell("friend", user_id=phone.user_id, channel=phone.channel_id)


def say(phone: Phone, message: dict[str, Any]) -> dict[str, Any]:
    """Sends one message; the item that stands in the chat. Raises Refused when the phone could not send it."""
    phone.may_speak()
    message_id = ids.message_id()
    with phone.world.store.write():
        heard, shown = _compose(phone.world, phone.channel_id, message_id, message)
        heard["markAsReadToken"] = read_token = ids.quote_token()
        if (quoted := message.get("quotedMessageId")) is not None:
            heard["quotedMessageId"] = shown["quotedMessageId"] = _quoted(phone, message, str(quoted))
        item = phone.show(shown, item_id=message_id, read_token=read_token)
        phone.happen("message", {"message": heard})
    return item


def _quoted(phone: Phone, message: dict[str, Any], item_id: str) -> str:
    """The id of what is quoted; LINE's app quotes what stands in this chat, by a text or a sticker."""
    if message.get("type") not in {"text", "sticker"}:
        raise Refused(400, "only a text or a sticker quotes a message", code="cannot_quote")
    item = chats.item(phone.world, item_id)
    if (item["channel_id"], item["chat"]) != (phone.channel_id, phone.chat) or item["unsent"]:
        raise Refused(404, f"no message {item_id} in this chat", code="gone")
    return item_id


def _compose(
    world: World, channel_id: str, message_id: str, message: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The message as the webhook tells it, and as the chat shows it."""
    kind = str(message.get("type"))
    heard: dict[str, Any] = {"type": kind, "id": message_id}
    if kind == "text":
        text = message.get("text")
        if not isinstance(text, str) or not text or len(text) > TEXT_LIMIT:
            raise Refused(400, f"text must be 1 to {TEXT_LIMIT} characters", code="text_too_long")
        extra = {key: message[key] for key in ("emojis", "mention") if key in message}
        return heard | {"quoteToken": ids.quote_token(), "text": text} | extra, {"type": "text", "text": text}
    if kind == "sticker":
        sticker = {
            "packageId": str(message.get("packageId", "446")),
            "stickerId": str(message.get("stickerId", "1988")),
        }
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


def unsend(phone: Phone, item_id: str) -> None:
    """Takes a message back: the account is asked to forget it."""
    item = chats.item(phone.world, item_id)
    if item["user_id"] != phone.user_id or item["sender"] != "user":
        raise Refused(409, "only one's own message can be unsent", code="not_own_message")
    if item["unsent"]:
        return
    group_id = item["chat"] if item["chat"] != phone.user_id else None
    there = replace(phone, channel_id=item["channel_id"], group_id=group_id)
    with phone.world.store.write():
        phone.world.store.run("UPDATE items SET unsent = 1, message = '{}' WHERE item_id = ?", item_id)
        phone.world.store.run("DELETE FROM contents WHERE message_id = ?", item_id)
        there.happen("unsend", {"unsend": {"messageId": item_id}}, answerable=False)
    phone.world.feed.tell("item", user_id=item["chat"], channel=item["channel_id"], seq=item["seq"])


def opened_by(uri: str) -> dict[str, Any]:
    """What the phone does with an address: LINE's own links fill in a text, everything else opens."""
    for start in ("https://line.me/R/oaMessage/", "line://oaMessage/"):
        if uri.startswith(start):
            account, _, text = uri[len(start) :].partition("/?")
            return {"does": "fill_in", "account": unquote(account), "text": unquote(text)}
    return {"does": "open", "uri": uri}
