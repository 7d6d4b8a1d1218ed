"""Exported and applied again nothing changes; and whatever changes is told before, and takes nothing from anybody."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinics.apply import create
from clinics.check import check
from clinics.current import content, current
from customers import branches
from loyalty import achievements, redemptions, rewards
from loyalty.defaults.achievements import DEFAULTS
from loyalty.defaults.rewards import REWARDS
from models.branches import Branch, Service
from models.clinics import Clinic
from models.rewards import Achievement, AchievementUnlock, Redemption, Reward
from tests.clinics.conftest import WHOLE, Desk, right
from tests.fixtures.clinic import NOW, make_clinic
from tests.fixtures.rewards import available, enrich

FULL = """
name: Glow
voice: {persona: male, brand_color: "#123456", zone: America/New_York}
points: {per_baht: 0.25, welcome: 0, life_months: 24, treatment_pending_days: 3}
referral: {enabled: false, points_referrer: 300, points_friend: 50, least_payment: 500, pending_days: 3, daily_limit: 2}
links: {booking: "https://book.example/a?b=c&d=%20"}
privacy: {notice_version: "7"}
channels: {line: {basic_id: "@glow", channel_id: "2000000001"}}
branches:
  - code: b
    name: {th: "บี: สาขา", en: "B - 'branch'"}
    phone: "0812345670"
    address: {th: "บรรทัด\\nสอง", en: "# no comment"}
    hours: {mon: "09:00-12:00, 13:00-24:00", sat: [10:00-11:00]}
    holidays: [2026-12-31, 2027-01-01]
    duty_contact: {name: "yes", phone: 1669, email: a@b.example}
    booked_as: {square: [L1], standard: ["B: 2", "0123"]}
  - {code: a, name: "no"}
services:
  - {code: "0123", name: x, price: "1,500.-", not_after: {y: 3}, medical: true}
  - {code: y, name: "~", aftercare: {en: "- a\\n- b\\n"}}
rewards:
  - {code: a, kind: discount, percent: 5, points: 10, name: {en: A}, description: {th: ข}, stock: 0, per_customer: 2,
     valid_from: 2026-02-01, valid_until: 2026-02-28, least_tier: gold, code_days: 7, refund_unused: false}
