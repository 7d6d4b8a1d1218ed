"""What a customer hears in the days after a visit, and on their birthday: with the real calendar and workers."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from runtime.language import Language
from tests.fixtures.waiting import eventually
from tests.stories.test_staff_group import Group
from tests.stories.whole import Phone, Whole, words

TH = Language("th")
BANGKOK = ZoneInfo("Asia/Bangkok")


def go_to(whole: Whole, day: datetime, hour: int, minute: int) -> None:
    """To that time of that day, from whatever time a test before has left."""
    then = day.astimezone(BANGKOK).replace(hour=hour, minute=minute, second=0, microsecond=0)
    whole.sim("PUT", "clock", {"advance_seconds": int((then - whole.now()).total_seconds())})


def hears(phone: Phone, said: str) -> str:
    """Everything that came until this did."""

    def found() -> str:
        phone.read()
        read = words(phone.shown)
        return read if said in read else ""

    return eventually(found, within=60.0)


def test_a_visit_is_asked_about_once_and_a_birthday_is_remembered(whole: Whole, member: Phone) -> None:
    code = whole.app.flask("groups", "code", "aura").strip().splitlines()[-1].strip()
    group = Group(whole, whole.person("Ploy"))
    group.say(code)
    query = (
        "SELECT id, member_number FROM customers WHERE joined_at IS NOT NULL ORDER BY joined_at DESC, id DESC LIMIT 1"
    )
    (card,) = whole.rows(query)
    whole.sim("PUT", "clock", {"advance_seconds": 24 * 3600})
    go_to(whole, whole.now(), 15, 0)
    came = whole.now()
    assert "Mali" in group.say(f"มาแล้ว {card['member_number']}")
    born = came + timedelta(days=5)
    member.press({"type": "postback", "data": f"birthday_set?month={born.month}&day={born.day}"})
    question = TH("How was your visit?")
    go_to(whole, came + timedelta(days=3), 10, 50)
    member.say("แต้ม")
    assert question not in words(member.shown)
    go_to(whole, came + timedelta(days=3), 11, 1)
    hears(member, question)
    wishes = TH("Happy birthday, {name}", name="คุณMali")
    go_to(whole, born, 9, 1)
    hears(member, wishes)
    assert TH("Thank you for your review") in words(member.tap("rate?"))
    go_to(whole, born + timedelta(days=1), 12, 0)
    member.say("แต้ม")
    said = "SELECT kind FROM notifications WHERE customer_id = %s AND purpose = 'care' AND state = 'sent' ORDER BY kind"
    assert [row["kind"] for row in whole.rows(said, card["id"])] == ["congratulation", "feedback_asked"]
