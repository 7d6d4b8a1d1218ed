"""Handing on a code, and coming by one: the links, the words and the answers."""

from collections.abc import Callable, Iterator
from typing import Any, get_args
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import referrals as cards
from bot.listen import Outcome
from channels.line.messages import Card
from customers.people import known_as
from customers.voice import language_of
from models.clinics import Clinic
from models.conversations import ConversationState
from models.customers import Customer, LineLink
from models.facts import Referral, ReferralState
from models.loyalty import LoyaltyProfile
from tests.bot.test_conversation import words
from tests.fixtures.clinic import Talk


@pytest.fixture
def mali(session: Session, clinic: Clinic, talks: Callable[[str], Talk]) -> Talk:
    """A member, who brings her friend Ken."""
    clinic.line_basic_id = "@aura"
    talk = talks("U" + "a" * 32)
    talk.tap("join")
    return talk


@pytest.fixture
def ken(mali: Talk, talks: Callable[[str], Talk]) -> Talk:
    return talks("U" + "b" * 32)


def code_of(session: Session, talk: Talk) -> str:
    customer = known_as(session, talk.clinic, "line", talk.user_id)
    assert customer is not None
    return session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id)).referral_code


def actions(outcome: Outcome) -> Iterator[dict[str, Any]]:
    words(outcome)  # within LINE's limits
    for message in outcome.reply:
        if isinstance(message, Card):
            for place in message.contents.get("footer", {}).get("contents", ()):
                yield from (button["action"] for button in place.get("contents", [place]))


def states(session: Session) -> list[str]:
    return list(session.scalars(select(Referral.state)))


def test_the_code_is_shown_shared_and_copied(session: Session, mali: Talk) -> None:
    outcome = mali.say("แนะนำเพื่อนค่ะ")
    code = code_of(session, mali)
    assert f"โค้ดของคุณคือ {code}" in words(outcome)
    assert "200 แต้ม หลังจากนั้น 7 วัน" in words(outcome)
    share, copy, friends = actions(outcome)
    assert copy["clipboardText"] == code
    assert friends["data"] == "friends"
    assert share["uri"].startswith("https://line.me/R/share?text=")


@pytest.mark.parametrize("language", ["th", "en"])
def test_what_a_shared_link_writes_is_heard(session: Session, mali: Talk, ken: Talk, language: str) -> None:
    """From the button to the friend's own phone: the text inside the link inside the link binds them."""
    mali.tap("language", to=language)
    share = next(actions(mali.tap("referrals")))
    text = parse_qs(urlsplit(share["uri"]).query)["text"][0]
    link = urlsplit(text[text.index("https://") :])
    assert unquote(link.path) == "/R/oaMessage/@aura/"
    said = words(ken.say(unquote(link.query)))
    assert "บันทึกแล้วว่าเพื่อนแนะนำคุณมา" in said
    assert "ยินดีต้อนรับสู่ Aura Clinic" in said
    assert states(session) == ["bound"]


@pytest.mark.parametrize(
    ("referral", "thai", "english"),
    [
        ({}, "", ""),
        ({"points_friend": 0, "points_referrer": 500}, "", ""),
        (
            {"points_friend": 50},
            " ชำระครั้งแรก ฿300 ขึ้นไป รับ 50 แต้ม",
            " Your first visit of ฿300 or more brings you 50 points.",
        ),
        ({"points_friend": 1, "least_payment": 0}, " ชำระครั้งแรกรับ 1 แต้ม", " Your first paid visit brings you 1 point."),
    ],
)
def test_an_invitation_says_what_the_friend_will_have(
    mali: Talk, referral: dict[str, int], thai: str, english: str
) -> None:
    mali.clinic.own_settings = {"referral": referral}
    mali.session.flush()
    for language, begins in (
        ("th", f"ชวนมา Aura Clinic ด้วยกัน{thai} ทักไปทาง LINE ได้เลย https://line.me/R/oaMessage/"),
        ("en", f"Come to Aura Clinic with me.{english} Write to them in LINE: https://line.me/R/oaMessage/"),
    ):
        mali.tap("language", to=language)
        share = next(actions(mali.tap("referrals")))
        assert parse_qs(urlsplit(share["uri"]).query)["text"][0].startswith(begins)


