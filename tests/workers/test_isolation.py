"""Two clinics, one of which is broken in every way: the other one's customers notice nothing, and nothing is lost."""

from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from models.conversations import InboxEvent
from models.customers import Customer
from tests.fixtures.house import House, clinic_of

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
    return sorted(line.split()[1] for line in told.splitlines() if line.startswith("glow") and len(line.split()) < 7)
