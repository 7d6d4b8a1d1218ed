"""A course is sold, used, frozen, shared, extended and ended, and a bill earns once: told by signed webhooks, seen in
the chat, in Thai and in English."""

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from runtime.language import Language
from tests.stories.test_booking import Desk, desk
from tests.stories.test_moments import go_to, hears
from tests.stories.test_staff_group import Group
from tests.stories.test_staff_notices import staffed
from tests.stories.whole import Json, Phone, Whole, actions, words

__all__ = ["desk", "staffed"]

TH, EN = Language("th"), Language("en")


def token_of(phone: Phone) -> str:
    """What the clinic's booking link carries that this person's chat gives."""
    (address,) = {
        str(action["uri"])
        for message in phone.say("นัดหมาย")
        for action in actions(message)
        if "reference=" in str(action.get("uri"))
    }
    return parse_qs(urlsplit(address).query)["reference"][0]


def left(t: Language, sessions: int, bought: int) -> str:
    return t.n("{left} of {count} session left", "{left} of {count} sessions left", bought, left=sessions)


class Shop(Desk):
    """A booking system that sells."""

    def sells(self, booking: Json, kind: str, **more: object) -> Json:
        return self._told(self.whole.sim("POST", f"booking/{booking['number']}/sell", {"kind": kind, **more}))

    def then(self, sale: Json, deed: str, **more: object) -> Json:
        return self._told(self.whole.sim("POST", f"booking/sales/{sale['number']}/{deed}", more))

    def known(self, sale: Json) -> Json:
        return self.whole.sim("GET", f"booking/sales/{sale['number']}/known")


@pytest.fixture
def shop(whole: Whole) -> Shop:
    return Shop(whole)


@pytest.fixture
def other(ken: Phone) -> Phone:
    """Ken, who has joined too; his phone speaks English."""
    ken.follow()
    ken.tap("join")
    return ken


def seen(phone: Phone, asked: str = "คอร์สของฉัน") -> str:
    return words(phone.say(asked))


def day(t: Language, iso: str) -> str:
    return t.date(date.fromisoformat(iso))


def test_a_course_lives_and_the_chat_shows_it(whole: Whole, shop: Shop, member: Phone, other: Phone) -> None:
    whole.sim("PUT", "clock", {"advance_seconds": 24 * 3600})
    go_to(whole, whole.now(), 12, 0)  # at night nobody is told unasked
    assert TH("Our team will gladly tell you what is left of your courses, and book the next session:") in seen(member)
    booking = shop.books("standard", "Mali", token=token_of(member), phone="081-234-5678")
    course = shop.sells(booking, "course", sessions=10, way="twice")
    first = seen(member)
    for part in (left(TH, 10, 10), TH("Until {date}", date=day(TH, course["day"])), "มีสิทธิ์ยกเลิกได้ถึง"):
        assert part in first

    shop.then(course, "plan")
    assert TH("Next session: {when}", when="").strip() in seen(member)
    assert shop.then(course, "use", way="swapped")["waits"]
    assert left(TH, 10, 10) in seen(member)
    shop.then(course, "freeze", way="late")
    frozen = seen(member)
    assert left(TH, 9, 10) in frozen and TH("Frozen") in frozen and "ยกเลิก" not in frozen
    shop.then(course, "resume")

    shop.then(course, "share", name="Ken", token=token_of(other))
    whole.sim("PUT", "clock", {"advance_seconds": 30})
    two, said = (t.n("{count} session", "{count} sessions", 2) for t in (EN, TH))
    hears(other, EN("{sessions} of a course were shared with you", sessions=two))
    hears(member, TH("You have shared {sessions} of a course", sessions=said))
    theirs = words(other.tap("courses"))
    assert left(EN, 2, 2) in theirs and EN("My courses") in theirs
    assert left(TH, 7, 10) in seen(member)

    extended = shop.then(course, "extend")
    assert extended["day"] != course["day"]
    for phone, t, asked in ((member, TH, "คอร์สของฉัน"), (other, EN, "my courses")):
        assert t("Until {date}", date=day(t, extended["day"])) in seen(phone, asked)
    shop.then(course, "end")
    over = seen(member)
    assert TH("Ended") in over and left(TH, 7, 10) in over
    assert left(EN, 2, 2) in seen(other, "how many sessions do i have left?"), "what is theirs goes on"