achievements: []
"""


def file_of(session: Session, clinic: Clinic) -> Desk:
    return Desk(session, clinic, Desk(session, clinic).export())


@pytest.mark.parametrize("text", [WHOLE, FULL, "name: Bare"])
def test_what_is_exported_and_applied_changes_nothing(session: Session, text: str) -> None:
    clinic = create(session, "aura", right(text, session.info["clinic_defaults"]), NOW)
    desk = file_of(session, clinic)
    assert desk.changes() == []
    before = current(session, clinic)
    assert content(right(desk.text, desk.defaults)) == before
    goals = clinic.goals
    desk.apply()
    again = desk.export()
    assert (again, current(session, clinic)) == (desk.text, before)
    desk.apply()
    assert (clinic.goals, desk.export()) == (goals, again)


def test_a_clinic_that_was_made_without_a_file_has_one_too(session: Session, clinic: Clinic) -> None:
    desk = file_of(session, clinic)
    assert desk.changes() == []
    assert "\nbranches:\n  - code: main\n    name:\n      th: Aura Clinic\n" in desk.text
    assert "rewards: []" in desk.text


def test_everything_in_it_is_the_clinics(session: Session) -> None:
    clinic = create(session, "glow", right(FULL, session.info["clinic_defaults"]), NOW)
    session.expire_all()
    assert (clinic.name, clinic.line_basic_id, clinic.line_channel_id) == ("Glow", "@glow", "2000000001")
    assert (clinic.settings.voice.zone, clinic.settings.referral.enabled) == (ZoneInfo("America/New_York"), False)
    first, second = branches.active(session, clinic)
    assert (first.code, first.names["en"], second.names) == ("b", "B - 'branch'", {"th": "no"})
    assert first.hours == {"mon": ["09:00-12:00", "13:00-24:00"], "sat": ["10:00-11:00"]}
    assert (first.booked_as, second.booked_as) == ({"square": ["L1"], "standard": ["B: 2", "0123"]}, {})
    assert first.duty_contact == {"name": "yes", "phone": "1669", "email": "a@b.example"}
    assert [one.code for one in branches.services(session, clinic)] == ["0123", "y"]
    (reward,) = session.scalars(select(Reward))
    new_york = ZoneInfo("America/New_York")
    assert reward.valid_from == datetime(2026, 2, 1, tzinfo=new_york)
    assert reward.valid_until == datetime(2026, 3, 1, tzinfo=new_york)
    assert (reward.name, reward.texts["th"]["description"]) == ("A", "ข")
    assert session.scalars(select(Achievement)).all() == []


def test_what_a_new_clinics_file_leaves_out_is_the_products(session: Session) -> None:
    clinic = create(session, "glow", right("name: Glow", session.info["clinic_defaults"]), NOW)
    assert len(session.scalars(select(Reward).where(Reward.clinic_id == clinic.id)).all()) == len(REWARDS)
    assert len(session.scalars(select(Achievement)).all()) == len(DEFAULTS)
    assert [one.code for one in branches.active(session, clinic)] == ["main"]


def test_a_slug_that_cannot_be_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="no slug"):
        create(session, "Aura Siam", right("name: x", session.info["clinic_defaults"]), NOW)


def test_what_the_staff_are_told_is_changed_by_the_file_and_comes_out_of_it_again(desk: Desk) -> None:
    desk.write("voice:\n", "staff_notices: {low_rating: ride, digest: off}\nvoice:\n")
    assert desk.changes() == ["staff_notices.low_rating: at_once → ride", "staff_notices.digest: ride → off"]
    desk.apply()
    assert (desk.clinic.settings.staff_notices.digest, desk.clinic.settings.staff_notices.referral) == ("off", "ride")
    exported = desk.export()
    assert "staff_notices:\n  low_rating: ride\n" in exported
    assert re.search("\n  digest: ['\"]off['\"]\n", exported), exported
    desk.text = exported
    assert desk.changes() == []


def test_the_difference_says_what_changes_and_what_follows(desk: Desk) -> None:
    desk.write("points: 500\n    percent: 5", "points: 600\n    percent: 7")
    desk.write("name: Aura Clinic\n", "name: Aura\n")
    desk.write("wed: 10:00-20:00", "wed: closed")
    desk.write("persona: female", "persona: male")
    desk.write("    usual_interval_days: 42\n", "")
    desk.write("voice:\n", "points: {life_months: 18}\nvoice:\n")
    desk.write("booking: https://book.aura-clinic.example/siam", "booking: https://book.example")
    desk.write(
        "    conditions: {metric: visits, at_least: 12, within_days: 365}",
        "    conditions: {metric: visits, at_least: 9}",
    )
    assert desk.changes() == [
        "name: Aura Clinic → Aura",
        "voice.persona: female → male",
        "points.life_months: 12 → 18 (points that are earned already keep their day)",
        "links.booking: https://book.aura-clinic.example/siam → https://book.example",
        "branches.siam.hours.wed: 10:00-20:00 → nothing",
        "services.Laser hair removal.usual_interval_days: 42 → nothing",
        "rewards.discount_5.points: 500 → 600 (codes that are out stay as they are)",
        "rewards.discount_5.percent: 5 → 7 (codes that are out stay as they are)",
        "achievements.loyal_customer.conditions.at_least: 12 → 9",
        "achievements.loyal_customer.conditions.within_days: 365 → nothing",
    ]
    assert desk.differs().notes == ()
    goals = desk.clinic.goals
    desk.apply()
    assert desk.changes() == []
    assert desk.clinic.goals == goals + 1
    assert desk.clinic.settings.points.life_months == 18


def test_what_comes_and_goes_is_told_as_a_whole(desk: Desk) -> None:
    desk.write(
        "rewards:\n",
        "rewards:\n  - {code: tea, kind: free_product, points: 90, name: {th: ชา, en: Tea}}\n",
    )
    begins, ends = desk.text.index("  - code: premium_mask"), desk.text.index("  - code: discount_10")
    desk.text = desk.text[:begins] + desk.text[ends:]
    gone, come = desk.changes()
    assert gone.startswith("rewards.premium_mask: kind free_product, name Premium Mask 1 แผ่น, description รับได้ที่")
    assert gone.endswith("points 800, code_days 30, refund_unused true → nothing (what has been is kept)")
    assert come == "rewards.tea: new: kind free_product, name ชา, points 90, code_days 30, refund_unused true"


def test_another_order_is_a_change(desk: Desk) -> None:
    begins, ends = desk.text.index("  - code: HydraFacial"), desk.text.index("  - code: Facial treatment")
    moved, rest = desk.text[begins:ends], desk.text[:begins] + desk.text[ends:]
    desk.text = rest.replace("\ntiers:", f"{moved}\ntiers:")
    (said,) = desk.changes()
    assert said.startswith("services: order: HydraFacial, Facial treatment, ")
    desk.apply()
    assert branches.services(desk.session, desk.clinic)[-1].code == "HydraFacial"
    assert desk.changes() == []


def test_a_list_that_is_left_out_stays_as_it_is_and_an_empty_one_is_empty(desk: Desk) -> None:
    desk.text = desk.text[: desk.text.index("rewards:")]
    assert desk.changes() == []
    desk.text += "rewards: []\n"
    assert len(desk.changes()) == 4
    desk.apply()
    assert session_rewards(desk) == []


def session_rewards(desk: Desk) -> list[str]:
    return [one["code"] for one in current(desk.session, desk.clinic)["rewards"]]


def test_a_section_that_is_left_out_is_the_products(desk: Desk) -> None:
    desk.text += "points: {welcome: 7}\n"
    desk.apply()
    desk.text = desk.text.replace("points: {welcome: 7}\n", "")
    assert desk.changes() == ["points.welcome: 7 → 100"]


def test_a_reward_that_goes_is_retired_and_its_codes_are_honoured(desk: Desk) -> None:
    mali = desk.member(1)
    enrich(desk.session, mali, 2_000)
    mask = desk.session.scalars(select(Reward).where(Reward.code == "premium_mask")).one()
    first, second = (rewards.redeem(desk.session, mali, mask.id, NOW) for _ in range(2))
    whole = desk.text
    begins, ends = desk.text.index("  - code: premium_mask"), desk.text.index("  - code: discount_10")
    desk.text = desk.text[:begins] + desk.text[ends:]
    (said,) = desk.changes()
    assert said.endswith("→ nothing (2 codes that customers hold stay good)")
    desk.apply()
    assert mask.id not in [one.reward.id for one in rewards.catalogue(desk.session, mali, NOW)]
    assert redemptions.confirm(desk.session, desk.clinic, first.code, NOW, actor="staff").state == "used"
    before = available(desk.session, mali)
    assert redemptions.cancel(desk.session, second, NOW, actor="customer") == 800
    assert available(desk.session, mali) == before + 800
    desk.text = whole
    desk.apply()
    assert desk.session.scalars(select(Reward).where(Reward.code == "premium_mask")).one() is mask
    assert mask.active


def test_a_price_that_changes_leaves_codes_as_they_were_bought(desk: Desk) -> None:
    mali = desk.member(1)
    enrich(desk.session, mali, 2_000)
    mask = desk.session.scalars(select(Reward).where(Reward.code == "premium_mask")).one()
    code = rewards.redeem(desk.session, mali, mask.id, NOW)
    expires_at = code.expires_at
    desk.write("points: 800\n", "points: 900\n    code_days: 1\n")
    desk.apply()
    desk.session.expire_all()
    kept = desk.session.scalars(select(Redemption)).one()
    assert (kept.points, kept.expires_at) == (800, expires_at)
    assert redemptions.cancel(desk.session, kept, NOW, actor="customer") == 800


def test_the_stock_counts_those_that_are_taken(desk: Desk) -> None:
    desk.write("points: 800\n", "points: 800\n    stock: 3\n")
    desk.apply()
    mask = desk.session.scalars(select(Reward).where(Reward.code == "premium_mask")).one()
    mali = desk.member(1)
    enrich(desk.session, mali, 4_000)
    rewards.redeem(desk.session, mali, mask.id, NOW)
    gone = rewards.redeem(desk.session, mali, mask.id, NOW)
    assert mask.stock == 1
    assert desk.changes() == []
    desk.apply()
    assert mask.stock == 1
    redemptions.cancel(desk.session, gone, NOW, actor="customer")
    desk.write("stock: 3", "stock: 10")
    desk.apply()
    assert mask.stock == 9
    desk.write("stock: 10", "stock: 0")
    assert desk.refused() == [
        (("rewards", 1, "stock"), "rewards.premium_mask: customers have taken 1 already, so stock cannot be less")
    ]


def test_points_that_would_come_back_are_not_taken(desk: Desk) -> None:
    desk.write("points: 800\n", "points: 800\n    refund_unused: false\n")
    assert desk.refused() == []
    mali = desk.member(1)
    enrich(desk.session, mali, 2_000)
    mask = desk.session.scalars(select(Reward).where(Reward.code == "premium_mask")).one()
    code = rewards.redeem(desk.session, mali, mask.id, NOW)
    ((path, said),) = desk.refused()
    assert path == ("rewards", 1, "refund_unused")
    assert said.startswith("rewards.premium_mask: 1 codes are out whose points come back if nobody uses them")
    redemptions.confirm(desk.session, desk.clinic, code.code, NOW, actor="staff")
    assert desk.refused() == []


def test_an_achievement_that_goes_stays_with_who_has_reached_it(desk: Desk) -> None:
    mali = desk.member(1, total=0)
    goal = desk.session.scalars(select(Achievement).where(Achievement.code == "first_purchase")).one()
    desk.session.add(
        AchievementUnlock(clinic_id=desk.clinic.id, customer_id=mali.id, achievement_id=goal.id, unlocked_at=NOW)
    )
    begins, ends = desk.text.index("  - code: first_purchase"), desk.text.index("  - code: vip_member")
    desk.text = desk.text[:begins] + desk.text[ends:]
    desk.apply()
    gallery = achievements.progress(desk.session, mali, NOW)
    assert [one.achievement.code for one in gallery.unlocked] == ["first_purchase"]
    assert "big_spender" not in [one.achievement.code for one in gallery.in_progress]


def test_a_branch_that_closes_is_kept_for_what_happened_there(desk: Desk) -> None:
    desk.write("code: siam", "code: asok")
    desk.apply()
    assert [one.code for one in branches.active(desk.session, desk.clinic)] == ["asok"]
    kept = desk.session.scalars(select(Branch.code).where(Branch.clinic_id == desk.clinic.id)).all()
    assert set(kept) == {"siam", "asok"}


def test_another_clinic_is_not_touched(desk: Desk) -> None:
    other = make_clinic(desk.session, "glow", "Glow")
    before = current(desk.session, other)
    desk.write("persona: female", "persona: male")
    desk.apply()
    assert current(desk.session, other) == before


def test_words_that_look_like_something_else_survive(session: Session) -> None:
    odd = [
        "no",
        "1e5",
        "0x1f",
        "12:30",
        "2026-01-01",
        "~",
        "!x",
        "&a",
        "*a",
        "a: b",
        "# x",
        "'",
        '"',
        "- x",
        "1_000",
        "🛍️",
        "%",
    ]
    services = [{"code": f"s{place}", "name": {"th": text}} for place, text in enumerate(odd)]
    clinic = make_clinic(session)
    desk = file_of(session, clinic)
    session.add_all(Service(clinic_id=clinic.id, code=one["code"], names=one["name"]) for one in services)
    desk.text = desk.export()
    file = check(desk.text.encode(), desk.defaults).file
    assert file is not None
    assert {one.code: one.name["th"] for one in file.services or ()} == {
        one["code"]: one["name"]["th"]  # type: ignore[index]
        for one in services
    }
    assert desk.changes() == []


def test_the_days_of_a_reward_are_the_clinics(desk: Desk) -> None:
    desk.write("points: 800\n", "points: 800\n    valid_until: 2026-02-28\n")
    desk.apply()
    mask = desk.session.scalars(select(Reward).where(Reward.code == "premium_mask")).one()
    assert mask.valid_until == datetime(2026, 3, 1, tzinfo=ZoneInfo("Asia/Bangkok"))
    (shown,) = [one for one in current(desk.session, desk.clinic)["rewards"] if one["code"] == "premium_mask"]
    assert shown["valid_until"] == date(2026, 2, 28)
    assert desk.changes() == []
