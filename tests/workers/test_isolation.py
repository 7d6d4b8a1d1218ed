"""Two clinics, one of which is broken in every way: the other one's customers notice nothing, and nothing is lost."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from loyalty import notifications
from models.clinics import BusinessClock
from models.conversations import InboxEvent
from models.customers import Customer
from models.loyalty import Notification, NotificationData
from runtime import work
from runtime.language import Language
from tests.fixtures.house import House, clinic_of
from workers import daily

MATURED = Language("th")("{points} are yours now", points="7 แต้ม")
ALL_WELL = {
    "event": "done",
    "answer": "sent",
    "sends": {"sent"},
    "menu": True,
    "name": "Mali",
    "entries": ["birthday", "expiry", "welcome"],
}


def break_key(house: House, customer_id: UUID) -> bytes:
    """Have one person's key open no more; returns the good one."""
    good = house.session.scalars(select(Customer.data_key).where(Customer.id == customer_id)).one()
    house.session.execute(
        text("UPDATE customers SET data_key = substr(data_key, 1, 20) WHERE id = :id"), {"id": customer_id}
    )
    house.session.commit()
    assert good is not None
    return good


def test_a_broken_clinic_stops_nobody_and_goes_on_when_it_is_mended(house: House) -> None:
    session = house.session
    mali, som, noi = (house.person(clinic_of(house, slug)) for slug in ("aura", "glow", "glow"))
    good = break_key(house, noi.customer_id)
    glow = clinic_of(house, "glow")
    glow.line_bot_token = "a token\n"
    session.flush()
    session.execute(text("""UPDATE clinics SET settings = '{"voice": {"zone": "Nowhere"}}' WHERE slug = 'glow'"""))
    session.commit()

    house.work()
    assert house.fate(mali) == ALL_WELL
    waits = {"event": "new", "answer": None, "sends": {"queued"}, "menu": False, "name": None, "entries": ["welcome"]}
    assert house.fate(som) == waits
    told = house.flask("work")
    assert "glow is set aside since" in told
    assert "settings: voice.zone" in told
    assert "Nowhere" not in told
    assert {line.split()[3] for line in told.splitlines() if line.startswith("glow is behind")} == set(daily.jobs)
    assert (glow_tries(session), sorted_queues(told)) == ({0}, ["inbox", "menus", "profiles", "sends"])

    glow = clinic_of(house, "glow")
    session.execute(text("UPDATE clinics SET settings = '{}' WHERE slug = 'glow'"))
    session.commit()
    house.later()
    house.work()
    assert house.fate(som) == waits
    assert "line_credentials: token" in house.flask("work")

    session.refresh(glow)
    glow.line_bot_token = None
    session.commit()
    house.work()
    assert house.fate(som) == waits, "it is looked at in its time, not in every round"
    house.later()
    house.work()
    house.work()
    assert house.fate(som) == ALL_WELL
    assert "set aside" not in house.flask("work")

    # One person whose key opens nothing is not the clinic: each of their rows is kept with its own fault.
    for _ in range(3):
        house.later()
        house.work()
    told = house.flask("work")
    assert sorted_queues(told) == ["inbox", "menus", "notifications", "profiles", "sends"]
    found = house.fate(noi)
    assert (found["event"], found["answer"], found["sends"], found["menu"]) == ("dead", None, {"queued"}, False)
    assert found["entries"] == ["birthday", "expiry", "welcome"], "points need no key"

    session.execute(update(Customer).where(Customer.id == noi.customer_id).values(data_key=good))
    session.commit()
    event = session.scalars(select(InboxEvent.id).where(InboxEvent.state == "dead")).one()
    assert "CannotOpen" in house.flask("work", "show", "inbox")
    house.flask("work", "retry", "inbox", event.hex[-8:].upper())
    house.later()
    house.work()
    house.later()
    house.work()
    assert house.fate(noi) == ALL_WELL
    assert {house.heard(one) for one in (mali, som, noi)} == {3}, "the greeting's answer, the test, the birthday: once"
    assert house.flask("work") == "Nothing waits, nothing is stuck, every clinic is at work.\n"


def test_what_happened_while_a_clinic_was_set_aside_for_days_is_told_when_it_is_mended(house: House) -> None:
    """All but the warnings that warn of nothing any more."""
    session = house.session
    mali, som = (house.person(clinic_of(house, slug)) for slug in ("aura", "glow"))
    until = house.noon + timedelta(hours=11)
    for one in (mali.customer, som.customer):
        notifications.write(session, one, "points_matured", house.noon, data={"points": 7})
        risk: NotificationData = {"tier": "silver", "below": "bronze", "missing": 9, "on": until.date().isoformat()}
        notifications.write(session, one, "tier_at_risk", house.noon, data=risk, not_after=until)
    session.execute(text("""UPDATE clinics SET settings = '{"voice": {"zone": "Nowhere"}}' WHERE slug = 'glow'"""))
    session.commit()
    house.later()
    house.work()
    session.execute(update(BusinessClock).values(offset_seconds=BusinessClock.offset_seconds + 5 * 86_400))
    session.commit()
    house.later()
    house.work()
    assert (house.heard(mali, MATURED), house.heard(som)) == (1, 0)
    assert ("set aside" in house.flask("work"), house.fate(som)["entries"]) == (True, ["welcome"])

    session.execute(text("UPDATE clinics SET settings = '{}' WHERE slug = 'glow'"))
    session.commit()
    for _ in range(3):
        house.later()
        house.work()
    assert (house.heard(mali, MATURED), house.heard(som, MATURED)) == (1, 1)
    assert house.fate(som) == ALL_WELL
    mine = select(Notification).where(Notification.customer_id == som.customer_id)
    fates = {(one.kind, one.state, one.reason) for one in session.scalars(mine)}
    assert fates >= {("points_matured", "sent", None), ("tier_at_risk", "skipped", "too_late")}
    assert house.flask("work") == "Nothing waits, nothing is stuck, every clinic is at work.\n"


def glow_tries(session: Session) -> set[int]:
    """How often anything of the broken clinic was tried."""
    tables = ("inbox.attempts", "sends.attempts", "line_links.menu_attempts", "line_links.profile_attempts")
    sums = (
        session.execute(
            text(f"SELECT coalesce(sum({one.split('.')[1]}), 0) FROM {one.split('.')[0]} JOIN clinics ON clinic_id ="
                 " clinics.id WHERE slug = 'glow'")
        ).scalar_one()
        for one in tables
    )  # fmt: skip
    return set(sums)


def sorted_queues(told: str) -> list[str]:
    """Of `glow`, those that are told of."""
    lines = [line.split() for line in told.splitlines()]
    return sorted(words[1] for words in lines if words[0] == "glow" and words[1] in work.queues)