def test_a_long_name_leaves_no_room_for_what_the_friend_has(mali: Talk) -> None:
    mali.clinic.own_settings = {"referral": {"points_friend": 50}}
    mali.clinic.name = "คลินิกเวชกรรมเสริมความงามผิวพรรณและเลเซอร์"
    link = cards.share_link(mali.clinic, language_of(mali.clinic, None), "ABCD2345")
    assert link is not None
    assert "50" not in parse_qs(urlsplit(link).query)["text"][0]


def test_without_a_line_id_or_with_an_endless_name_the_code_is_copied(session: Session, mali: Talk) -> None:
    t = language_of(mali.clinic, None)
    assert cards.share_link(mali.clinic, t, "ABCD2345")
    mali.clinic.name = "คลินิกเวชกรรมเสริมความงามผิวพรรณและเลเซอร์ " * 3
    assert cards.share_link(mali.clinic, t, "ABCD2345") is None
    mali.clinic.name, mali.clinic.line_basic_id = "Aura Clinic", None
    assert [action["type"] for action in actions(mali.tap("referrals"))] == ["clipboard", "postback"]


@pytest.mark.parametrize(
    "said", ["REF {}", "ref:{}", "แนะนำโดย {}", "แนะนำโดย{} ค่ะ", "เพื่อนแนะนำ {}", "Referred by {}."]
)
def test_a_code_may_be_written_in_many_ways(session: Session, mali: Talk, ken: Talk, said: str) -> None:
    assert "เพื่อนแนะนำคุณมา" in words(ken.say(said.format(code_of(session, mali))))
    assert states(session) == ["bound"]


@pytest.mark.parametrize(
    "said",
    [
        "สวัสดีค่ะ มีโค้ดเพื่อน {} ค่ะ", "เพื่อนให้มา {}", "my friend's code is {}", "I was sent by a friend ({})", "{}",
        "มีเพื่อนแนะนำ {} มาค่ะ", "ref {} thanks a lot",
    ],
)  # fmt: skip
@pytest.mark.parametrize("step", [False, True])
@pytest.mark.parametrize("shown", ["plain", "small", "spaced", "wide", "Thai", "dot", "low line", "dash"])
def test_a_code_is_found_among_words(
    session: Session, mali: Talk, ken: Talk, said: str, step: bool, shown: str
) -> None:
    code = code_of(session, mali)
    forms = {
        "plain": code,
        "small": code.lower(),
        "spaced": f"{code[:4]} {code[4:]}",
        "dot": f"{code[:4]}.{code[4:]}".lower(),
        "low line": f"{code[:4]}_{code[4:]}",
        "dash": f"{code[:4]}–{code[4:]}",
        "wide": "".join(chr(ord(char) + 0xFEE0) for char in code),
        "Thai": code.translate({ord(digit): 0x0E50 + int(digit) for digit in "0123456789"}),
    }
    ken.event("follow")
    if step:
        ken.tap("friend_code")
    assert "เพื่อนแนะนำคุณมา" in words(ken.say(said.format(forms[shown])))
    assert states(session) == ["bound"]


@pytest.mark.parametrize(
    "cut", [" ".join, lambda code: f"{code[:2]} {code[2:4]} {code[4:6]} {code[6:]}", "ref{}".format]
)
@pytest.mark.parametrize("among", ["{}", "ค่ะ โค้ด {} ค่ะ", "it is {}"])
def test_a_code_in_any_pieces_is_found_where_it_was_asked_for(
    session: Session, mali: Talk, ken: Talk, cut: Callable[[str], str], among: str
) -> None:
    ken.tap("friend_code")
    assert "เพื่อนแนะนำคุณมา" in words(ken.say(among.format(cut(code_of(session, mali)))))
    assert states(session) == ["bound"]


def test_a_code_that_nobody_has_is_named_when_it_was_asked_for(session: Session, ken: Talk) -> None:
    ken.tap("friend_code")
    assert "ไม่พบโค้ด B9DW4FHN" in words(ken.say("my friend's code is B9DW 4FHN"))
    assert states(session) == []


def test_of_two_friends_codes_one_is_asked_for(
    session: Session, mali: Talk, ken: Talk, talks: Callable[[str], Talk]
) -> None:
    first = code_of(session, mali)
    talks("U" + "9" * 32).tap("join")
    second = session.scalars(select(LoyaltyProfile.referral_code).where(LoyaltyProfile.referral_code != first)).one()
    ken.event("follow")
    assert "มากกว่า 1 โค้ด" in words(ken.say(f"{first} หรือ {second}"))
    assert states(session) == []
    assert "เพื่อนแนะนำคุณมา" in words(ken.say(second))


