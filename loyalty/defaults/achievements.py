"""The achievements a clinic starts with."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.achievements import renew, validate
from models.base import new_id
from models.clinics import Clinic
from models.rewards import Achievement


@dataclass(frozen=True)
class Default:
    code: str
    category: str
    badge_icon: str
    points: int
    conditions: dict[str, Any]
    th: tuple[str, str]
    """Name, and what one does to reach it."""
    en: tuple[str, str]
    secret: bool = False


# The Thai texts keep to what a clinic may advertise: no superlatives, nothing "free", "special" or "only".
DEFAULTS: tuple[Default, ...] = (
    Default(
        "first_purchase", "spending", "🛍️", 100, {"metric": "purchases", "at_least": 1},
        ("ก้าวแรกด้วยกัน", "ใช้บริการและชำระเงินครั้งแรก"),
        ("First Purchase", "Pay for your first treatment"),
    ),
    Default(
        "big_spender", "spending", "💳", 300, {"metric": "total_spent", "at_least": 10_000},
        ("สายเปย์", "ยอดใช้จ่ายสะสมครบ ฿10,000"),
        ("Big Spender", "Spend ฿10,000 in all"),
    ),
    Default(
        "vip_member", "spending", "👑", 500, {"metric": "total_spent", "at_least": 50_000},
        ("สมาชิกวีไอพี", "ยอดใช้จ่ายสะสมครบ ฿50,000"),
        ("VIP Member", "Spend ฿50,000 in all"),
    ),
    Default(
        "regular_customer", "frequency", "📅", 200, {"metric": "visits", "at_least": 5, "within_days": 90},
        ("ลูกค้าประจำ", "มาคลินิก 5 ครั้งภายใน 90 วัน"),
        ("Regular Customer", "Visit 5 times within 90 days"),
    ),
    Default(
        "loyal_customer", "frequency", "💗", 400, {"metric": "visits", "at_least": 12, "within_days": 365},
        ("ลูกค้าคนสนิท", "มาคลินิก 12 ครั้งภายใน 1 ปี"),
        ("Loyal Customer", "Visit 12 times within a year"),
    ),
    Default(
        "vip_regular", "frequency", "🌟", 600, {"metric": "consecutive_months", "at_least": 6},
        ("วีไอพีขาประจำ", "มาทุกเดือน 6 เดือนติดต่อกัน"),
        ("VIP Regular", "Visit every month, 6 months in a row"),
    ),
    Default(
        "friend_bringer", "referral", "🤝", 150, {"metric": "referrals", "at_least": 1},
        ("เพื่อนชวนเพื่อน", "แนะนำเพื่อนมาใช้บริการ 1 คน"),
        ("Friend Bringer", "Bring 1 friend"),
    ),
    Default(
        "ambassador", "referral", "📣", 500, {"metric": "referrals", "at_least": 5},
        ("ทูตความงาม", "แนะนำเพื่อนมาใช้บริการ 5 คน"),
        ("Ambassador", "Bring 5 friends"),
    ),
    Default(
        "influencer", "referral", "✨", 1_000, {"metric": "referrals", "at_least": 10},
        ("อินฟลูเอนเซอร์", "แนะนำเพื่อนมาใช้บริการ 10 คน"),
        ("Influencer", "Bring 10 friends"),
    ),
    Default(
        "birthday_visit", "surprise", "🎂", 150, {"metric": "visit_on_birthday", "at_least": 1},
        ("วันเกิดที่คลินิก", "มาหาเราในวันเกิดของคุณ"),
        ("Birthday Visit", "Spent a birthday with us"),
        secret=True,
    ),
    Default(
        "welcome_back", "surprise", "🌅", 100, {"metric": "returned_after_days", "at_least": 180},
        ("คิดถึงกันเสมอ", "กลับมาหาเราหลังห่างกันครึ่งปี"),
        ("Long Time No See", "Came back after half a year"),
        secret=True,
    ),
    Default(
        "storyteller", "surprise", "💬", 150, {"metric": "reviews", "at_least": 5},
        ("นักเล่าเรื่อง", "เล่าความรู้สึกหลังรับบริการ 5 ครั้ง"),
        ("Storyteller", "Told us about 5 visits"),
        secret=True,
    ),
    Default(
        "collector", "surprise", "🏆", 300, {"metric": "achievements", "at_least": 7},
        ("นักสะสม", "ปลดล็อกความสำเร็จครบ 7 รายการ"),
        ("Collector", "Unlocked 7 achievements"),
        secret=True,
    ),
)  # fmt: skip


def seed(session: Session, clinic: Clinic) -> None:
    """Give the clinic those it does not have; what it has changed or switched off stays as it is."""
    for default in DEFAULTS:
        validate(default.conditions)
    rows = [
        {
            "id": new_id(),
            "clinic_id": clinic.id,
            "code": default.code,
            "name": default.en[0],
            "texts": {
                language: {"name": name, "description": description}
                for language, (name, description) in (("th", default.th), ("en", default.en))
            },
            "category": default.category,
            "conditions": default.conditions,
            "points_reward": default.points,
            "badge_icon": default.badge_icon,
            "secret": default.secret,
            "active": True,
            "position": position,
        }
        for position, default in enumerate(DEFAULTS, 1)
    ]
    session.flush()
    session.execute(insert(Achievement).on_conflict_do_nothing(), rows)
    renew(session, clinic.id)
