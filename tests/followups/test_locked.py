"""What stands on a locked phone: nothing of a treatment, a course or an amount."""

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from followups import rules
from followups.rules import Draft
from followups.texts import Template
from models.clinics import Clinic
from models.conversations import Send
from models.customers import LineLink
from models.followups import Words
from runtime.context import Runtime
from tests.fixtures.clinic import NOW
from tests.followups.test_tasks import DAY, pass_to, treat


@pytest.mark.parametrize(
    ("words", "locked"),
    [
        ({"message": "เป็นอย่างไรบ้างหลัง {treatmentName}"}, "ข้อความจากคลินิก"),
        ({"subject": "{treatmentName}", "message": "เป็นอย่างไรบ้าง"}, "ข้อความจากคลินิก"),
        ({"message": "เป็นอย่างไรบ้าง"}, "เป็นอย่างไรบ้าง"),
    ],
)
def test_a_text_of_the_clinics_own_is_read_when_the_phone_is_open(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, words: Words, locked: str
) -> None:
    draft = Draft(name="Own", channels=["line"], active=True, template=Template(everywhere=words))
    rules.make(session, clinic, "post_treatment", draft, NOW)
    treat(session, clinic, mali.customer)
    session.commit()
    pass_to(runtime, clinic, NOW + DAY)
    (send,) = session.scalars(select(Send)).all()
    (message,) = json.loads(send.body or b"[]")
    assert message["altText"] == locked
    shown = json.dumps(message["contents"], ensure_ascii=False)
    assert ("hydrafacial" in shown.lower()) == ("{treatmentName}" in str(words))
