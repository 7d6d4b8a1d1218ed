"""What people send that is more than text: kept until the account fetches it."""

import base64
import binascii
import struct
import zlib
from typing import Any

from simulator.answers import Refused
from simulator.store import Row
from simulator.world import World

DEFAULT_MIME = {"image": "image/png", "video": "video/mp4", "audio": "audio/wav", "file": "application/octet-stream"}


def keep(world: World, channel_id: str, message_id: str, kind: str, message: dict[str, Any]) -> Row:
    """Stores `message["content"]` (base64, or a data: address); a small stand-in of the right kind without it."""
    given = message.get("content")
    mime = str(message.get("content_type") or DEFAULT_MIME[kind])
    if given is None:
        body = _stand_in(kind)
    else:
        text = str(given)
        if text.startswith("data:"):
            head, _, text = text.partition(",")
            mime = head[5:].split(";")[0] or mime
        try:
            body = base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise Refused(400, f"content is not base64: {error}") from error
    world.store.run("INSERT INTO contents VALUES (?,?,?,?)", message_id, channel_id, mime, body)
    return find(world, message_id)


def find(world: World, message_id: str) -> Row:
    row = world.store.row("SELECT * FROM contents WHERE message_id = ?", message_id)
    if row is None:
        raise Refused(404, "Not found")
    return row


def _stand_in(kind: str) -> bytes:
    if kind == "image":
        return png(320, 240, (196, 160, 176))
    if kind == "audio":
        silence = b"\0\0" * 8000
        head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(silence), b"WAVE", b"fmt ", 16, 1, 1, 8000, 16000,
                           2, 16, b"data", len(silence))  # fmt: skip
        return head + silence
    if kind == "video":
        return struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"mp42")
    return b"simulated file\n"


def png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """A PNG of one colour."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = (b"\0" + bytes(colour) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