def test_a_broken_telling_is_named_and_the_next_one_done(shop: Shop, member: Phone) -> None:
    booking = shop.books("standard", "สมศรี ใจดี", phone="089-000-1234")
    course = shop.sells(booking, "course", way="missing_field")
    shop.then(course, "again")
    told = shop.became("standard", 4)  # the course and its payment, broken and then whole
    assert [one["state"] for one in told] == ["dead", "dead", "done", "done"]
    assert all("data.id" in str(one["reason"]) for one in told[:2])
    known = shop.known(course)
    assert (known["asked"], known["sale"]["left"], known["sale"]["state"]) == (True, 10, "active")
    assert shop.then(course, "refund")["state"] == "refunded"
    assert shop.known(course)["sale"] is None


def test_a_bill_told_by_square_till_and_group_earns_once(
    whole: Whole, shop: Shop, member: Phone, staffed: Group
) -> None:
    (mali,) = whole.rows(
        "SELECT id, member_number FROM customers WHERE joined_at IS NOT NULL ORDER BY joined_at DESC, id DESC LIMIT 1"
    )
    booking = shop.books("square", "Mali")
    (booked,) = whole.rows("SELECT customer_id AS id FROM appointments ORDER BY created_at DESC, id DESC LIMIT 1")
    whole.app.flask("customers", "merge", "aura", str(booked["id"]), str(mali["id"]))
    before = points_of(whole, mali)
    bill = shop.sells(booking, "invoice", baht=3_000)
    shop.then(bill, "due_moved")
    shop.then(bill, "pay")
    assert points_of(whole, mali) - before == 300

    receipt = {"amount": "3000", "service": "HydraFacial", "press": str(uuid4())}
    whole.sim("POST", f"till/{mali['id']}/payments", receipt)
    group_takes(staffed, mali["member_number"], 3_000)
    whole.settled()
    told = whole.rows(
        "SELECT source, uncounted FROM payments WHERE customer_id = %s AND amount = 3000 ORDER BY created_at, id",
        mali["id"],
    )
    assert [one["uncounted"] for one in told] == [None, "possible_duplicate", "possible_duplicate"], told
    assert {str(one["source"]) for one in told} >= {"square", "till"}
    assert points_of(whole, mali) - before == 300
    (state,) = whole.rows("SELECT state, paid FROM invoices WHERE customer_id = %s", mali["id"])
    assert (state["state"], int(state["paid"])) == ("paid", 3_000)
    shop.then(bill, "refund")
    assert whole.rows("SELECT state FROM invoices WHERE customer_id = %s", mali["id"]) == [{"state": "refunded"}]


def points_of(whole: Whole, customer: Json) -> int:
    sum_ = "SELECT coalesce(sum(amount), 0) AS n FROM point_transactions"
    query = f"{sum_} WHERE customer_id = %s AND source = 'treatment'"
    return int(whole.rows(query, customer["id"])[0]["n"])


def group_takes(group: Group, number: str, baht: int) -> None:
    """A member of the staff notes the same money in the group, and taps yes."""
    before = group.whole.arrivals()
    group.whole.sim(
        "POST",
        f"people/{group.mali.user_id}/say",
        {"group": group.id, "message": {"type": "text", "text": f"{number} จ่าย {baht}"}},
    )
    group.heard(before)
    items = group.whole.sim("GET", f"groups/{group.id}/chat", after=0)["items"]
    card = next(one["message"] for one in reversed(items) if one["from"] == "bot")
    yes, *_ = [one for one in actions(card) if one.get("type") == "message"]
    assert group.tap(yes), (json.dumps(card, ensure_ascii=False)[:500], group.kept)
