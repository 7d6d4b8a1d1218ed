"""A mother books for her child by phone, staff say that they are a family, and she links her own record in LINE.

Nothing of the child's becomes hers. Signed webhooks, a group and a phone, from end to end.
"""

import re

from runtime.language import Language
from tests.fixtures.waiting import eventually
from tests.stories.test_booking import Desk
from tests.stories.test_staff_group import Group
from tests.stories.test_staff_notices import staffed as staffed  # noqa: PLC0414 - a fixture
from tests.stories.whole import Phone, Whole, actions, words

TH = Language("th")
PHONE = "086-555-0142"


def test_a_mother_links_her_record_and_the_childs_stays_the_childs(whole: Whole, staffed: Group) -> None:
    desk, phone = Desk(whole), whole.person("Mali")
    on_paper = desk.books("standard", "เคน ใจดี", at=desk.day(5, "11:00"), phone="086-555-0143")
    for deed in ("agree", "withdraw", "agree"):
        desk.does(on_paper, deed)
    kept = whole.rows("SELECT granted FROM consents WHERE source = 'standard' ORDER BY created_at, id")
    assert [row["granted"] for row in kept][-3:] == [True, False, True]

    desk.books("standard", "มะลิ ใจดี", at=desk.day(2, "10:00"), phone=PHONE)
    desk.books("standard", "น้องพลอย ใจดี", at=desk.day(3, "15:00"), phone=PHONE)
    assert "ครอบครัว" in staffed.say("คนเดียวกันหรือครอบครัว")
    newest = "SELECT upper(right(replace(id::text, '-', ''), 6)) AS code FROM shared_contacts ORDER BY id DESC LIMIT 1"
    said = staffed.say(f"ครอบครัว {whole.rows(newest)[0]['code']}")
    assert "คนละคน" in said and "น้องพลอย" in said

    phone.follow()
    phone.say("ผูกข้อมูล")
    assert "ทาง SMS" in words(phone.say(PHONE))
    (text,) = eventually(lambda: whole.sim("GET", "texts", number="+66865550142")["items"], within=30)
    proved = words(phone.say(re.findall(r"\b\d{6}\b", text["text"])[0]))  # the family's phone: staff say whose record
    assert "พนักงานเห็นคำขอแล้ว" in proved
    (request, record) = (
        str(row["code"])
        for row in whole.rows(
            "SELECT upper(right(replace(id::text, '-', ''), 6)) AS code FROM one_time_codes WHERE state = 'asked'"
            " UNION ALL (SELECT upper(right(replace(c.id::text, '-', ''), 6)) FROM customers c JOIN appointments a"
            " ON a.customer_id = c.id JOIN customer_contacts k ON k.customer_id = c.id"
            " WHERE a.source = 'standard' ORDER BY a.created_at DESC, a.id DESC OFFSET 1 LIMIT 1)"
        )
    )
    shown = staffed.say(f"ออกรหัสผูกข้อมูล {request} {record}")
    found = re.search(r"\b(\d{3}) (\d{3})\b", shown)
    assert found is not None, shown
    asked = words(phone.say(found[1] + found[2]))
    assert "142" in asked and "ใจดี" not in asked
    phone.tap(next(str(one["data"]) for one in _buttons(phone) if str(one["data"]).endswith("answer=yes")))
    hers = words(phone.say("นัดหมาย"))
    assert "10:00–11:00" in hers
    assert "15:00" not in hers and "น้องพลอย" not in hers
    merged = whole.rows("SELECT count(*) AS n FROM customers WHERE merged_into IS NOT NULL AND merged_at IS NOT NULL")
    assert int(merged[0]["n"]) >= 1


def _buttons(phone: Phone) -> list[dict[str, object]]:
    return [one for one in actions(phone.shown[-1]) if "data" in one]
