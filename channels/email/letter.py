"""A drawn mail as it is handed over (RFC 5322): its headers, and its two forms side by side.

Nothing that somebody has written makes a header of its own: lines are joined, and what cannot be seen is left out.
"""

import re
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy, Policy
from email.utils import format_datetime
from uuid import UUID

from channels.email.draw import LEAVE, Drawn
from channels.email.smtp import Letter, MailError

NAME = 70
"""Characters of a name in From, of which phones show half."""
RESEND = ".resend.com"
ONE_CLICK = "List-Unsubscribe=One-Click"
"""The body by which a mail program takes the way out (RFC 8058)."""
_LOCAL = re.compile(r"""[^\s@<>()\[\]\\,;:"\x00-\x1f\x7f]{1,64}""")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.IGNORECASE)


class _Whole(UnstructuredHeader, BaseHeader):
    """On one line: folded, a long address would be written as encoded words, and be none any more."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def _policy(base: "EmailPolicy[EmailMessage]") -> "EmailPolicy[EmailMessage]":
    # Seven bits: a server on the way may take no more. 76: with the space before it an encoded word has 75 (RFC 2047).
    headers = HeaderRegistry()
    for name in ("list-unsubscribe", "message-id"):
        headers.map_to_type(name, _Whole)
    return base.clone(cte_type="7bit", max_line_length=76, header_factory=headers)


_ASCII, _WIDE = _policy(SMTP), _policy(SMTPUTF8)


def letter(
    drawn: Drawn, *, sender: str, recipient: str, key: UUID, at: datetime, leave: str | None, host: str = ""
) -> Letter:
    """`at`: real time. `leave`: the address of the way out. `host`: of the server it goes to. The same key is the same
    `Message-ID`, so that a mailbox that is handed it twice can tell. Raises `MailError` for an address that is none."""
    to, from_ = _plain(recipient), _plain(sender)
    made = Letter(from_, to, b"", f"<{key.hex}@{from_.rpartition('@')[2]}>")
    mail = EmailMessage(policy=_WIDE if made.international else _ASCII)
    mail["From"] = _address(from_, _one_line(drawn.clinic)[:NAME])
    mail["To"] = _address(to)
    mail["Subject"] = _one_line(drawn.subject)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = made.id
    mail["Auto-Submitted"] = "auto-generated"  # so that no program answers it (RFC 3834)
    if host.endswith(RESEND):
        mail["Resend-Idempotency-Key"] = key.hex  # resend.com/docs/send-with-smtp: for 24 hours the same is sent once
    if leave and drawn.purpose in ("marketing", "care"):
        mail["List-Unsubscribe"] = f"<{leave}>"
        mail["List-Unsubscribe-Post"] = ONE_CLICK
    mail.set_content(drawn.text.replace(LEAVE, leave or ""))
    mail.add_alternative(drawn.html.replace(LEAVE, leave or ""), subtype="html")
    mail["Content-Language"] = drawn.language  # filling it in forgets all that is said of its content
    return Letter(from_, to, mail.as_bytes(), made.id)


def _address(plain: str, name: str = "") -> Address:
    local, _, host = plain.rpartition("@")
    return Address(display_name=name, username=local, domain=host)


def _plain(address: str) -> str:
    """With its host in ASCII."""
    local, _, host = address.strip().rpartition("@")
    try:
        host = host.encode("idna").decode().lower()
    except UnicodeError:
        host = ""
    labels = host.split(".")
    if not _LOCAL.fullmatch(local) or len(labels) < 2 or not all(_LABEL.fullmatch(one) for one in labels):
        raise MailError("no_address", permanent=True)
    return f"{local}@{host}"


def _one_line(text: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
