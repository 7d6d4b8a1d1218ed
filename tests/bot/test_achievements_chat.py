"""Achievements in chat: asked for by words and button, within LINE's limits, and secrets stay secrets."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import achievements as cards
from bot.cards.frame import evenly
from bot.listen import Outcome
from channels.line.flex import check
from channels.line.limits import BUBBLE_BYTES, CAROUSEL_BYTES, wire_bytes
from channels.line.messages import Card
from channels.line.render import wire
from loyalty import achievements, ledger
from loyalty.achievements import Gallery, InProgress, Unlocked
from loyalty.defaults.achievements import DEFAULTS, seed
from loyalty.metrics import METRICS
from models.clinics import Clinic
from models.customers import Customer
from models.rewards import Achievement
from runtime.language import Language, own_words
from tests.fixtures.clinic import NOW, Talk
from tests.fixtures.facts import Facts

SECRETS = [default for default in DEFAULTS if default.secret]
TH, EN = Language("th"), Language("en")


@pytest.fixture
def facts(session: Session, clinic: Clinic, talk: Talk) -> Facts:
    """The one who talks, a member of a clinic with achievements."""
    seed(session, clinic)
    talk.tap("join")
    return Facts(session, session.scalars(select(Customer)).one())


def unlock(facts: Facts) -> None:
    profile = ledger.open_profile(facts.session, facts.customer, NOW)
    achievements.check(facts.session, profile, NOW)
    facts.session.flush()


def heard(outcome: Outcome) -> str:
    """Everything that goes over the wire, as people would read it; each message within LINE's limits."""
    messages = wire(outcome.reply)
    for message in messages:
        check(message)
    return json.dumps(messages, ensure_ascii=False)


def texts(part: Any) -> list[str]:
    """The texts of a card in reading order."""
    if isinstance(part, list):
        return [text for one in part for text in texts(one)]
    if not isinstance(part, dict):
        return []
    own = [str(part["text"])] if part.get("type") == "text" else []
    return own + [text for one in part.values() if isinstance(one, dict | list) for text in texts(one)]


def card(outcome: Outcome) -> Card:
    message = outcome.reply.messages[0]
    assert isinstance(message, Card)
    return message


@pytest.mark.parametrize("words", ["ความสำเร็จ", "เหรียญของฉันค่ะ", "Achievements", "my badges"])
def test_the_gallery_is_asked_for_by_words(facts: Facts, talk: Talk, words: str) -> None:
    assert card(talk.say(words)).alt.startswith("ความสำเร็จ\nถัดไป: ")


def test_unlocked_first_then_the_way_to_the_next_then_the_number_of_secrets(facts: Facts, talk: Talk) -> None:
    facts.pay(12_500)
    unlock(facts)
    facts.visit(NOW, NOW - timedelta(days=3), NOW - timedelta(days=40))
    shown = card(talk.tap("achievements"))
    assert shown.alt == (
        "ความสำเร็จ\nปลดล็อกแล้ว: ก้าวแรกด้วยกัน, สายเปย์\n"
        "ถัดไป: ลูกค้าประจำ (3 / 5 ครั้ง), วีไอพีขาประจำ (3 / 6 เดือน), สมาชิกวีไอพี (฿12,500 / ฿50,000)\n"
        f"ความลับอีก {len(SECRETS)} รายการ"
    )
    said = texts(shown.contents)
    assert said[:7] == ["ปลดล็อกแล้ว", "2", "🛍️", "ก้าวแรกด้วยกัน", "ใช้บริการและชำระเงินครั้งแรก", "3 ก.พ. 2569", "+100 แต้ม"]
    at = said.index("ลูกค้าประจำ")
    assert said[at - 3 : at + 4] == [
        "กำลังไปถึง", "7", "📅", "ลูกค้าประจำ", "มาคลินิก 5 ครั้งภายใน 90 วัน", "3 / 5 ครั้ง", "+200 แต้ม",
    ]  # fmt: skip
    assert said[-2:] == [f"ความลับอีก {len(SECRETS)} รายการ", "จะเปิดเผยเมื่อคุณทำสำเร็จ"]
    bars = [part for part in json.dumps(shown.contents).split('"width": "') if part.startswith("60%")]
    assert len(bars) == 1  # three of five visits


