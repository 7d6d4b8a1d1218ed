"""The rewards a clinic begins with. Thai texts keep to words that clinic advertising may use."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.base import new_id
from models.clinics import Clinic
from models.rewards import Reward

REWARDS: tuple[dict[str, Any], ...] = (
    {
        "code": "discount_5",
        "kind": "discount",
        "points": 500,
        "value": 5,
        "texts": {
            "th": {"name": "ส่วนลด 5%", "description": "ใช้ลดค่าบริการได้ 1 ครั้ง ต่อใบเสร็จ 1 ใบ"},
            "en": {"name": "5% discount", "description": "Taken off the bill of one visit."},
        },
    },
    {
        "code": "premium_mask",
        "kind": "free_product",
        "points": 800,
        "value": None,
        "texts": {
            "th": {"name": "Premium Mask 1 แผ่น", "description": "รับได้ที่เคาน์เตอร์ของคลินิก"},
            "en": {"name": "One Premium Mask", "description": "Yours to take at the counter."},
        },
    },
    {
        "code": "discount_10",
        "kind": "discount",
        "points": 1_000,
        "value": 10,
        "texts": {
            "th": {"name": "ส่วนลด 10%", "description": "ใช้ลดค่าบริการได้ 1 ครั้ง ต่อใบเสร็จ 1 ใบ"},
            "en": {"name": "10% discount", "description": "Taken off the bill of one visit."},
        },
    },
    {
        "code": "basic_facial",
        "kind": "free_treatment",
        "points": 1_500,
        "value": None,
        "texts": {
            "th": {"name": "ทรีตเมนต์ Basic Facial 1 ครั้ง", "description": "แสดงโค้ดเพื่อนัดเวลากับทีมงาน"},
            "en": {"name": "One Basic Facial", "description": "Show the code and we will find you a time."},
        },
    },
)


def seed(session: Session, clinic: Clinic) -> None:
    """Give the clinic those it does not have, by code; what it has changed stays as it is."""
    rows = [
        {
            "id": new_id(),
            "clinic_id": clinic.id,
            "name": reward["texts"]["en"]["name"],
            "position": position,
            "code_days": 30,
            "refund_unused": True,
            "active": True,
            **reward,
        }
        for position, reward in enumerate(REWARDS)
    ]
    session.flush()
    session.execute(insert(Reward).on_conflict_do_nothing(index_elements=["clinic_id", "code"]), rows)
