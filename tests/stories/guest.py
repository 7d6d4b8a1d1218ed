"""Members who have agreed to offers, what was planned of them, and a clock that only moves on."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytest

from runtime.language import BANGKOK, Language
from tests.fixtures.waiting import eventually
from tests.stories.test_bills_and_courses import Shop, token_of
from tests.stories.test_moments import hears
from tests.stories.whole import Json, Phone, Whole, words

TH, EN = Language("th"), Language("en")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Fate = tuple[str, str | None, datetime]


@dataclass
class Guest:
    """A member who has agreed to offers."""

    phone: Phone
    t: Language
    id: str = ""

    def __post_init__(self) -> None:
        phone = self.phone
        phone.follow()
        if self.t is EN:
            phone.say("english")
        phone.tap("join")
        phone.press(phone.button("age?answer=adult"))
        phone.tap("offers?answer=yes")
        newest = "SELECT id FROM customers WHERE joined_at IS NOT NULL ORDER BY joined_at DESC, id DESC LIMIT 1"
        self.id = str(phone.whole.rows(newest)[0]["id"])

    def fates(self, kind: str) -> list[Fate]:
        """Of all that was ever planned of this kind, by when it is due, then by state."""
        query = (
            "SELECT status, reason, due_at FROM followup_executions e JOIN followup_rules r ON r.id = e.rule_id"
            " WHERE e.customer_id = %s AND r.type = %s ORDER BY due_at, status"
        )
        found = self.phone.whole.rows(query, self.id, kind)
        return [(str(one["status"]), one["reason"], one["due_at"].astimezone(BANGKOK)) for one in found]

    def stands(self, kind: str) -> list[Fate]:
        """What of it was not cancelled."""
        return [one for one in self.fates(kind) if one[0] != "cancelled"]

    def planned_from_all(self) -> None:
        """Waits until all that was told is heard, and planned from."""
        waits = (
            "SELECT 1 FROM inbox WHERE state = 'new' UNION ALL SELECT 1 FROM customer_journey_events WHERE unplanned"
        )
        eventually(lambda: not self.phone.whole.rows(waits), within=60)

    def become(self, kind: str, *wanted: Fate, within: float = 30) -> None:
        def as_wanted() -> bool:
            found = self.fates(kind)
            assert found == [*wanted], found
            return True

        eventually(as_wanted, within=within)

    def hears(self, said: dict[Language, str]) -> str:
        return hears(self.phone, said[self.t])

    def forget(self) -> None:
        """What was read is not looked through again."""
        self.phone.read()
        self.phone.shown.clear()

    def silent(self) -> None:
        self.phone.whole.settled()
        new = words(self.phone.read())
        assert new == "", new


def planned(at: datetime) -> Fate:
    return "planned", None, at


def sent(at: datetime) -> Fate:
    return "sent", None, at


def gone(at: datetime, reason: str = "no_longer_so") -> Fate:
    return "cancelled", reason, at


@pytest.fixture
def shop(whole: Whole) -> Shop:
    return Shop(whole)


@pytest.fixture
def start(whole: Whole) -> date:
    """A day that begins at ten, whatever a test before has made of the clock."""
    day = whole.now().astimezone(BANGKOK).date() + DAY
    to(whole, on(day, "10:00"))
    return day


@pytest.fixture
def thai(whole: Whole, start: date) -> Guest:
    return Guest(whole.person("Mali"), TH)


@pytest.fixture
def english(whole: Whole, start: date) -> Guest:
    return Guest(whole.person("Ken"), EN)


def on(day: date, at: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(at), BANGKOK)


def to(whole: Whole, at: datetime) -> None:
    assert at >= whole.now(), (at, whole.now())
    whole.sim("PUT", "clock", {"at": at.isoformat()})


def books(shop: Shop, who: Guest, at: datetime, **more: str) -> Json:
    name = "Mali" if who.t is TH else "Ken"
    return shop.books("standard", name, token=token_of(who.phone), at=at.isoformat(), **more)


def ways(who: Guest, kind: str) -> dict[str, str | None]:
    """Each channel that was looked at, and why it was passed over."""
    query = (
        "SELECT d.channel, d.reason FROM deliveries d JOIN followup_executions e ON e.id = d.execution_id"
        " JOIN followup_rules r ON r.id = e.rule_id WHERE e.customer_id = %s AND r.type = %s"
    )
    return {one["channel"]: one["reason"] for one in who.phone.whole.rows(query, who.id, kind)}
