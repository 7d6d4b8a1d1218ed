"""Addresses of ours that lead on to what a follow-up links to, so that it can be told whether somebody followed them.

Where it leads stands in the address itself, under the signature: it is what was frozen with the message, nobody else
can make one, and following it needs no database. The price is an address that is as long as its target and a little
more, and that it leads there until it is old. An id in it says what was said, and nothing of to whom.
"""

import hashlib
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from itsdangerous import BadSignature, Signer

from channels.message import Link, Message, led
from channels.pictures import signing_keys
from runtime.settings import Settings

LIFE = timedelta(days=90)
"""Offers are over by then, and a page that was the clinic's may be somebody else's."""
SHORT = frozenset({"sms"})
"""Channels whose addresses are short ones."""
SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz"
"""None that looks like another."""
CODE_SIGNS = 10
_HEAD = struct.Struct(">16sHBB")
"""The execution, the day (since 1970), the number of the link, the length of the channel's name."""
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Followed:
    """What an address of ours says: of which clinic, over which channel it was said, and the link itself; its time is
    known to the day."""

    slug: str
    channel: str
    link: Link

    def old(self, now: datetime) -> bool:
        return now - self.link.made > LIFE + _DAY


def leading(settings: Settings, message: Message, slug: str, channel: str) -> Message:
    """`channels.message.Leading` of one installation."""
    said = short_address if channel in SHORT else address
    return led(message, lambda link: said(settings, Followed(slug, channel, link)))


def address(settings: Settings, followed: Followed) -> str:
    link, channel = followed.link, followed.channel.encode()
    head = _HEAD.pack(link.execution_id.bytes, (link.made - _EPOCH) // _DAY, link.number, len(channel))
    told = urlsafe_b64encode(head + channel + link.to.encode()).rstrip(b"=")
    token = _signer(settings, followed.slug).sign(told).decode()
    return f"{settings.public_url.rstrip('/')}/l/{followed.slug}/{token}"


def short_address(settings: Settings, followed: Followed) -> str:
    """For who pays by the letter. Where it leads is a row (`models/short_links.py`), written when it is said."""
    return f"{short_base(settings.public_url)}{followed.slug}/{code_of(followed.link, followed.channel)}"


def short_base(public_url: str) -> str:
    return f"{public_url.rstrip('/')}/s/"


def code_of(link: Link, channel: str) -> str:
    """Ten signs, the same whenever it is drawn. Nobody guesses it, for nobody knows an execution's id."""
    drawn = int.from_bytes(hashlib.blake2b(link.execution_id.bytes + bytes([link.number]) + channel.encode()).digest())
    signs = []
    for _ in range(CODE_SIGNS):
        drawn, place = divmod(drawn, len(SIGNS))
        signs.append(SIGNS[place])
    return "".join(signs)


def read(settings: Settings, slug: str, token: str) -> Followed | None:
    """What `address` has signed for this clinic; None for anything else."""
    try:
        told = _signer(settings, slug).unsign(token)
        raw = urlsafe_b64decode(told + b"=" * (-len(told) % 4))
        id_, day, number, length = _HEAD.unpack_from(raw)
        rest = raw[_HEAD.size :]
        link = Link(rest[length:].decode(), UUID(bytes=id_), number, _EPOCH + day * _DAY)
        return Followed(slug, rest[:length].decode(), link)
    except (BadSignature, ValueError, struct.error):
        return None


def _signer(settings: Settings, slug: str) -> Signer:
    # The clinic is signed with the rest: what one has signed leads nowhere under the name of another.
    return Signer(signing_keys(settings, b"link"), salt=f"link {slug}", digest_method=hashlib.sha256)
