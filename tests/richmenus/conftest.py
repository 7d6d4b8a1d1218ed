"""A clinic whose menus live in a simulator of its own process, and people to link them to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from channels.line.client import Access, Answer, Line
from customers.clinics import new_clinic
from customers.people import meet_on_line
from models.clinics import BusinessClock, Clinic, RichMenu
from models.customers import LineLink
from richmenus import draw, sync
from runtime import database
from runtime.clock import Clock
from runtime.keys import Vault
from runtime.settings import Settings
from tests.fixtures.running import RunningSimulator


class Cut(Exception):
    """The process died here."""


class Watched(Line):
    """The real client; around its calls a test may look, meddle or cut."""

    before: Callable[[str, str], None] = staticmethod(lambda method, path: None)
    after: Callable[[str, str], None] = staticmethod(lambda method, path: None)

    def call(self, access: Access, method: str, path: str, body: Any = None, **how: Any) -> Answer:
        self.before(method, path)
        answer = super().call(access, method, path, body, **how)
        self.after(method, path)
        return answer


def wish(link: LineLink, wanted: str, now: datetime) -> None:
    look, _, language = wanted.partition("-")
    link.want(look, language, now)


@dataclass
class Account:
    """The clinic `aura` on our side and LINE's."""

    sessions: sessionmaker[Session]
    clock: Clock
    line: Watched
    simulator: RunningSimulator
    clinic_id: UUID
    people: dict[str, str] = field(default_factory=dict)

    def sync(self) -> list[str]:
        return list(sync.sync(self.sessions, self.clock, self.line, self.clinic_id))

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
                wish(link, wanted, now)
            return link

    def want(self, name: str, wanted: str) -> None:
        with self.sessions.begin() as session:
            wish(self.link_of(session, name), wanted, self.clock.now(session))

    def link_of(self, session: Session, name: str) -> LineLink:
        links = session.scalars(select(LineLink).where(LineLink.clinic_id == self.clinic_id))
        return next(link for link in links if link.user_id == self.people[name])

    def row(self, name: str) -> LineLink:
        with self.sessions() as session:
            return self.link_of(session, name)

    def set_brand(self, color: str) -> None:
        with self.sessions.begin() as session:
            session.get_one(Clinic, self.clinic_id).own_settings = {"voice": {"brand_color": color}}

    def later(self, seconds: int) -> None:
        """Business time goes on."""
        with self.sessions.begin() as session:
            moved = update(BusinessClock).values(offset_seconds=BusinessClock.offset_seconds + seconds)
            if not session.execute(moved.returning(BusinessClock.id)).first():
                session.add(BusinessClock(id=1, offset_seconds=seconds))

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
        return Line.call(self.line, access, method, path, body).data

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
    settings: Settings,
    _pictures: Callable[[draw.Drawing], bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Account]:
    monkeypatch.setattr(sync, "png", _pictures)
    vault = Vault.from_settings(settings)
    engine, sessions = database.connect(settings, vault)
    with sessions.begin() as session:
        clinic_id = new_clinic(session, "aura", "Aura Clinic", datetime.now(UTC)).id
    line = Watched(simulator.url, {"aura": Access(simulator.channel_id, simulator.channel_secret)})
    yield Account(sessions, Clock(movable=True), line, simulator, clinic_id)
    engine.dispose()
