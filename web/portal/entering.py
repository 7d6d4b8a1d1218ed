"""Coming in: inside LINE by the token of its app, in a browser by LINE Login. LINE is asked while nothing is open in
the database; the session that begins is the browser's own, and nothing that could be forwarded leads into it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from channels.line.login import Asked, LineAway, Login, NotBelieved, Person
from customers.people import meet_on_line, vault_of
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.portal import Way
from models.secrets import ClinicSecret
from runtime.context import Runtime
from web.http import sessions

KEPT_AS = "login.secret"
"""Under this name `flask clinics secret` keeps that of the Login channel."""
_PATH = re.compile(r"(?:/[a-z0-9-]{1,60}){0,4}")
_DEVICES = (("iphone", ("iphone", "ipad")), ("android", ("android",)), ("computer", ("windows", "macintosh", "x11")))

Answer = TypeVar("Answer")


class NoPortal(Exception):
    """There is no such clinic, or it has no portal."""


class OpenAnew(Exception):
    """LINE does not stand for it, or not in this browser: whoever it is signs in anew."""


class TryAgain(Exception):
    """LINE does not answer."""


@dataclass(frozen=True)
class Doors:
    """What of a clinic lets its customers in."""

    slug: str
    channel: str
    liff_id: str
    secret: str
    """Of the Login channel; empty where none is kept."""


def below(path: str) -> str:
    """A page below the portal's own address, and never another address: else the first page."""
    return path if _PATH.fullmatch(path) else ""


def device_of(agent: str) -> str:
    """What kind it is that the browser runs on; nothing more is kept of it."""
    said = agent.lower()
    return next((kind for kind, words in _DEVICES if any(word in said for word in words)), "other")


def clinic_of(session: Session, slug: str) -> Clinic:
    """Raises `NoPortal`."""
    if not sessions.SLUG.fullmatch(slug):
        raise NoPortal
    clinic = session.scalars(select(Clinic).where(Clinic.slug == slug)).one_or_none()
    if clinic is None or clinic.settings.portal.login_channel is None:
        raise NoPortal
    return clinic


def doors(runtime: Runtime, slug: str) -> Doors:
    """Raises `NoPortal`."""
    with runtime.sessions() as session:
        clinic = clinic_of(session, slug)
        kept = session.get(ClinicSecret, (clinic.id, KEPT_AS))
        portal = clinic.settings.portal
        return Doors(slug, portal.login_channel or "", portal.liff_id or "", (kept and kept.value) or "")


@dataclass(frozen=True)
class Entrance:
    """Lets in whom LINE stands for."""

    runtime: Runtime
    login: Login

    def by_app(self, slug: str, token: str, browser: str, agent: str, old: str | None, now: datetime) -> str:
        """The key of a session that begins with the token of LINE's app. Raises `NoPortal`, `OpenAnew`, `TryAgain`."""
        ways = doors(self.runtime, slug)
        person = _asked(lambda: self.login.verified(ways.channel, token))
        if person.ends_at <= now:
            raise OpenAnew
        return self._let_in(slug, person, "liff", device_of(agent), old, now, (token, browser))

    def by_login(
        self, slug: str, back: str, asked: Asked, code: str, agent: str, old: str | None, now: datetime
    ) -> str:
        """The same with what LINE Login has sent the browser back with."""
        ways = doors(self.runtime, slug)
        person = _asked(lambda: self.login.redeemed(ways.channel, ways.secret, back, asked, code))
        return self._let_in(slug, person, "login", device_of(agent), old, now, None)

    def _let_in(
        self, slug: str, person: Person, way: Way, device: str, old: str | None, now: datetime,
        shown: tuple[str, str] | None,
    ) -> str:  # fmt: skip
        def write() -> str:
            with self.runtime.sessions.begin() as session:
                clinic = clinic_of(session, slug)
                if shown is not None and not sessions.believed(
                    session, clinic, *shown, person.issued_at, person.ends_at, now
                ):
                    raise OpenAnew
                customer = _whose(session, clinic, person.user_id, self.runtime.clock.now(session))
                return sessions.begin(session, customer, way, device, now, instead_of=old)

        try:
            return write()
        except IntegrityError:  # the same person came in by another door at the same moment: they are known now
            return write()


def _asked(ask: Callable[[], Answer]) -> Answer:
    try:
        return ask()
    except NotBelieved as error:
        raise OpenAnew from error
    except LineAway as error:
        raise TryAgain from error


def _whose(session: Session, clinic: Clinic, user_id: str, now: datetime) -> Customer:
    """Whose LINE account it is; somebody new where nobody's. Raises `OpenAnew` for who was forgotten."""
    index = vault_of(session).index(clinic.id, "line", user_id)
    link = session.get(LineLink, (clinic.id, index))
    if link is None:
        link = meet_on_line(session, clinic, user_id, now)
        link.unfollowed_at = now  # nobody can write to them before they are a friend
    if link.customer.data_key is None:
        raise OpenAnew
    session.flush()
    return link.customer
