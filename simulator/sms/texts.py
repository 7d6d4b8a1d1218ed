"""What has come to phones as SMS. Each of the simulator's people has a number, made from who they are."""

import hashlib
import re
from typing import Any

from simulator.store import Row, Store
from simulator.world import World, iso

GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPED = set("\f^{}\\[~]|€")
LONGEST = 1_600
_MOBILE = re.compile(r"66[689][0-9]{8}")


def number_of(user_id: str) -> str:
    """Of one of the simulator's people: `+66` and nine digits."""
    drawn = int(hashlib.md5(f"phone {user_id}".encode(), usedforsecurity=False).hexdigest(), 16)
    return f"+668{drawn % 10**8:08}"


def mobile(written: str) -> str | None:
    """`66812345678`, `0812345678` and `+66812345678` in the last form; None for what no Thai mobile is."""
    digits = re.sub(r"[^0-9]", "", written)
    if digits.startswith("0"):
        digits = "66" + digits[1:]
    return f"+{digits}" if _MOBILE.fullmatch(digits) else None


def parts(text: str) -> int:
    """How many parts go over the air: filled one after the other, as a handset puts them together again."""
    if set(text) <= GSM | ESCAPED:
        pieces, alone, room = [2 if letter in ESCAPED else 1 for letter in text], 160, 153
    else:
        pieces, alone, room = [len(letter.encode("utf-16-le")) // 2 for letter in text], 70, 67
    if sum(pieces) <= alone:
        return 1
    filled, count = 0, 1
    for piece in pieces:
        if filled + piece > room:
            filled, count = 0, count + 1
        filled += piece
    return count


def keep(here: World, provider: str, message_id: str, *, to: str, sender: str, text: str, report: str) -> Row:
    with here.store.write():
        seq = here.store.add(
            "INSERT INTO texts (provider, message_id, number, sender, text, parts, at, report, status)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'sent')",
            provider, message_id, to, sender, text, parts(text), here.now(), report,
        )  # fmt: skip
        (row,) = here.store.rows("SELECT * FROM texts WHERE seq = ?", seq)
    here.feed.tell("text", number=to, seq=seq)
    return row


def settle(here: World, seq: int, status: str, answered: int | None) -> None:
    """`answered`: the status of the product's answer to the report."""
    here.store.run("UPDATE texts SET status = ?, answered = ? WHERE seq = ?", status, answered, seq)
    here.feed.tell("text", seq=seq)


def latest(store: Store, number: str | None, after: int = 0, most: int = 100) -> list[Row]:
    """Of one phone, or of all; the oldest first."""
    found = store.rows(
        "SELECT * FROM texts WHERE seq > ? AND (? IS NULL OR number = ?) ORDER BY seq DESC LIMIT ?",
        after, number, number, most,
    )  # fmt: skip
    return list(reversed(found))


def view(row: Row) -> dict[str, Any]:
    return {
        "seq": row["seq"],
        "provider": row["provider"],
        "message_id": row["message_id"],
        "number": row["number"],
        "from": row["sender"],
        "text": row["text"],
        "parts": row["parts"],
        "at": iso(row["at"]),
        "status": row["status"],
        "answered": row["answered"],
    }
