"""Somebody books, moves and cancels at a booking system, and the chat shows it: signed webhooks, from end to end."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from runtime.language import Language
from tests.fixtures.waiting import eventually
from tests.stories.whole import Json, Phone, Whole, actions, words

TH = Language("th")
NOTHING = TH("To book, move or cancel an appointment, choose what suits you:")
BY_EMAIL = {"email": "mali@example.com", "phone": "081-234-5678"}


class Desk:
    """A booking system. Every day is so many from the clinic's today."""

    def __init__(self, whole: Whole) -> None:
        self.whole = whole

    def books(self, source: str, name: str, **more: Any) -> Json:
        wanted = {"source": source, "name": name, "service": "HydraFacial", "at": self.day(3, "14:00"), **more}
        return self._told(self.whole.sim("POST", "booking", wanted))

    def does(self, booking: Json, deed: str, **more: Any) -> Json:
        return self._told(self.whole.sim("POST", f"booking/{booking['number']}/{deed}", more))

    def day(self, days: int, hour: str) -> str:
        there = self.whole.now().astimezone(TH.zone) + timedelta(days=days)
        return f"{there.date().isoformat()}T{hour}:00+07:00"

    def became(self, source: str, latest: int) -> list[Json]:
        """The newest events of a source in the product, oldest first."""
        found = self.whole.rows(
            "SELECT state, reason FROM inbox WHERE source = %s ORDER BY arrival DESC LIMIT %s", source, latest
        )
        return [*reversed(found)]

    def arrivals(self) -> int:
        return self.whole.arrivals()

    def _told(self, booking: Json) -> Json:
        """What was told is done."""
        self.whole.settled()
        return booking


@pytest.fixture
def desk(whole: Whole) -> Desk:
    return Desk(whole)


def link_of(phone: Phone) -> str:
    """The booking link that the chat gives to this person."""
    (address,) = {
        str(action["uri"])
        for message in phone.say("นัดหมาย")
        for action in actions(message)
        if action.get("label") == TH("Book online")
    }
    return address


def token_of(phone: Phone) -> str:
    (token,) = parse_qs(urlsplit(link_of(phone)).query)["reference"]
    return token


def seen(phone: Phone) -> str:
    return words(phone.say("นัดหมาย"))


@pytest.mark.parametrize("source", ["standard", "calcom", "calendly"])
def test_what_a_friend_books_by_the_chats_link_is_theirs_moved_and_cancelled_too(
    desk: Desk, member: Phone, source: str
) -> None:
    assert link_of(member).startswith("https://book.aura-clinic.example/siam?reference=")
    booking = desk.books(source, "Mali", token=token_of(member), **BY_EMAIL)
    assert booking["status"] == 200
    first = seen(member)
    assert "14:00–15:00" in first and "HydraFacial" in first and "Mali" not in first
    desk.does(booking, "move", at=desk.day(4, "16:30"))
    moved = seen(member)
    assert "16:30–17:30" in moved and "14:00–15:00" not in moved
    desk.does(booking, "move", at=desk.day(5, "11:00"))
    again = seen(member)
    assert "11:00–12:00" in again and "16:30–17:30" not in again
    desk.does(booking, "cancel")
    assert NOTHING in seen(member)


def test_a_mother_books_for_her_child_and_nothing_of_the_childs_becomes_hers(
    whole: Whole, desk: Desk, member: Phone
) -> None:
    desk.books("calcom", "Mali", token=token_of(member), at=desk.day(2, "10:00"), **BY_EMAIL)
    theirs = desk.books("calcom", "น้องพลอย", at=desk.day(3, "15:00"), **BY_EMAIL)
    hers = seen(member)
    assert "10:00–11:00" in hers
    assert "15:00" not in hers and "น้องพลอย" not in hers
    desk.does(theirs, "no_show")
    assert "10:00–11:00" in seen(member)

    # By her own link the child's is hers to see, under the child's name.
    desk.books("calcom", "น้องพลอย", token=token_of(member), at=desk.day(6, "17:00"), **BY_EMAIL)
    assert "17:00–18:00" in seen(member)
    eventually(lambda: TH("For {name}", name="น้องพลอย") in seen(member))  # once LINE has told what she is called
    people = whole.rows("SELECT count(DISTINCT customer_id) AS n FROM appointments WHERE source = 'calcom'")
    assert int(people[0]["n"]) >= 2


def test_out_of_order_it_ends_as_the_source_last_knew_it(desk: Desk, member: Phone) -> None:
    booking = desk.books("standard", "Mali", token=token_of(member), way="swapped")
    assert booking["waits"]
    assert NOTHING in seen(member)
    assert not desk.does(booking, "confirm")["waits"]
    assert TH("Confirmed") in seen(member)
    # Two moves, the second heard first.
    desk.does(booking, "move", at=desk.day(4, "09:30"), way="swapped")
    desk.does(booking, "move", at=desk.day(4, "18:00"))
    shown = seen(member)
    assert "18:00–19:00" in shown and "09:30" not in shown


@pytest.mark.parametrize("source", ["calcom", "calendly", "square", "standard"])
def test_twice_is_once(desk: Desk, source: str) -> None:
    before = desk.arrivals()
    assert desk.books(source, "สมศรี ใจดี", way="twice", **BY_EMAIL)["status"] == 200
    assert desk.arrivals() == before + 1
    assert desk.became(source, 1)[0]["state"] == "done"


@pytest.mark.parametrize("source", ["standard", "calendly"])
def test_late_is_as_true(desk: Desk, member: Phone, source: str) -> None:
    assert desk.books(source, "Mali", token=token_of(member), way="late", **BY_EMAIL)["status"] == 200
    assert desk.became(source, 1)[0]["reason"] == "late"
    assert "14:00–15:00" in seen(member)


@pytest.mark.parametrize("source", ["calcom", "calendly", "square", "standard"])
def test_a_wrong_signature_leaves_nothing_and_a_right_one_everything(desk: Desk, source: str) -> None:
    before = desk.arrivals()
    booking = desk.books(source, "สมศรี ใจดี", way="wrong_signature", **BY_EMAIL)
    assert booking["status"] == 401
    assert desk.arrivals() == before
    assert desk.does(booking, "again")["status"] == 200
    assert desk.became(source, 1)[0]["state"] == "done"


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ("standard", "data.id"),
        ("calcom", "payload.uid"),
        ("calendly", "payload.uri"),
        ("square", "data.object.booking.id"),
    ],
)
def test_a_missing_field_is_named_and_stops_nothing(desk: Desk, source: str, field: str) -> None:
    booking = desk.books(source, "สมศรี ใจดี", way="missing_field", **BY_EMAIL)
    assert booking["status"] == 200  # it is kept, and read afterwards
    desk.does(booking, "again")
    broken, whole = desk.became(source, 2)
    assert (broken["state"], whole["state"]) == ("dead", "done")
    assert field in str(broken["reason"])


def test_the_desk_sees_what_became_of_our_own_form(whole: Whole, desk: Desk) -> None:
    booking = desk.books("standard", "สมศรี ใจดี", phone="089-000-1234")

    def known() -> Any:
        return whole.sim("GET", f"booking/{booking['number']}/known")["appointment"]

    assert known()["state"] == "booked"
    assert known()["serviceCode"] == "HydraFacial"
    desk.does(booking, "confirm")
    assert known()["state"] == "confirmed"
    desk.does(booking, "come")
    desk.does(booking, "complete")
    assert known() is None  # no longer among the next ones
