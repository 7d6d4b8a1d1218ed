"""Rewards by chat: looking, redeeming, showing the code, giving back. Old and doubled taps do no harm."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import rewards as cards
from bot.listen import Outcome
from channels.line.flex import check
from channels.line.messages import Card
from channels.line.render import wire
from channels.message import Action
from channels.pictures import REDEMPTION, address, read
from customers.people import known_as
from loyalty import redemptions
from loyalty.defaults import rewards as defaults
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile
from models.rewards import Redemption, Reward
from runtime import codes
from runtime.settings import Settings
from tests.fixtures.clinic import NOW, Talk
from tests.fixtures.rewards import enrich, make_reward

DAY = timedelta(days=1)
NOBODYS = "018f0000-0000-7000-8000-000000000000"
"""Not drawn anew: pytest's two processes must find the same tests."""


def words(outcome: Outcome) -> str:
    """Everything the answer says; each message also within LINE's limits."""
    for message in wire(outcome.reply) if outcome.reply.messages else []:
        check(message)
    return " / ".join(
        message.alt if isinstance(message, Card) else str(getattr(message, "text", "")) for message in outcome.reply
    )


def content(outcome: Outcome) -> str:
    return json.dumps(wire(outcome.reply), ensure_ascii=False)


def buttons(part: Any) -> Iterator[str]:
    """The data of every button in an answer's cards, in order."""
    if isinstance(part, Outcome):
        part = [message["contents"] for message in wire(part.reply) if message["type"] == "flex"]
    if isinstance(part, dict):
        if "data" in part.get("action", {}):
            yield part["action"]["data"]
        part = list(part.values())
    for inside in part if isinstance(part, list) else []:
        yield from buttons(inside)


def button(outcome: Outcome, name: str) -> str:
    return next(data for data in buttons(outcome) if Action.parse(data).name == name)


def tap(talk: Talk, data: str) -> Outcome:
    return talk.event("postback", postback={"data": data})


def customer_of(session: Session, talk: Talk) -> Customer:
    found = known_as(session, talk.clinic, "line", talk.user_id)
    assert found is not None
    return found


def available(session: Session, talk: Talk) -> int:
    return session.get_one(LoyaltyProfile, (customer_of(session, talk).id, talk.clinic.id)).available_points


@pytest.fixture
def member(session: Session, talk: Talk) -> Talk:
    """A member with 1,000 points."""
    talk.tap("join")
    enrich(session, customer_of(session, talk), 900)
    return talk


@pytest.fixture
def mask(session: Session, clinic: Clinic) -> Reward:
    return make_reward(session, clinic, "mask", 800)


def redeemed(talk: Talk, reward: Reward) -> Outcome:
    """Through the question, as a customer does it."""
    return tap(talk, button(talk.tap("reward", reward=reward.id), "redeem"))


def test_guests_are_offered_to_join(session: Session, talk: Talk, mask: Reward) -> None:
    for outcome in (
        talk.say("แลกแต้มค่ะ"),
        talk.tap("rewards"),
        talk.tap("reward", reward=mask.id),
        talk.tap("redeem", reward=mask.id, points=800, nonce="0a"),
        talk.say("my rewards"),
    ):
        assert "ยินดีต้อนรับสู่ Aura Clinic" in words(outcome)
    assert session.scalars(select(Redemption)).all() == []


def test_the_catalogue_begins_with_what_is_affordable_and_says_why_not(
    session: Session, clinic: Clinic, member: Talk
) -> None:
    defaults.seed(session, clinic)
    make_reward(session, clinic, "gift", 1_120)
    make_reward(session, clinic, "golden", 100, least_tier="gold")
    outcome = member.say("รางวัล")
    assert words(outcome).splitlines() == [
        "รางวัล คุณมี 1,000 แต้ม ให้แลก",
        "ส่วนลด 5%: 500 แต้ม",
        "Premium Mask 1 แผ่น: 800 แต้ม",
        "ส่วนลด 10%: 1,000 แต้ม",
        "รางวัล gift: ขาดอีก 120 แต้ม",
        "ทรีตเมนต์ Basic Facial 1 ครั้ง: ขาดอีก 500 แต้ม",
        "รางวัล golden: สำหรับสมาชิกระดับโกลด์ขึ้นไป",
    ]
    assert "ขาดอีก 120 แต้ม" in content(outcome)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"price": 1_001}, "1 point short"),
        ({"stock": 0}, "None left at the moment"),
        ({"least_tier": "platinum"}, "From tier Platinum"),
        ({"valid_from": NOW + DAY}, "From Feb 4, 2026"),
        ({"valid_until": NOW - DAY}, "Ended on Feb 2, 2026"),
    ],
)
def test_each_reason_is_said(session: Session, clinic: Clinic, member: Talk, values: dict[str, Any], said: str) -> None:
    reward = make_reward(session, clinic, **values)
    member.tap("language", to="en")
    assert said in content(member.tap("rewards"))
    detail = member.tap("reward", reward=reward.id)
    assert words(detail) == f"A mask: {said}"
    assert "redeem?" not in content(detail)
    # A button from better days takes nothing.
    late = member.tap("redeem", reward=reward.id, points=reward.points, nonce="0a")
    assert words(late) == f"A mask: {said}"
    assert available(session, member) == 1_000