def test_in_english(facts: Facts, talk: Talk) -> None:
    facts.customer.language, facts.customer.language_chosen = "en", True
    facts.pay(12_500)
    unlock(facts)
    shown = card(talk.tap("achievements"))
    assert shown.alt.startswith(
        "Achievements. Unlocked: First Purchase, Big Spender. Next: VIP Member (฿12,500 / ฿50,000)"
    )
    assert "Feb 3, 2026" in texts(shown.contents)
    assert "0 / 1 friend" in texts(shown.contents)
    assert "0 / 5 visits" in texts(shown.contents)


def test_a_secret_is_on_no_wire_until_it_unlocks(facts: Facts, talk: Talk) -> None:
    def leaked() -> set[str]:
        said = "".join(heard(talk.tap(name)) for name in ("achievements", "points", "history", "help"))
        return {
            one.code for one in SECRETS if any(part in said for part in (one.code, *one.th, *one.en, one.badge_icon))
        }

    facts.pay(100)
    unlock(facts)
    assert leaked() == set()
    facts.customer.birth_month_day = "02-03"
    facts.visit(NOW)
    assert leaked() == set()  # reached, and not unlocked yet
    unlock(facts)
    assert leaked() == {"birthday_visit"}
    assert f"ความลับอีก {len(SECRETS) - 1} รายการ" in texts(card(talk.tap("achievements")).contents)


def test_a_guest_is_offered_to_join(talk: Talk, clinic: Clinic, session: Session) -> None:
    seed(session, clinic)
    assert "ยินดีต้อนรับสู่ Aura Clinic" in heard(talk.tap("achievements"))


def test_a_clinic_without_achievements_says_so(talk: Talk) -> None:
    talk.tap("join")
    assert "ตอนนี้ยังไม่มีรายการความสำเร็จค่ะ" in heard(talk.tap("achievements"))


def test_a_clinic_with_nothing_but_secrets_says_how_many(clinic: Clinic) -> None:
    shown = cards.gallery(clinic, TH, Gallery((), (), 3))
    check(message(shown))
    assert texts(shown.contents) == ["ความสำเร็จ", "🔒", "ความลับอีก 3 รายการ", "จะเปิดเผยเมื่อคุณทำสำเร็จ"]


@pytest.mark.parametrize("page", [-1, 0, 2, 99, 10**9 - 1])
def test_a_page_that_is_gone_is_the_nearest_that_is_there(facts: Facts, talk: Talk, page: int) -> None:
    assert heard(talk.tap("achievements", page=page)) == heard(talk.tap("achievements"))


def test_a_page_that_no_button_of_ours_carries_has_grown_old(facts: Facts, talk: Talk) -> None:
    talk.tap("achievements", page=10**30)
    assert talk.row.reason == "stale_button:achievements"


def test_a_longer_gallery_is_paged_to_its_end(session: Session, facts: Facts, talk: Talk) -> None:
    for number in range(20):
        achievements.save(session, made(facts.customer.clinic, f"more {number:02}", at_least=100 + number))
    session.flush()
    seen: list[str] = []
    outcome, taps = talk.tap("achievements"), 1
    while True:
        heard(outcome)
        shown = texts(card(outcome).contents)
        seen += [text for text in shown if text.startswith("name more")]
        buttons = [part.split('"')[0] for part in json.dumps(card(outcome).contents).split('"data": "')[1:]]
        if not buttons:
            break
        assert "ความลับ" not in "".join(shown)
        outcome, taps = talk.event("postback", postback={"data": buttons[0]}), taps + 1
    assert (sorted(seen), taps) == ([f"name more {number:02}" for number in range(20)], 2)
    assert f"ความลับอีก {len(SECRETS)} รายการ" in shown


