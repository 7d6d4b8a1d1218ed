"""Messages that go out: to whom they arrive, what they cost, what is answered."""

from typing import Any

from simulator import accounts, chats, ids
from simulator.answers import over_quota
from simulator.store import Row
from simulator.world import World

# developers.line.biz/en/docs/messaging-api/get-quote-tokens, "in the response when sending a message"
_QUOTABLE = {"text", "textV2", "sticker", "image", "video", "template", "flex"}


def sent(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ids that LINE gives to messages it accepted."""
    return [
        {"id": ids.message_id()} | ({"quoteToken": ids.quote_token()} if message["type"] in _QUOTABLE else {})
        for message in messages
    ]


def audience(world: World, channel_id: str, to: str) -> int:
    """How many people a message to this user or group reaches; what it costs when it is not a reply."""
    if to.startswith("C"):
        return len(accounts.members(world.store, to))
    return int(accounts.reachable(world, channel_id, to))


def charge(world: World, channel: Row, people: int) -> None:
    """Counts one message for each person. Raises Refused 429 when the month's quota cannot pay it."""
    row = accounts.channel(world.store, channel["id"])
    if row["quota"] is not None and row["quota_used"] + max(1, people) > row["quota"]:
        raise over_quota()
    if people:
        world.store.run("UPDATE channels SET quota_used = quota_used + ? WHERE id = ?", people, channel["id"])


def put(
    world: World, channel_id: str, chat: str, messages: list[dict[str, Any]], given_ids: list[dict[str, Any]], *,
    request_id: str,
) -> None:  # fmt: skip
    """Writes the messages into a chat."""
    for message, given in zip(messages, given_ids, strict=True):
        # A multicast gives one id to what many chats receive; an item id is unique to its line.
        taken = world.store.row("SELECT 1 FROM items WHERE item_id = ?", given["id"])
        item_id = ids.message_id() if taken else given["id"]
        chats.add_item(world, channel_id, chat, "bot", message, item_id=item_id, request_id=request_id)
