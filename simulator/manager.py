"""LINE Official Account Manager: what the account's people write there by hand. LINE tells no webhook of it, and counts
it to no quota.
"""

from typing import Any

from simulator import accounts, chats
from simulator.answers import Refused
from simulator.world import World

TEXT_LIMIT = 5_000


def say(world: World, channel_id: str, user_id: str, text: Any) -> dict[str, Any]:
    """Puts it into the person's chat as words of the account; the item. Raises Refused 409 where there is no chat."""
    accounts.person(world.store, user_id)
    if not isinstance(text, str) or not text.strip() or len(text) > TEXT_LIMIT:
        raise Refused(400, f"text must be 1 to {TEXT_LIMIT} characters", code="text_too_long")
    state = accounts.friendship(world.store, channel_id, user_id)
    if state == "blocked":
        raise Refused(409, "this person has blocked the account; follow again first", code="account_blocked")
    if state is None and not chats.items_after(world, channel_id, user_id, 0):
        raise Refused(409, "this person has never come to the account", code="no_chat")
    return chats.add_item(world, channel_id, user_id, "bot", {"type": "text", "text": text})
