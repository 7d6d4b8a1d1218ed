"""Two clinics, one of which is broken in every way: the other one's customers notice nothing, and nothing is lost."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app import Aura
from channels import outbox
from channels.line.menus import LineMenus
from customers.line_accounts import menu_due
from customers.people import meet_on_line
from loyalty import points
from models.base import new_id
from models.clinics import BusinessClock, Clinic, RichMenu
from models.conversations import InboxEvent, OutgoingReply, Send
from models.customers import Customer, LineLink
from models.loyalty import PointTransaction
from richmenus import menus
from richmenus.draw import png
from runtime import work
from runtime.clock import real
from runtime.language import Language
from runtime.settings import Settings
from tests.fixtures.clinic import make_clinic
from tests.fixtures.running import RunningSimulator
from workers.jobs import drains

YEAR = timedelta(days=430)
"""After which points have ended."""
ALL_WELL = {
    "event": "done",
    "answer": "sent",
    "sends": {"sent"},
    "menu": True,
    "name": "Mali",
    "entries": ["birthday", "expiry", "welcome"],
}


@dataclass
class House:
    """One process that does the work of all queues for the clinics `aura` and `glow`, against a real pretend LINE."""

    aura: Aura
    session: Session
    simulator: RunningSimulator
    noon: datetime
    """Of business time."""

    def person(self, clinic: Clinic) -> LineLink:
        """A member with points that have ended, a birthday in this month, and something of every kind to be done."""
        user_id = self.simulator.call("POST", "people", {"name": "Mali", "language": "th"})["user_id"]
        self.simulator.follow(user_id)
        link = meet_on_line(self.session, clinic, user_id, self.noon - YEAR)
        self.session.flush()
        points.create_loyalty_profile(self.session, link.customer, self.noon - YEAR)
        link.customer.birth_month_day = f"{self.noon:%m}-15"
        menu_due(self.session, link)
        self._asks(link, user_id)
        channel = self.aura.context.outbox.channels["line"]
        body = json.dumps([{"type": "text", "text": "hello"}]).encode()
        outbox.write(self.session, channel, clinic, link.customer, user_id, body, "test")
        self.session.commit()
        return link

    def _asks(self, link: LineLink, user_id: str) -> None:
        token, now = new_id().hex, real()
        self.simulator.call("POST", "reply-tokens", {"tokens": {token: user_id}})
        raw = {
            "type": "message", "mode": "active", "webhookEventId": new_id().hex, "replyToken": token,
            "timestamp": int(now.timestamp() * 1000), "source": {"type": "user", "userId": user_id},
            "message": {"type": "text", "id": new_id().hex, "text": "แต้ม"},
        }  # fmt: skip
        clinic = link.customer.clinic
        self.session.add(
            InboxEvent(
                clinic_id=clinic.id, clinic=clinic, source="line", event_key=raw["webhookEventId"], type="message",
                actor_index=link.user_index, occurred_at=now, received_at=now, due_at=now, raw=json.dumps(raw).encode(),
            )
        )  # fmt: skip

    def work(self) -> None:
        for name in ("calendar", "chat", "profiles", "menus", "send"):
            drains[name](self.aura.context)
        self.session.rollback()
        self.session.expire_all()

    def later(self) -> None:
        """Everything that waits for another try, or another look, is due."""
        for queue in (work.queues[name] for name in work.queues if name != "notifications"):
            due = {queue.due.key: func.now() - timedelta(seconds=1)}
            self.session.execute(
                update(queue.id_.class_).where(queue.waiting).values(due).execution_options(synchronize_session=False)
            )
        self.session.execute(text("UPDATE notifications SET due_at = created_at WHERE state = 'open'"))
        self.session.execute(text("UPDATE clinics SET aside_until = now() WHERE aside_until IS NOT NULL"))
        self.session.commit()

    def fate(self, link: LineLink) -> dict[str, Any]:
        """What became of everything that was to be done for this person."""
        mine = link.customer_id
        event = self.session.scalars(select(InboxEvent).where(InboxEvent.actor_index == link.user_index)).one()
        answer = self.session.scalars(select(OutgoingReply).where(OutgoingReply.inbox_id == event.id)).one_or_none()
        sends = self.session.scalars(select(Send).where(Send.customer_id == mine)).all()
        assert len([one for one in sends if one.reason == "test"]) == 1
        name = self.session.get_one(Customer, (mine, link.clinic_id)).display_name
        sources = self.session.scalars(select(PointTransaction.source).where(PointTransaction.customer_id == mine))
        return {
            "event": event.state,
            "answer": answer and answer.state,
            "sends": {one.state for one in sends},
            "menu": link.linked_menu is not None,
            "name": name,
            "entries": sorted(sources),
        }

    def flask(self, *command: str) -> str:
        result = self.aura.flask.test_cli_runner().invoke(args=command)
        assert result.exit_code == 0, result.output
        return result.output

    def heard(self, link: LineLink) -> int:
        """How many messages are in the person's chat."""
        items = self.simulator.call("GET", f"people/{link.user_id}/chat")["items"]
        return len([item for item in items if item["from"] == "bot"])


@pytest.fixture
def house(session: Session, settings: Settings, simulator: RunningSimulator, make_aura: Callable[..., Aura]) -> House:
    theirs = {
        "line_api_base": simulator.url,
        "line_channel_id": simulator.channel_id,
        "line_channel_secret": SecretStr(simulator.channel_secret),
    }
    noon = (real() + YEAR).replace(hour=5, minute=0)
    session.add(BusinessClock(id=1, offset_seconds=int((noon - real()).total_seconds())))
    house = House(make_aura(settings.model_copy(update=theirs)), session, simulator, noon)
    for slug in ("aura", "glow"):
        clinic = make_clinic(session, slug)
        clinic.line_channel_id, clinic.line_channel_secret = simulator.channel_id, simulator.channel_secret
    session.commit()
    _menu(house)
    return house


def _menu(house: House) -> None:
    """The one that both clinics' members have."""
    clinics = house.session.scalars(select(Clinic)).all()
    wanted = menus.menus("Aura", "#8E5A6D", {"th": Language("th")})
    [menu] = [one for one in wanted if one.key == "bronze-th"]
    context = house.aura.context
    platform = LineMenus(context.line, context.line.access(clinics[0]))
    menu_id = platform.create(menu.definition)
    platform.upload(menu_id, png(menu.drawing))
    for clinic in clinics:
        house.session.add(
            RichMenu(clinic_id=clinic.id, name=menu.key, rich_menu_id=menu_id, content_hash="x", synced_at=real())
        )
    house.session.commit()


def clinic_of(house: House, slug: str) -> Clinic:
    return house.session.scalars(select(Clinic).where(Clinic.slug == slug)).one()


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