def test_the_limit_is_said_to_whoever_has_reached_it(session: Session, clinic: Clinic, member: Talk) -> None:
    reward = make_reward(session, clinic, price=100, per_customer=1)
    redeemed(member, reward)
    assert "แลกได้คนละ 1 ครั้ง คุณแลกครบแล้ว" in content(member.tap("rewards"))


def test_redeeming_asks_first_then_shows_the_code_with_its_picture(
    session: Session, settings: Settings, member: Talk, mask: Reward
) -> None:
    member.picture = partial(address, settings)
    question = member.tap("reward", reward=mask.id)
    assert words(question) == "แลก รางวัล mask ด้วย 800 แต้ม ไหมคะ"
    assert available(session, member) == 1_000
    outcome = tap(member, button(question, "redeem"))
    redemption = session.scalars(select(Redemption)).one()
    assert words(outcome) == (f"รางวัล mask: โค้ดของคุณคือ {codes.spaced(redemption.code)} ใช้ได้ถึง 5 มี.ค. 2569")
    assert available(session, member) == 200
    [url] = [part["url"] for part in _bodies(outcome) if part["type"] == "image"]
    assert url.startswith(f"{settings.public_url}/pictures/redemption/")
    token = urlsplit(url).path.rsplit("/", 1)[1].removesuffix(".png")
    assert read(settings, REDEMPTION, token) == (redemption.id, redemption.clinic_id)
    assert redemption.code not in url


def _bodies(outcome: Outcome) -> list[dict[str, Any]]:
    def inside(part: dict[str, Any]) -> list[dict[str, Any]]:
        return [part, *(one for inner in part.get("contents", []) for one in inside(inner))]

    return [part for message in wire(outcome.reply) for part in inside(message["contents"]["body"])]


def test_without_an_address_that_line_takes_the_code_comes_without_a_picture(
    session: Session, settings: Settings, member: Talk, mask: Reward
) -> None:
    real = settings.model_copy(update={"line_api_base": "https://api.line.me"})
    member.picture = partial(address, real)
    outcome = redeemed(member, mask)
    assert "โค้ดของคุณคือ" in words(outcome)
    assert [part for part in _bodies(outcome) if part["type"] == "image"] == []
    public = real.model_copy(update={"public_url": "https://aura.example/"})
    member.picture = partial(address, public)
    shown = content(member.tap("redemption", redemption=session.scalars(select(Redemption.id)).one()))
    assert "https://aura.example/pictures/redemption/" in shown


def test_the_same_button_twice_is_one_redemption(session: Session, clinic: Clinic, member: Talk) -> None:
    reward = make_reward(session, clinic, price=100)
    data = button(member.tap("reward", reward=reward.id), "redeem")
    first, second = tap(member, data), tap(member, data)
    assert words(first) == words(second)
    assert len(session.scalars(select(Redemption)).all()) == 1
    # Another question is another decision.
    redeemed(member, reward)
    assert (len(session.scalars(select(Redemption)).all()), available(session, member)) == (2, 800)


def test_the_button_of_a_code_that_was_used_buys_nothing_new(session: Session, clinic: Clinic, member: Talk) -> None:
    reward = make_reward(session, clinic, price=100)
    data = button(member.tap("reward", reward=reward.id), "redeem")
    tap(member, data)
    redemptions.confirm(session, clinic, session.scalars(select(Redemption.code)).one(), NOW, actor="staff")
    assert words(tap(member, data)).startswith("รางวัล mask: ใช้แล้วเมื่อ 3 ก.พ. 2569")
    assert available(session, member) == 900


def test_a_price_that_changed_is_shown_before_anything_is_taken(session: Session, member: Talk, mask: Reward) -> None:
    data = button(member.tap("reward", reward=mask.id), "redeem")
    mask.points = 900
    outcome = tap(member, data)
    assert words(outcome).startswith("จำนวนแต้มที่ใช้แลกเปลี่ยนไปแล้วค่ะ")
    assert "แลก รางวัล mask ด้วย 900 แต้ม" in words(outcome)
    assert available(session, member) == 1_000
    tap(member, button(outcome, "redeem"))
    assert available(session, member) == 100


def test_my_redemptions_show_what_can_still_be_used(session: Session, clinic: Clinic, member: Talk) -> None:
    assert "คุณยังไม่เคยแลกรางวัล" in words(member.say("รางวัลของฉัน"))
    reward = make_reward(session, clinic, price=10)
    for _ in range(10):
        redeemed(member, reward)
    used, open_one = session.scalars(select(Redemption).order_by(Redemption.id.desc())).all()[:2]
    redemptions.confirm(session, clinic, used.code, NOW, actor="staff")
    first = member.tap("redemptions")
    words(first)
    shown = list(buttons(first))
    assert Action("redemption", redemption=open_one.id).data in shown
    assert Action("redemption", redemption=used.id).data not in shown
    rest = tap(member, button(first, "redemptions"))
    assert len([data for data in buttons(rest) if data.startswith("redemption?")]) == 2
    again = member.tap("redemption", redemption=open_one.id)
    assert codes.spaced(open_one.code) in words(again)