@pytest.mark.parametrize("said", ["reference", "refund please", "ref number 12345", "แนะนำโดยคุณหมอ", "แนะนำโดย คุณหมอ"])
def test_other_words_are_no_codes(session: Session, ken: Talk, said: str) -> None:
    ken.event("follow")
    assert "ทีมงานจะเข้ามาอ่าน" in words(ken.say(said))


def test_a_code_is_asked_for_and_typed(session: Session, mali: Talk, ken: Talk) -> None:
    code = code_of(session, mali)
    ken.event("follow")
    assert "พิมพ์โค้ดที่ได้จากเพื่อน" in words(ken.tap("friend_code"))
    assert "ไม่พบโค้ด WRONG" in words(ken.say("wrong"))
    assert "เพื่อนแนะนำคุณมา" in words(ken.say(f"{code[:4].lower()} {code[4:]}"))
    assert states(session) == ["bound"]
    step = session.scalars(
        select(ConversationState.step)
        .join(LineLink, LineLink.user_index == ConversationState.user_index)
        .join(LineLink.customer)
        .where(Customer.joined_at.is_(None))
    ).one()
    assert step is None


def test_a_prefix_alone_asks_for_the_code(ken: Talk) -> None:
    ken.event("follow")
    assert "พิมพ์โค้ดที่ได้จากเพื่อน" in words(ken.say("REF"))


def test_the_question_is_left_by_cancelling(session: Session, mali: Talk, ken: Talk) -> None:
    ken.event("follow")
    ken.say("ใส่โค้ด")
    assert "ยกเลิกให้แล้ว" in words(ken.say("ยกเลิก"))
    assert "ทีมงานจะเข้ามาอ่าน" in words(ken.say("B9DW4FHN"))  # no answer to a question that is still open
    assert states(session) == []


def test_refusals_say_why(session: Session, mali: Talk, ken: Talk) -> None:
    code = code_of(session, mali)
    assert "โค้ดของคุณเอง" in words(mali.say(f"REF {code}"))
    assert "คุณอยู่กับเราแล้ว" in words(mali.tap("friend_code"))
    ken.say(f"REF {code}")
    assert "แจ้งครั้งเดียวก็พอ" in words(ken.say(f"REF {code}"))
    ken.tap("join")
    assert "แจ้งครั้งเดียวก็พอ" in words(ken.say(f"REF {code}"))
    assert states(session) == ["bound"]


def test_friends_are_counted_and_not_named(session: Session, mali: Talk, ken: Talk) -> None:
    assert "ยังไม่มีเพื่อนใช้โค้ด" in words(mali.tap("friends"))
    ken.say(f"REF {code_of(session, mali)}")
    friend = session.scalars(select(Customer).where(Customer.joined_at.is_(None))).one()
    friend.display_name = "Ken"
    outcome = mali.tap("friends")
    assert "เพื่อนของฉัน\nยังไม่ได้มา 1" in words(outcome)
    assert "Ken" not in str(outcome.reply)


def test_every_state_has_words_within_the_limits(session: Session, mali: Talk, talks: Callable[[str], Talk]) -> None:
    code = code_of(session, mali)
    for number, state in enumerate(get_args(ReferralState)):
        talks(f"U{number:032x}").say(f"REF {code}")
        last = session.scalars(select(Referral).order_by(Referral.id.desc())).first()
        assert last is not None
        last.state, last.pays_at = state, mali.now
    for language, said in (("th", "กำลังจะมา 2"), ("en", "Points on their way 2")):
        mali.tap("language", to=language)
        outcome = mali.tap("friends")
        assert said in words(outcome)
        assert ("Points on Feb 3, 2026" in str(outcome.reply)) == (language == "en")


def test_guests_are_offered_membership(ken: Talk) -> None:
    ken.event("follow")
    for outcome in (ken.tap("referrals"), ken.tap("friends"), ken.say("แนะนำเพื่อน")):
        assert "ยินดีต้อนรับสู่ Aura Clinic" in words(outcome)


@pytest.mark.parametrize("typed", ["\ud83d", "a\u0000b", "ไม่มีค่ะ"])
def test_what_is_no_code_at_all_is_asked_again(session: Session, ken: Talk, typed: str) -> None:
    ken.tap("friend_code")
    assert words(ken.say(typed))
    assert session.scalars(select(ConversationState.step)).all().count("referral_code") == 1
    assert states(session) == []
