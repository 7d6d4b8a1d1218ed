"""A clinic whose booking system tells of nothing but bookings: its staff say who came, and the treatment counts."""

from datetime import datetime, time, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from runtime.language import Language
from tests.stories.test_booking import Desk, desk, seen
from tests.stories.test_staff_group import Group
from tests.stories.whole import Phone, Whole, actions

__all__ = ["desk"]

TH = Language("th")
COUNTED = """
    SELECT appointments.outcome, outcome_by, treatments.state, treatments.visit_id IS NOT NULL AS at_visit, total_visits
    FROM appointments JOIN treatments ON appointment_id = appointments.id
    JOIN loyalty_profiles profile ON profile.customer_id = appointments.customer_id
    WHERE appointments.source = 'calcom' ORDER BY appointments.created_at DESC LIMIT 1
"""


def just_begun(whole: Whole) -> str:
    """Of today, whatever time it is there."""
    now = whole.now().astimezone(TH.zone)
    midnight = datetime.combine(now.date(), time(0, 1), TH.zone)
    return max(midnight, now - timedelta(minutes=20)).isoformat(timespec="seconds")


def token_of(phone: Phone) -> str:
    """Of the booking link that the chat gives to this person, in their language."""
    addresses = [str(one.get("uri")) for message in phone.say("นัดหมาย") for one in actions(message)]
    (address,) = [one for one in addresses if "reference=" in one]
    return parse_qs(urlsplit(address).query)["reference"][0]


@pytest.mark.parametrize(("language", "name", "colleague"), [("th", "Mali", "Ken"), ("en", "Ken", "Mali")])
def test_cal_com_alone_and_the_staff_say_who_came(
    whole: Whole, desk: Desk, language: str, name: str, colleague: str
) -> None:
    friend = whole.person(name)
    friend.follow()
    friend.tap("join")
    desk.books("calcom", name, token=token_of(friend), at=just_begun(whole), email=f"{language}@example.com")

    group = Group(whole, whole.person(colleague))
    group.say(whole.app.flask("groups", "code", "aura").strip().splitlines()[-1].strip())
    today, came, missed = {"th": ("วันนี้", "มาแล้ว", "ไม่มา"), "en": ("today", "came", "did not come")}[language]
    assert name in group.say(today)
    shown = whole.sim("GET", f"groups/{group.id}/chat")["items"]
    buttons = [one for item in shown if item["from"] == "bot" for one in actions(item["message"])]
    (button,) = [one for one in buttons[-40:] if one.get("label") == TH("Came") and _theirs(one, buttons)][-1:]
    assert TH("Noted: {name} came.", name=name) in group.tap(button)
    [row] = whole.rows(COUNTED)
    assert row == {
        "outcome": "completed", "outcome_by": "staff", "state": "performed", "at_visit": True, "total_visits": 1,
    }  # fmt: skip
    assert "ย้อนรายการแล้ว" in group.say({"th": "เลิกทำ", "en": "undo"}[language])
    [row] = whole.rows(COUNTED)
    assert (row["outcome"], row["state"], row["total_visits"]) == (None, "voided", 0)
    # On a computer they type the number that stands in the list, which stays.
    number = whole.rows("SELECT listed_as FROM appointments ORDER BY created_at DESC LIMIT 1")[0]["listed_as"]
    assert TH("Noted: {name} did not come.", name=name) in group.say(f"{missed} {number}")
    assert TH("Noted: {name} came.", name=name) in group.say(f"{came} {number}")
    [row] = whole.rows(COUNTED)
    assert (row["outcome"], row["state"], row["total_visits"]) == ("completed", "performed", 1)
    assert seen(friend)


def test_a_treatment_that_is_told_completes_the_appointment(whole: Whole, desk: Desk, member: Phone) -> None:
    booking = desk.books("standard", "Mali", token=token_of(member), at=just_begun(whole))
    desk.does(booking, "treat")
    [row] = whole.rows(
        "SELECT outcome, outcome_by, treatments.visit_id IS NOT NULL AS at_visit FROM treatments"
        " JOIN appointments ON appointments.external_id = of_appointment WHERE staff_sealed IS NOT NULL"
        " ORDER BY treatments.created_at DESC LIMIT 1"
    )
    assert row == {"outcome": "completed", "outcome_by": "source", "at_visit": True}


def _theirs(button: dict[str, str], buttons: list[dict[str, str]]) -> bool:
    """The last one that is shown."""
    return button is [one for one in buttons if one.get("label") == TH("Came")][-1]
