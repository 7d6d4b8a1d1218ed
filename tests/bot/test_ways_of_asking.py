"""The same thing asked for in every way: what it is called, within what people say around it."""

from collections.abc import Iterator

import pytest

from bot.routes import Table

LEAST = 0.97
AROUND = {
    "th": (
        "{}", "{}ค่ะ", "ขอดู{}หน่อย", "ขอ{}หน่อยค่ะ", "อยากดู{}", "อยากรู้เรื่อง{}ค่ะ", "สอบถามเรื่อง{}หน่อยครับ", "เช็ค{}ให้หน่อย",
        "{}อยู่ไหนคะ", "ดู{}ตรงไหน", "{}ดูยังไงอะ", "รบกวนขอดู{}ด้วยนะคะ 🙏", "แอด ขอ{}หน่อย", "สวัสดีค่ะ ขอสอบถาม{}ค่ะ",
        "{}หน่อยจ้าา", "อยากทราบ{}ครับ", "มี{}ไหมคะ", "ขอเช็ค{}หน่อยได้มั้ย", "{}คืออะไรคะ",
    ),
    "en": (
        "{}", "{} please", "show me {}", "can i see my {}", "where can i find my {}", "i want to see {}",
        "hi, could you tell me about {}?", "how do i check my {}", "what about {}", "wheres my {}",
        "id like to know about {}", "{}??", "check {} pls", "do you have {}", "hello! {} please",
    ),
}  # fmt: skip
CALLED = {
    "th": {
        "points": ("แต้ม", "คะแนนสะสม", "พอยท์", "แต้มคงเหลือ", "ยอดแต้ม"),
        "tiers": ("ระดับสมาชิก", "ระดับ", "เทียร์", "สิทธิประโยชน์สมาชิก"),
        "achievements": ("ความสำเร็จ", "เหรียญรางวัล", "ภารกิจ", "ตราสะสม"),
        "rewards": ("ของรางวัล", "รางวัล", "รายการของรางวัล"),
        "redemptions": ("คูปอง", "โค้ดรางวัล", "ของที่แลกไว้", "รางวัลที่แลกแล้ว"),
        "referral": ("โค้ดชวนเพื่อน", "ลิงก์ชวนเพื่อน", "การแนะนำเพื่อน"),
        "history": ("ประวัติแต้ม", "ประวัติคะแนน", "รายการแต้ม"),
        "expiry": ("วันหมดอายุแต้ม", "แต้มที่ใกล้หมดอายุ"),
        "member_card": ("บัตรสมาชิก", "คิวอาร์โค้ด", "เลขสมาชิก"),
        "hours": ("เวลาทำการ", "เวลาเปิดปิด"),
        "contact": ("แผนที่", "เบอร์โทร", "ที่อยู่คลินิก", "โลเคชั่น"),
        "price": ("ราคา", "ค่าบริการ", "ราคาโบท็อกซ์"),
        "appointments": ("นัดของฉัน", "นัดครั้งหน้า"),
        "birthday": ("ของขวัญวันเกิด", "วันเกิด"),
        "human": ("แอดมิน", "เจ้าหน้าที่"),
        "privacy": ("นโยบายความเป็นส่วนตัว", "ความยินยอม"),
        "copy_data": ("สำเนาข้อมูล",),
    },
    "en": {
        "points": ("points", "point balance", "points balance", "pts"),
        "tiers": ("tier", "membership level", "tier benefits"),
        "achievements": ("achievements", "badges"),
        "redemptions": ("vouchers", "coupons", "redeemed rewards", "reward code"),
        "referral": ("referral code", "referral link", "invite link"),
        "history": ("point history", "points history", "transaction history"),
        "expiry": ("points expiry", "expiring points"),
        "member_card": ("member card", "qr code", "member number", "membership card"),
        "hours": ("opening hours", "opening times"),
        "contact": ("address", "phone number", "location", "map"),
        "price": ("prices", "price list", "botox price"),
        "appointments": ("appointments", "next appointment", "upcoming appointment"),
        "birthday": ("birthday gift", "birthday discount"),
        "privacy": ("privacy policy", "consent"),
        "copy_data": ("data export", "copy of my data"),
    },
}


def asked(language: str) -> Iterator[tuple[str, str]]:
    """(subject, sentence)."""
    for subject, names in CALLED[language].items():
        yield from ((subject, around.format(name)) for name in names for around in AROUND[language])


@pytest.mark.parametrize("language", AROUND)
def test_what_is_said_around_it_changes_nothing(table: Table, language: str) -> None:
    sentences = list(asked(language))
    found = {text: table.understand(text) for _, text in sentences}
    wrong = [f"{subject}: {text} -> {found[text]}" for subject, text in sentences if found[text].subjects != (subject,)]
    assert len(sentences) > 500
    assert len(wrong) <= (1 - LEAST) * len(sentences), "\n".join(wrong)


@pytest.mark.parametrize("language", AROUND)
def test_it_is_never_taken_for_words_of_health(table: Table, language: str) -> None:
    assert not [text for _, text in asked(language) if table.understand(text).health]
