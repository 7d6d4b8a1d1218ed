"""A mail as Python's own parser reads it, whatever somebody has written into it."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email.draw import LEAVE, Drawn
from channels.email.letter import letter
from channels.email.smtp import Letter, MailError
from models.followups import Purpose

KEY = UUID("0190a1b2c3d47890abcdef0123456789")
AT = datetime(2026, 2, 3, 4, 30, tzinfo=UTC)
OUT = "https://aura.example/u/aura/" + "A" * 90 + ".signature_of-some-length"


def drawn(subject: str = "วันนี้เป็นอย่างไรบ้าง", clinic: str = "ออร่าคลินิก", purpose: Purpose | None = "care") -> Drawn:
    html = f'<p>สวัสดีค่ะ <a href="{LEAVE}">ไม่รับอีก</a></p>'
    return Drawn(subject, f"สวัสดีค่ะ\n.\nไม่รับอีก:\n{LEAVE}\n", html, "th", clinic, purpose)


def made(what: Drawn, recipient: str = "mali@mail.example", leave: str | None = OUT) -> Letter:
    return letter(what, sender="hello@aura.example", recipient=recipient, key=KEY, at=AT, leave=leave)


def parsed(one: Letter) -> EmailMessage:
    return message_from_bytes(one.content, policy=policy.default)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_it_is_read_as_it_was_written() -> None:
    one = made(drawn())
    mail = parsed(one)
    assert mail["From"] == "ออร่าคลินิก <hello@aura.example>"
    assert mail["To"] == "mali@mail.example"
    assert mail["Subject"] == "วันนี้เป็นอย่างไรบ้าง"
    assert mail["Date"] == "Tue, 03 Feb 2026 04:30:00 +0000"
    assert mail["Message-ID"] == one.id == f"<{KEY.hex}@aura.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "th"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert body(mail, "plain") == f"สวัสดีค่ะ\n.\nไม่รับอีก:\n{OUT}\n"
    assert OUT in body(mail, "html") and LEAVE not in body(mail, "html")


def test_lines_are_short_and_of_seven_bits() -> None:
    content = made(drawn("ย" * 100, "ค" * 200)).content
    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert all(len(word) <= 75 for word in re.findall(rb"=\?[^?]*\?.\?[^?]*\?=", content))  # RFC 2047, 2


@pytest.mark.parametrize("purpose", ["marketing", "care"])
def test_the_way_out_is_one_click(purpose: Purpose) -> None:
    one = made(drawn(purpose=purpose))
    mail = parsed(one)
    assert mail["List-Unsubscribe"] == f"<{OUT}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"\r\nList-Unsubscribe: <{OUT}>\r\n".encode() in one.content  # in one piece, as mail programs look for it


@pytest.mark.parametrize("purpose", ["transactional", None])
def test_what_nobody_can_do_without_has_none(purpose: Purpose | None) -> None:
    mail = parsed(made(drawn(purpose=purpose)))
    assert mail["List-Unsubscribe"] is None and mail["List-Unsubscribe-Post"] is None


def test_the_same_key_is_the_same_name() -> None:
    assert made(drawn()).id == made(drawn("something else")).id


HOSTILE = "Hello\r\nBcc: everybody@mail.example\r\n\r\nboo"


@pytest.mark.parametrize("mark", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\0"])
def test_nobody_writes_a_header_of_their_own(mark: str) -> None:
    one = made(drawn(HOSTILE.replace("\r\n", mark), HOSTILE.replace("\r\n", mark)))
    mail = parsed(one)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Hello Bcc: everybody@mail.example boo"
    assert str(mail["From"]).endswith("<hello@aura.example>")
    assert one.recipient == "mali@mail.example"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.text(max_size=120))
def test_whatever_stands_in_it_the_headers_are_ours(subject: str, clinic: str) -> None:
    mail = parsed(made(drawn(subject, clinic)))
    assert sorted(mail.keys()) == sorted([
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "List-Unsubscribe",
        "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
    ])  # fmt: skip
    assert mail["Message-ID"] == f"<{KEY.hex}@aura.example>"
    seen = " ".join("".join(one if one.isprintable() else " " for one in subject).split())
    assert " ".join(str(mail["Subject"]).split()) == seen


@pytest.mark.parametrize(
    "address",
    ["", "mali", "mali@", "@mail.example", "ma li@mail.example", "mali@mail",
     "mali@mail.example\r\nRCPT TO:<x@y.example>",
     "mali@mail.example>", "<mali@mail.example", "a,b@mail.example", "mali@-mail.example", "mali@mail..example",
     '"mali"@mail.example', "mali@[127.0.0.1]", "x" * 65 + "@mail.example"],
)  # fmt: skip
def test_what_is_no_address_is_handed_to_nobody(address: str) -> None:
    with pytest.raises(MailError) as caught:
        made(drawn(), address)
    assert caught.value.permanent and caught.value.fault == "no_address"


def test_a_host_in_other_letters_is_written_in_ours() -> None:
    one = made(drawn(), "mali@ไทย.example")
    assert one.recipient == "mali@xn--o3cw4h.example" and not one.international


def test_a_name_in_other_letters_stays() -> None:
    one = made(drawn(), "มะลิ@mail.example")
    assert one.international and one.recipient == "มะลิ@mail.example"
    assert parsed(one)["To"] == "มะลิ@mail.example"
