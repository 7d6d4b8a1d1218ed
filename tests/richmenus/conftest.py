"""A clinic whose menus live in a simulator of its own process, and people to link them to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from channels.calls import Calls, Lane
from channels.line.client import Access, Answer, Line
from customers.line_accounts import menus_due
from customers.people import meet_on_line
from models.clinics import Clinic, RichMenu
from models.customers import Customer, LineLink
from models.loyalty import LoyaltyProfile
from richmenus import draw, sync
from richmenus.link import Linker
from runtime.clock import Clock
from runtime.context import Runtime
from tests.fixtures.clinic import make_clinic
from tests.fixtures.running import RunningSimulator
from tests.fixtures.waiting import carry


class Cut(BaseException):
    """The process died here: no handler of an error sees it."""


class Watched(Line):
    """The real client; around its calls a test may look, meddle or cut."""

    before: Callable[[str, str], None] = staticmethod(lambda method, path: None)
    after: Callable[[str, str], None] = staticmethod(lambda method, path: None)

    def call(self, access: Access, method: str, path: str, body: Any = None, **how: Any) -> Answer:
        self.before(method, path)
        answer = super().call(access, method, path, body, **how)
        self.after(method, path)
        return answer


def become(session: Session, customer: Customer, wanted: str, now: datetime) -> None:
    """Somebody who has this menu: a guest or a member of that tier, who speaks that language."""
    look, _, customer.language = wanted.partition("-")
    customer.joined_at = None if look == "guest" else now
    session.flush()
    if look != "guest":
        profile = session.get(LoyaltyProfile, (customer.id, customer.clinic_id))
        if profile is None:
            code = customer.id.hex[-10:]
            profile = LoyaltyProfile(
                customer_id=customer.id, clinic_id=customer.clinic_id, referral_code=code, created_at=now
            )
            session.add(profile)
        profile.current_tier = look
    menus_due(session, customer)


@dataclass
class Account:
    """The clinic `aura` on our side and LINE's."""

    runtime: Runtime
    line: Watched
    simulator: RunningSimulator
    clinic_id: UUID
    people: dict[str, str] = field(default_factory=dict)

    @property
    def sessions(self) -> sessionmaker[Session]:
        return self.runtime.sessions

    @property
    def clock(self) -> Clock:
        return self.runtime.clock

    @property
    def linker(self) -> Linker:
        return Linker(self.runtime, self.line, Calls(self.runtime.timing).of("line"), Lane(lambda: None))

    def sync(self) -> list[str]:
        return list(sync.sync(self.runtime, self.line, self.clinic_id))

    def meet(self, name: str, wanted: str | None, user_id: str = "") -> LineLink:
        """A friend of the clinic on both sides."""
        user_id = user_id or self.simulator.call("POST", "people", {"name": name, "language": "th"})["user_id"]
        self.simulator.follow(user_id)
        self.people[name] = user_id
        with self.sessions.begin() as session:
            now = self.clock.now(session)
            link = meet_on_line(session, session.get_one(Clinic, self.clinic_id), user_id, now)
            link.followed_at, link.profile_due_at = now, None
            if wanted:
                become(session, link.customer, wanted, now)
            return link

    def want(self, name: str, wanted: str) -> None:
        with self.sessions.begin() as session:
            become(session, self.link_of(session, name).customer, wanted, self.clock.now(session))

    def link_of(self, session: Session, name: str) -> LineLink:
        links = session.scalars(select(LineLink).where(LineLink.clinic_id == self.clinic_id))
        return next(link for link in links if link.user_id == self.people[name])

    def row(self, name: str) -> LineLink:
        with self.sessions() as session:
            return self.link_of(session, name)

    def set_brand(self, color: str) -> None:
        with self.sessions.begin() as session:
            session.get_one(Clinic, self.clinic_id).own_settings = {"voice": {"brand_color": color}}

    def speak(self, *languages: str) -> None:
        with self.sessions.begin() as session:
            session.get_one(Clinic, self.clinic_id).choose(voice={"languages": languages})

    def later(self, seconds: int) -> None:
        """Real time goes on: what is due in a while is due so much earlier."""
        passed = LineLink.menu_due_at - timedelta(seconds=seconds)
        with self.sessions.begin() as session:
            session.execute(update(LineLink).values(menu_due_at=passed))

    def drain(self) -> int:
        """Link everybody who is due; how many were looked at."""
        done = 0
        while carry(self.linker, self.clinic_id):
            done += 1
        return done

    def seen_by(self, name: str) -> str | None:
        """The key of the menu on the person's phone; None without one. It has its picture."""
        menu = self.simulator.call("GET", f"people/{self.people[name]}/chat")["rich_menu"]
        if menu is None:
            return None
        assert menu["image_url"], "a menu without a picture is shown"
        return str(menu["name"]).partition(":")[0]

    def on_platform(self) -> list[str]:
        return [menu["name"] for menu in self.ask("GET", "/v2/bot/richmenu/list")["richmenus"]]

    def delete_menu(self, key: str) -> None:
        """As somebody would by hand: our rows do not know."""
        self.ask("DELETE", f"/v2/bot/richmenu/{self.rows()[key]}")

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """A call of LINE's that is no part of what is tested."""
        with self.sessions() as session:
            access = self.line.access(session.get_one(Clinic, self.clinic_id))
        return Line.call(self.line, access, method, path, body, name="asked_by_a_test").data

    def rows(self) -> dict[str, str]:
        with self.sessions() as session:
            return {row.name: row.rich_menu_id for row in session.scalars(select(RichMenu))}

    def changing_calls(self, act: Callable[[], Any]) -> list[tuple[str, str]]:
        """Every call with an effect that LINE received while `act` ran."""
        seen = self.simulator.call("GET", "log?after=0")
        last = max((entry["n"] for entry in _calls(seen)), default=0)
        act()
        return [
            (entry["method"], entry["path"])
            for entry in _calls(self.simulator.call("GET", f"log?after={last}"))
            if entry["method"] != "GET" and "/oauth2/" not in entry["path"]
        ]


def _calls(log: Any) -> list[dict[str, Any]]:
    return [entry for entry in log["entries"] if entry.get("kind") != "webhook"]


@pytest.fixture(scope="session")
def _pictures() -> Callable[[draw.Drawing], bytes]:
    """Drawing takes a second a picture: the same one is drawn once a run."""

    @cache
    def drawn(picture: str) -> bytes:
        return real(drawings[picture])

    real = draw.png
    drawings: dict[str, draw.Drawing] = {}

    def png(drawing: draw.Drawing) -> bytes:
        picture = draw.svg(drawing)
        drawings[picture] = drawing
        return drawn(picture)

    return png


@pytest.fixture
def account(
    simulator: RunningSimulator,
    runtime: Runtime,
    _pictures: Callable[[draw.Drawing], bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> Account:
    monkeypatch.setattr(sync, "png", _pictures)
    with runtime.sessions.begin() as session:
        clinic_id = make_clinic(session).id
    line = Watched(simulator.url, {"aura": Access(simulator.channel_id, simulator.channel_secret)})
    return Account(runtime, line, simulator, clinic_id)
