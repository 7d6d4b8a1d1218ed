"""Reminders by the demo clinic's own rules, in Thai and in English: of appointments and bills as they are then,
whatever was moved, cancelled, confirmed, paid or changed of the rule meanwhile.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from runtime.language import BANGKOK
from tests.stories.guest import (
    DAY,
    EN,
    HOUR,
    MINUTE,
    TH,
    Guest,
    books,
    english,
    gone,
    on,
    planned,
    sent,
    shop,
    start,
    thai,
    to,
    ways,
)  # fmt: skip
from tests.stories.test_bills_and_courses import Shop
from tests.stories.test_moments import hears
from tests.stories.whole import Whole, words

__all__ = ["english", "shop", "start", "thai"]

BILL = {TH: "ขอแจ้งว่ามียอดค่าบริการที่", EN: "a payment at"}


def test_an_appointment_is_reminded_of_as_it_stands(
    whole: Whole, shop: Shop, start: date, thai: Guest, english: Guest
) -> None:
    kind, told = "appointment_reminder", "appointment_changed"
    at, moved = on(start + 3 * DAY, "14:00"), on(start + 4 * DAY, "16:30")
    booking = books(shop, thai, at)
    thai.become(kind, planned(at - DAY))
    thai.forget()
    # Moved and moved back within three minutes: nobody is told of anything.
    for when in (moved, at):
        shop.does(booking, "move", at=when.isoformat())
    thai.planned_from_all()
    to(whole, whole.now() + 4 * MINUTE)
    thai.silent()
    # Where both were heard at once nothing was planned between them.
    assert thai.stands(kind) == [planned(at - DAY)]
    assert thai.stands(told) == []
    # Moved for good it is told, and reminded of as it is then.
    shop.does(booking, "move", at=moved.isoformat())
    to(whole, whole.now() + 4 * MINUTE)
    assert TH.time(moved) in hears(thai.phone, TH.date(moved))
    thai.become(kind, gone(at - DAY), planned(moved - DAY))

    confirmed = books(shop, english, on(start + 3 * DAY, "15:00"))
    kept = on(start + 5 * DAY, "11:00")
    books(shop, english, kept)
    shop.does(confirmed, "confirm")
    cancelled = books(shop, english, on(start + 6 * DAY, "12:00"))
    shop.does(cancelled, "cancel")
    whole.settled()
    english.forget()
    to(whole, whole.now() + 4 * MINUTE)
    assert EN.date(on(start + 6 * DAY, "12:00")) in hears(english.phone, EN.time(on(start + 6 * DAY, "12:00")))
    assert english.stands(kind) == [planned(kept - DAY)]

    thai.forget()
    to(whole, moved - DAY + MINUTE)
    assert "แล้วพบกันค่ะ" in hears(thai.phone, f"นัดของคุณ {TH.date(moved)} เวลา {TH.time(moved)}")
    # Who books within the day needs no reminder.
    soon = whole.now().astimezone(BANGKOK).replace(minute=0, second=0, microsecond=0) + 20 * HOUR
    books(shop, thai, soon)
    thai.become(kind, gone(at - DAY), ("skipped", "known_too_late", soon - DAY), sent(moved - DAY))
    to(whole, kept - DAY + MINUTE)
    said = f"Your appointment on {EN.date(kept)} at {EN.time(kept)}"
    assert "Should you be unable to come" in hears(english.phone, said)
    assert TH.date(moved) not in words(english.phone.shown)


@pytest.fixture
def reworded(whole: Whole, tmp_path: Path) -> Iterator[Path]:
    """The clinic's file, which is as it was after the test."""
    before, now = tmp_path / "before.yaml", tmp_path / "now.yaml"
    before.write_text(whole.app.flask("clinics", "export", "aura"), encoding="utf-8")
    now.write_text(before.read_text(encoding="utf-8"), encoding="utf-8")
    yield now
    whole.app.flask("clinics", "apply", "aura", str(before), "--yes")


def test_a_bill_is_reminded_of_by_the_rule_and_the_day_as_they_are_then(
    whole: Whole, shop: Shop, start: date, thai: Guest, english: Guest, reworded: Path
) -> None:
    kind, due = "payment_reminder", start + 7 * DAY
    first = shop.sells(books(shop, thai, on(start + 40 * DAY, "14:00")), "invoice", baht=3_000)
    theirs = books(shop, english, on(start + 40 * DAY, "15:00"))
    second, paid = (shop.sells(theirs, "invoice", baht=baht) for baht in (2_000, 4_000))
    assert {first["day"], second["day"], paid["day"]} == {due.isoformat()}
    three = on(due - 3 * DAY, "10:00")
    thai.become(kind, planned(three))
    english.become(kind, planned(three), planned(three))

    # Paid: gone. Put off: moved. A day less by the rule: all that is still open.
    shop.then(paid, "pay")
    shop.then(first, "due_moved")
    thai.become(kind, gone(three), planned(three + 7 * DAY))
    english.become(kind, gone(three), planned(three))
    text = reworded.read_text(encoding="utf-8")
    assert text.count("days_before: 3") == 1
    reworded.write_text(text.replace("days_before: 3", "days_before: 2"), encoding="utf-8")
    whole.app.flask("clinics", "apply", "aura", str(reworded), "--yes")
    thai.become(kind, gone(three), planned(three + 8 * DAY))
    english.become(kind, gone(three), planned(three + DAY))
    for who in (thai, english):
        who.forget()
    to(whole, three + MINUTE)
    whole.settled()
    assert BILL[EN] not in words(english.phone.read())
    to(whole, three + DAY + MINUTE)
    assert EN.date(due) in english.hears(BILL)
    thai.silent()
    assert ways(english, kind) == {"sms": "no_phone", "email": "no_address", "line": None}
    to(whole, three + 8 * DAY + MINUTE)
    assert TH.date(due + 7 * DAY) in thai.hears(BILL)
    thai.become(kind, gone(three), sent(three + 8 * DAY))
    english.become(kind, gone(three), sent(three + DAY))
