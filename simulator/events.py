"""Webhook events as LINE builds them (webhook.yml; reference "Webhook event objects")."""

from collections.abc import Mapping
from typing import Any

from simulator import accounts, ids, tokens
from simulator.sender import Sender
from simulator.world import World

Event = dict[str, Any]


def happen(
    world: World,
    sender: Sender,
    channel_id: str,
    kind: str,
    own: Mapping[str, Any],
    *,
    user_id: str | None = None,
    group_id: str | None = None,
    answerable: bool = True,
) -> Event | None:
    """Builds one event, gives it a reply token unless the account is on standby, and hands it to the sender.

    Returns the event, or None when the account's webhook is switched off.
    """
    channel = accounts.channel(world.store, channel_id)
    if not channel["webhook_active"]:
        return None
    at_ms = int(world.now() * 1000)
    event: Event = {
        "type": kind,
        **own,
        "webhookEventId": ids.webhook_event_id(at_ms),
        "deliveryContext": {"isRedelivery": False},
        "timestamp": at_ms,
    }
    chat = group_id or user_id
    if group_id:
        event["source"] = {"type": "group", "groupId": group_id} | ({"userId": user_id} if user_id else {})
    elif user_id:
        event["source"] = {"type": "user", "userId": user_id}
    if answerable and chat and channel["mode"] == "active":
        event["replyToken"] = tokens.issue_reply_token(world, channel_id, chat)
    event["mode"] = channel["mode"]
    sender.send(channel_id, chat or "", [event])
    return event
