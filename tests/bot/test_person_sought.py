"""Who asks for a person and says what about gets the person, whatever it is about; nobody else is sent there by it."""

import pytest

from bot.routes import Table

SOUGHT = """
ขอคุยกับเจ้าหน้าที่หน่อยค่ะ เรื่องเลื่อนนัด
อยากคุยกับพนักงานเรื่องแต้มที่หายไปค่ะ
เรื่องคอร์สที่ซื้อไว้ ขอคุยกับคนได้ไหมคะ
ขอสายแอดมินหน่อยค่ะ จะเปลี่ยนวันนัด
แอดมินอยู่ไหมคะ อยากสอบถามเรื่องราคา
มีเจ้าหน้าที่อยู่มั้ยครับ จะเลื่อนคิว
ให้เจ้าหน้าที่ติดต่อกลับหน่อยค่ะ เรื่องใบเสร็จ
ช่วยให้พนักงานโทรกลับเรื่องนัดพรุ่งนี้หน่อยค่ะ
ไม่อยากคุยกับบอทค่ะ อยากคุยกับคน เรื่องแต้ม
ขอติดต่อเจ้าหน้าที่เรื่องยกเลิกนัดครับ
จองคิวเองไม่เป็น ขอคุยกับเจ้าหน้าที่ค่ะ
อยากถามราคาโบท็อกซ์ ขอคุยกับแอดมินค่ะ
ขอคุยกับผู้จัดการเรื่องส่วนลดค่ะ
ขอคุยกับคนจริงๆ เรื่องของรางวัลที่แลกไว้
ขอคุยกับ staff เรื่อง point ค่ะ
ขอพนักงานช่วยดูแต้มให้หน่อยค่ะ
ติดต่อเจ้าหน้าที่ค่ะ เรื่องระดับสมาชิก
สวัสดีค่ะ ขอคุยกับเจ้าหน้าที่เรื่องเปลี่ยนเวลานัดวันเสาร์นี้หน่อยนะคะ พอดีวันนั้นติดธุระกับที่บ้านไปไม่ได้จริงๆ ค่ะ
can i talk to a person about moving my appointment
i'd like to speak with staff about my points
can someone call me about my booking tomorrow
is there anyone i can speak to about cancelling my appointment
could a staff member contact me about my refund
need to talk to someone about my rewards
i want to talk to your team about the price of botox
can an admin help me with changing my booking
speak to an agent please about my expired coupon
any staff around? i want to change my appointment
i would like to talk to somebody from the clinic about my course, i have three sessions left and they expire soon
"""
NOT_SOUGHT = """
เมื่อวานคุยกับพนักงานแล้ว แต้มยังไม่เข้า
ไม่ต้องให้เจ้าหน้าที่โทรมานะคะ ขอเลื่อนนัดเอง
ขอเลื่อนนัดค่ะ คุยกับเพื่อนอยู่
พนักงานบอกให้เลื่อนนัดได้ ขอเลื่อนค่ะ
ขอเลื่อนนัดหน่อยค่ะ
พนักงานน่ารักมาก ขอรีวิวตรงไหนคะ
ไม่อยากคุยกับแอดมินแล้ว ขอดูแต้มเอง
ขอเบอร์คลินิกหน่อยค่ะ
i talked to your staff yesterday, when is my appointment
the staff told me i have 500 points, is that right
i don't want to talk to staff, just show my points
who do i show my card to
can you move my appointment
do i have an appointment tomorrow
"""


@pytest.mark.parametrize("text", SOUGHT.strip().splitlines())
def test_who_asks_for_a_person_gets_the_person(table: Table, text: str) -> None:
    found = table.understand(text)
    assert found.sure and "human" in found.subjects, found


@pytest.mark.parametrize("text", NOT_SOUGHT.strip().splitlines())
def test_who_asks_for_something_else_is_not_sent_there(table: Table, text: str) -> None:
    found = table.understand(text)
    assert "human" not in (found.subjects if found.sure else ()), found
