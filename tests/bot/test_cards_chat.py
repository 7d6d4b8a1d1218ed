"""The card in the chat: what it shows, for how long, and that guests are led to joining."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.line.render import wire
from channels.pictures import CARD, address, read_made
from customers import cards
from models.customers import Customer
from runtime.settings import Settings
from tests.bot.test_conversation import words
from tests.bot.test_points_chat import texts
from tests.fixtures.clinic import NOW, Talk


@pytest.fixture
def member(talk: Talk) -> Talk:
    talk.tap("join")
    return talk


@pytest.mark.parametrize(
    "asked", ["บัตรของฉัน", "ขอดูบัตรสมาชิกค่ะ", "เลขสมาชิก", "คิวอาร์", "my card", "QR code", "ขอ qr สมาชิกหน่อยค่ะ"]
)
def test_a_member_is_shown_who_they_are(session: Session, member: Talk, asked: str) -> None:
    mali = session.scalars(select(Customer)).one()
    mali.display_name = "Mali"
    code = cards.living_code(session, mali, NOW)
    number, living = code.text.split("-")
    said = words(member.say(asked))
    assert said == f"บัตรของคุณ: คุณMali, บรอนซ์ หมายเลข {cards.spaced(number)} รหัส {living} ใช้ได้ถึง 11:40 น."
    seen = texts(member, "card")
    assert seen[:3] == [cards.spaced(number), "คุณMali", "บรอนซ์"]
    assert {living, "ใช้ได้ถึง 11:40 น."} <= set(seen)
    card = cards.read(f"{cards.spaced(number)} {living}")
    assert card is not None
    held = cards.holder(session, member.clinic, card, NOW)
    assert held is not None
    assert (held.customer, held.proof) == (mali, "living")


SPELLED: dict[str, Callable[[str], str]] = {
    "as it is shown": cards.spaced,
    "in one piece and small": lambda number: number.lower(),
    "with dashes": lambda number: f"{number[0]}-{number[1:5]}–{number[5:]}",
    "in full width": lambda number: "".join(chr(ord(sign) + 0xFEE0) for sign in number),
    "with Thai digits": lambda number: number.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")),
}


@pytest.mark.parametrize("said", ["{}", "เลขสมาชิก {} ค่ะ", "สวัสดีค่ะ {}นะคะ", "my number is {}, ok?", "{} นี่คืออะไร"])
@pytest.mark.parametrize("spelled", SPELLED)
def test_ones_own_number_brings_the_card(session: Session, member: Talk, said: str, spelled: str) -> None:
    number = session.scalars(select(Customer)).one().member_number or ""
    answered = words(member.say(said.format(SPELLED[spelled](number))))
    assert answered.startswith("บัตรของคุณ: ")
    assert cards.spaced(number) in answered


def test_another_number_tells_nothing_of_whose_it_is(
    session: Session, member: Talk, talks: Callable[[str], Talk]
) -> None:
    mine = session.scalars(select(Customer)).one().member_number or ""
    other = talks("U" + "d" * 32)
    other.tap("join")
    nobodys = f"{mine[:-1]}{(int(mine[-1]) + 1) % 10}"
    answers = {words(other.say(f"เลข {number} ค่ะ")) for number in (mine, nobodys)}
    assert len(answers) == 1
    (answered,) = answers
    assert "ไม่ใช่หมายเลขสมาชิกของคุณ" in answered
    assert cards.spaced(mine) not in answered


def test_a_guest_with_a_number_is_led_to_joining(session: Session, talk: Talk) -> None:
    talk.event("follow")
    assert "แล้วบัตรของคุณจะพร้อมใช้ทันที" in words(talk.say(f"หมายเลข {cards.new_number()} ค่ะ"))


def test_a_tap_brings_the_code_of_these_minutes(session: Session, member: Talk) -> None:
    first, again = words(member.tap("card")), words(member.tap("card"))
    member.now = NOW + timedelta(minutes=10)
    later = words(member.tap("card"))
    assert first == again != later
    assert "ใช้ได้ถึง 11:50 น." in later
    assert '"data": "card"' in json.dumps(wire(member.tap("card").reply))


def test_the_picture_is_signed_for_this_moment_and_tells_nothing(
    session: Session, settings: Settings, member: Talk
) -> None:
    mali = session.scalars(select(Customer)).one()
    member.picture = partial(address, settings)
    (url,) = [
        part["url"]
        for message in wire(member.tap("card").reply)
        for part in message["contents"]["body"]["contents"][0]["contents"]
        if part["type"] == "image"
    ]
    token = urlsplit(url).path.rsplit("/", 1)[1].removesuffix(".png")
    assert read_made(settings, CARD, token) == ((mali.id, mali.clinic_id), NOW)
    assert str(mali.member_number) not in url
    member.picture = partial(address, settings.model_copy(update={"line_api_base": "https://api.line.me"}))
    assert '"image"' not in json.dumps(wire(member.tap("card").reply))


def test_guests_are_led_to_joining(session: Session, talk: Talk) -> None:
    talk.event("follow")
    outcome = talk.say("บัตรของฉัน")
    assert "สมัครสมาชิกฟรี แล้วบัตรของคุณจะพร้อมใช้ทันทีค่ะ" in words(outcome)
    assert '"data": "join"' in json.dumps(wire(outcome.reply))
    assert session.scalars(select(Customer)).one().member_number is None
