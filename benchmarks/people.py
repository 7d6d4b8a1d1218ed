"""A clinic, its members, and what they say: webhook requests signed as LINE signs them."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass

from customers.clinics import new_clinic
from customers.people import meet_on_line
from loyalty import points
from runtime import database, limits
from runtime.clock import real
from runtime.keys import Vault
from runtime.settings import Settings

SLUG = "bench"
SECRET = secrets.token_hex(16)
QUESTION = "แต้ม"
"""A member asks for their points: the commonest thing to ask, and a card with figures to answer."""
MEMBERS = 600


@dataclass(frozen=True)
class Request:
    """One event of one person, as bytes for a socket, with the token its answer will carry."""

    token: str
    wire: bytes
    key: str = ""
    """LINE's id of the event."""


def settle_in(settings: Settings, slug: str = SLUG, members: int = MEMBERS) -> list[str]:
    """A clinic with members; their LINE user ids."""
    engine, sessions = database.connect(settings, Vault.from_settings(settings), limits.COMMAND)
    people = [f"U{number:032x}" for number in range(members)]
    with sessions.begin() as session:
        now = real()
        clinic = new_clinic(session, slug, "Aura Clinic", now)
        clinic.line_channel_id = "2000000001"
        clinic.line_channel_secret, clinic.line_bot_token = SECRET, "bench"
        for user_id in people:
            link = meet_on_line(session, clinic, user_id, now)
            link.customer.language, link.followed_at, link.profile_due_at = "th", now, None
            points.create_loyalty_profile(session, link.customer, now)
    engine.dispose()
    return people


def ask(user_id: str, port: int) -> Request:
    """The person asks for their points. Unlike any other event: redelivery is another story."""
    token, id_ = secrets.token_hex(16), secrets.token_hex(13)
    event = {
        "type": "message",
        "message": {"type": "text", "id": str(secrets.randbits(58)), "quoteToken": token, "text": QUESTION},
        "webhookEventId": id_,
        "deliveryContext": {"isRedelivery": False},
        "timestamp": int(time.time() * 1000),
        "source": {"type": "user", "userId": user_id},
        "replyToken": token,
        "mode": "active",
    }
    body = json.dumps({"destination": "U" + "b" * 32, "events": [event]}, ensure_ascii=False).encode()
    signature = base64.b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256)).decode()
    head = (
        f"POST /webhooks/line/{SLUG} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"User-Agent: LineBotWebhook/2.0\r\nX-Line-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Request(token, head.encode() + body, id_)


def crowd(people: list[str], count: int, port: int) -> list[Request]:
    """`count` events, everybody in turn."""
    return [ask(people[number % len(people)], port) for number in range(count)]