def made(clinic: Clinic, code: str, *, at_least: int = 5, name: str = "", description: str = "") -> Achievement:
    return Achievement(
        clinic_id=clinic.id,
        code=code,
        name=code,
        texts={"th": {"name": name or f"name {code}", "description": description}},
        category="spending",
        conditions={"metric": "visits", "at_least": at_least},
        points_reward=1_000_000,
        badge_icon="🏵️",
        secret=False,
        active=True,
        position=99,
    )


def held(some: list[Achievement], unlocked: int) -> Gallery:
    return Gallery(
        tuple(Unlocked(one, NOW) for one in some[:unlocked]),
        tuple(
            InProgress(one, 1, one.conditions["at_least"], METRICS[one.conditions["metric"]].unit)
            for one in some[unlocked:]
        ),
        3,
    )


def message(card: Card) -> dict[str, Any]:
    return {"type": "flex", "altText": card.alt, "contents": card.contents}


@pytest.mark.parametrize("t", [TH, EN], ids=lambda t: t.code)
@pytest.mark.parametrize("count", [1, 9, 12, len(DEFAULTS)])
def test_every_share_of_nine_and_of_twelve_fits(session: Session, clinic: Clinic, t: Language, count: int) -> None:
    seed(session, clinic)
    some = list(session.scalars(select(Achievement).order_by(Achievement.position).limit(count)))
    for unlocked in range(count + 1):
        gallery = held(some, unlocked)
        assert cards.pages(gallery) == 1
        shown = cards.gallery(clinic, t, gallery)
        check(message(shown))
        names = [own_words(one.texts, t.code, one.name)[0] for one in some]
        assert [text for text in texts(shown.contents) if text in names] == names


@pytest.mark.parametrize("unlocked", [0, 7, cards.A_MESSAGE])
def test_the_longest_texts_fit(clinic: Clinic, unlocked: int) -> None:
    wordy = "น้ำผึ้งที่ผู้ใหญ่ให้ไว้ " * 40
    some = [made(clinic, f"c{n}", name=wordy, description=wordy, at_least=9_999) for n in range(2 * cards.A_MESSAGE)]
    for page in (1, 2):
        shown = cards.gallery(clinic, TH, held(some, unlocked), page)
        check(message(shown))
        assert wire_bytes(shown.contents) < CAROUSEL_BYTES
        assert max(wire_bytes(one) for one in shown.contents["contents"]) < BUBBLE_BYTES


@pytest.mark.parametrize("count", range(1, cards.A_MESSAGE + 1))
def test_bubbles_are_filled_alike(clinic: Clinic, count: int) -> None:
    sizes = [len(part) for part in evenly([made(clinic, str(n)) for n in range(count)], cards.A_BUBBLE)]
    assert sum(sizes) == count
    assert len(sizes) == -(-count // cards.A_BUBBLE)
    assert max(sizes) <= cards.A_BUBBLE and max(sizes) - min(sizes) <= 1


def test_a_text_is_shown_in_thai_before_it_is_shown_by_its_plain_name(clinic: Clinic) -> None:
    one = made(clinic, "code", name="ชื่อไทย", description="คำอธิบาย")
    assert own_words(one.texts, "en", one.name) == ("ชื่อไทย", "คำอธิบาย")
    one.texts = {}
    assert own_words(one.texts, "en", one.name) == ("code", "")


@pytest.mark.parametrize("metric", list(METRICS))
def test_every_metric_can_be_said(clinic: Clinic, metric: str) -> None:
    one = made(clinic, "one")
    for t, goal in ((TH, 1), (TH, 7), (EN, 1), (EN, 7)):
        said = cards.how_far(t, InProgress(one, 0, goal, METRICS[metric].unit))
        assert said.replace("฿", "").startswith(f"0 / {goal}")


def test_a_customer_sees_their_own(session: Session, facts: Facts, talks: Callable[[str], Talk]) -> None:
    facts.pay(12_500)
    unlock(facts)
    other = talks("U" + "c" * 32)
    other.tap("join")
    assert "ปลดล็อกแล้ว" not in heard(other.tap("achievements"))
