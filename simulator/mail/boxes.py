"""The mailboxes: what came, as it came, and how Python's own parser reads it."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from simulator.accounts import named_user
from simulator.answers import Refused
from simulator.store import Row
from simulator.world import World, iso

DOMAIN = "mail.example"
SHOWN = 100


def address_of(name: str) -> str:
    """Where a pretend person has a mailbox: `mali@mail.example`; of a name in other letters by its id."""
    plain = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())
    return f"{plain or named_user(name)[1:9]}@{DOMAIN}"


def put(world: World, id_: str, sender: str, recipient: str, raw: bytes) -> int:
    number = world.store.add(
        "INSERT INTO mails (id, sender, recipient, at, raw) VALUES (?, ?, ?, ?, ?)",
        id_, sender, recipient.lower(), world.now(), raw,
    )  # fmt: skip
    world.feed.tell("mail", number=number, recipient=recipient.lower())
    return number


def of(world: World, number: int) -> Row:
    row = world.store.row("SELECT * FROM mails WHERE number = ?", number)
    if row is None:
        raise Refused(404, "no such mail", code="gone")
    return row


def newest(world: World, recipient: str | None) -> list[dict[str, Any]]:
    """The newest first; of one box, or of all."""
    where, given = ("WHERE recipient = ?", (recipient.lower(),)) if recipient else ("", ())
    rows = world.store.rows(f"SELECT * FROM mails {where} ORDER BY number DESC LIMIT {SHOWN}", *given)  # noqa: S608
    return [_brief(row) for row in rows]


def boxes(world: World) -> list[dict[str, Any]]:
    """Whose: first those of the people, of several with one name once, then all others that ever got a mail."""
    people = world.store.rows("SELECT user_id, name FROM people ORDER BY rowid")
    counted = world.store.rows("SELECT recipient, count(*) AS n FROM mails GROUP BY recipient ORDER BY recipient")
    many = {row["recipient"]: row["n"] for row in counted}
    known: dict[str, dict[str, Any]] = {}
    for one in people:
        known.setdefault(address_of(one["name"]), {"name": one["name"], "user_id": one["user_id"]})
    for address in many:
        known.setdefault(address, {"name": address, "user_id": None})
    return [{"address": address, **whose, "mails": many.get(address, 0)} for address, whose in known.items()]


def read(row: Row) -> dict[str, Any]:
    """All that a mail program shows, and what it would do to unsubscribe."""
    mail = _parsed(row)
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    return _brief(row) | {
        "text": text.get_content() if text else "",
        "html": html.get_content() if html else "",
        "headers": [[name, str(value)] for name, value in mail.items()],
        "unsubscribe": unsubscribe(mail),
        "reported": row["reported"],
    }


def unsubscribe(mail: EmailMessage) -> str | None:
    """The address of the one click; None where the mail has no way out of that kind."""
    given, how = str(mail.get("List-Unsubscribe", "")), str(mail.get("List-Unsubscribe-Post", ""))
    if how != "List-Unsubscribe=One-Click" or not given.startswith("<"):
        return None
    return given[1:].partition(">")[0]


def parsed(world: World, number: int) -> EmailMessage:
    return _parsed(of(world, number))


def _parsed(row: Row) -> EmailMessage:
    return message_from_bytes(row["raw"], policy=policy.default)


def _brief(row: Row) -> dict[str, Any]:
    mail = _parsed(row)
    name, address = parseaddr(str(mail.get("From", "")))
    return {
        "number": row["number"], "to": row["recipient"], "from": name or address, "address": address,
        "subject": str(mail.get("Subject", "")), "at": iso(row["at"]),
    }  # fmt: skip