def test_cancelling_asks_once_more_and_gives_the_points_back(session: Session, member: Talk, mask: Reward) -> None:
    code = redeemed(member, mask)
    question = tap(member, button(code, "cancel_redemption"))
    assert words(question) == "ยกเลิก รางวัล mask และรับ 800 แต้ม คืนไหมคะ"
    assert available(session, member) == 200
    sure = button(question, "cancel_redemption")
    assert words(tap(member, sure)) == "ยกเลิกแล้วค่ะ คืน 800 แต้ม ให้คุณเรียบร้อย"
    assert words(tap(member, sure)) == "รางวัล mask: ยกเลิกเมื่อ 3 ก.พ. 2569"
    assert available(session, member) == 1_000


def test_a_code_past_its_time_is_neither_shown_nor_given_back(session: Session, member: Talk, mask: Reward) -> None:
    redeemed(member, mask)
    redemption = session.scalars(select(Redemption)).one()
    member.now = redemption.expires_at
    for outcome in (
        member.tap("redemption", redemption=redemption.id),
        member.tap("cancel_redemption", redemption=redemption.id, sure="yes"),
    ):
        assert words(outcome) == "รางวัล mask: หมดอายุแล้ว ใช้ได้ถึง 5 มี.ค. 2569"
    assert "หมดอายุแล้ว" in words(member.tap("redemptions"))
    assert available(session, member) == 200


def test_what_is_somebody_elses_has_grown_old(
    session: Session, member: Talk, talks: Callable[[str], Talk], mask: Reward
) -> None:
    redeemed(member, mask)
    theirs = session.scalars(select(Redemption)).one()
    other = talks("U" + "c" * 32)
    other.tap("join")
    for name, more in (("redemption", {}), ("cancel_redemption", {}), ("cancel_redemption", {"sure": "yes"})):
        outcome = other.tap(name, redemption=theirs.id, **more)
        assert "ปุ่มนี้เก่าแล้ว" in words(outcome)
        assert theirs.code not in content(outcome)
    assert theirs.state == "issued"


@pytest.mark.parametrize(
    "data",
    [
        f"reward?reward={NOBODYS}",
        f"redeem?reward={NOBODYS}&points=1&nonce=0a",
        f"redemption?redemption={NOBODYS}",
        "reward?reward=1",
        "redeem?reward=1&points=1&nonce=1",
        f"redeem?reward={NOBODYS}&points=1&nonce=%00",
        f"redeem?reward={NOBODYS}&points=1&nonce=",
        f"cancel_redemption?redemption={NOBODYS}&sure=no",
    ],
)
def test_forged_buttons_have_grown_old(session: Session, member: Talk, data: str) -> None:
    assert "ปุ่มนี้เก่าแล้ว" in words(tap(member, data))
    assert available(session, member) == 1_000


def test_a_withdrawn_reward_has_grown_old(member: Talk, mask: Reward) -> None:
    data = button(member.tap("reward", reward=mask.id), "redeem")
    mask.active = False
    assert "ปุ่มนี้เก่าแล้ว" in words(tap(member, data))
    assert "ตอนนี้ยังไม่มีรางวัลให้แลก" in words(member.tap("rewards"))


@pytest.mark.parametrize("language", ["th", "en"])
def test_long_catalogues_of_long_names_stay_within_lines_limits(
    session: Session, clinic: Clinic, member: Talk, language: str
) -> None:
    name = "ทรีตเมนต์บำรุงผิวหน้าที่มีชื่อยาวมาก ๆ " * 10
    texts = {code: {"name": name, "description": name * 5} for code in ("th", "en")}
    for number in range(30):
        make_reward(session, clinic, f"r{number}", 900 + 10 * number, texts=texts)
    member.tap("language", to=language)
    seen: set[str] = set()
    outcome = member.tap("rewards")
    for _ in range(4):
        words(outcome)
        shown = list(buttons(outcome))
        seen |= {data for data in shown if data.startswith("reward?")}
        if not shown[-1].startswith("rewards?"):
            break
        outcome = tap(member, shown[-1])
    assert len(seen) == 30
    for page in (-1, 0, 99):
        assert len([data for data in buttons(member.tap("rewards", page=page)) if "reward?" in data]) <= cards.PAGE
    reward = session.scalars(select(Reward).where(Reward.points == 900)).one()
    question = member.tap("reward", reward=reward.id)
    words(question)
    code = tap(member, button(question, "redeem"))
    words(code)
    words(member.tap("redemptions"))
    words(tap(member, button(code, "cancel_redemption")))
