"""Bring the platform's menus to what `menus.py` says. May be run at any time, twice, and be cut anywhere.

The platform's list is the truth: a menu's name there carries the hash of its content. Our rows only save asking which
of the listed menus have their picture, which never changes once uploaded. So a run that finds everything in place
makes three reading calls and no other, and a run after a cut goes on from what it finds. Menus with names that are
not of our making are left alone. What is old goes last, when nobody is linked to it any more.
"""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from channels.line.client import Access, Line
from channels.line.errors import LineError
from channels.line.menus import PEOPLE_AT_ONCE, LineMenus, menu_unusable
from customers.clinics import own_page
from customers.voice import in_language
from models.clinics import Clinic, RichMenu
from richmenus.choose import looks
from richmenus.draw import png
from richmenus.link import claim_outdated, linked, release
from richmenus.menus import Menu, menus
from runtime.context import Runtime

OURS = re.compile(r"[a-z]+-[a-z]{2,3}:[0-9a-f]{12}")


class Busy(Exception):
    """Another sync of this clinic is at work."""


def sync(runtime: Runtime, line: Line, clinic_id: UUID) -> Iterator[str]:
    """Yields one line per change as it is made; none when everything was in place.

    Raises `Busy`, and `LineError` when the platform refuses or is away: run again, it goes on where it stopped.
    """
    with _alone(runtime.sessions, clinic_id):
        wanted, access = _wanted(runtime.sessions, line, clinic_id)
        yield from _Run(runtime, LineMenus(line, access), clinic_id).changes(wanted)


def _wanted(sessions: sessionmaker[Session], line: Line, clinic_id: UUID) -> tuple[list[Menu], Access]:
    with sessions() as session:
        clinic = session.get_one(Clinic, clinic_id)
        return _menus_of(clinic), line.access(clinic)


def _menus_of(clinic: Clinic) -> list[Menu]:
    chosen = clinic.settings
    return menus(
        clinic.name,
        chosen.voice.brand_color,
        {code: in_language(clinic, code) for code in chosen.voice.languages},
        chosen.menus,
        referral=chosen.referral.enabled,
        page=own_page(clinic),
        names=chosen.voice.names,
    )


def shown(clinic: Clinic) -> tuple[list[str], dict[str, str]]:
    """What of the menus the clinic has chosen: how they look, which is the first, and which tier has which.

    Where it has become another, they are to be synced.
    """
    return [menu.name for menu in _menus_of(clinic)], looks(clinic)


@dataclass(frozen=True)
class _Run:
    runtime: Runtime
    platform: LineMenus
    clinic_id: UUID

    def changes(self, wanted: list[Menu]) -> Iterator[str]:
        listed, default = self.platform.listed(), self.platform.default()
        rows: list[RichMenu] = []
        for menu in wanted:
            row = yield from self._ensure(menu, [one.id for one in listed if one.name == menu.name])
            if not rows and row.rich_menu_id != default:
                self.platform.set_default(row.rich_menu_id)
                yield f"made {row.name} the default"
            rows.append(row)
        for row in rows:
            yield from self._link_everyone(row)
        for old in listed:
            if OURS.fullmatch(old.name) and old.id not in {row.rich_menu_id for row in rows}:
                self.platform.delete(old.id)
                yield f"deleted {old.name} ({old.id})"
        self._forget_all_but(rows)

    def _ensure(self, menu: Menu, same: list[str]) -> Generator[str, None, RichMenu]:
        """The menu as it is on the platform; it is made, or given its picture, where that is missing.

        `same`: what the platform lists under the menu's name. A cut between two steps can leave several.
        """
        row = self._known(menu)
        if row and row.rich_menu_id in same:
            return row
        menu_id = next((one for one in same if self.platform.has_picture(one)), None)
        if menu_id is None:
            picture = png(menu.drawing)
            if same:
                menu_id = same[0]
            else:
                menu_id = self.platform.create(menu.definition)
                yield f"created {menu.name} ({menu_id})"
            self.platform.upload(menu_id, picture)
            yield f"uploaded the picture of {menu.key} ({len(picture) // 1000} kB)"
        return self._remember(menu, menu_id)

    def _known(self, menu: Menu) -> RichMenu | None:
        with self.runtime.sessions() as session:
            row = session.get(RichMenu, (self.clinic_id, menu.key))
            return row if row and row.content_hash == menu.content_hash else None

    def _remember(self, menu: Menu, menu_id: str) -> RichMenu:
        with self.runtime.sessions.begin() as session:
            return session.merge(
                RichMenu(
                    clinic_id=self.clinic_id,
                    name=menu.key,
                    rich_menu_id=menu_id,
                    content_hash=menu.content_hash,
                    synced_at=self.runtime.clock.now(session),
                )
            )

    def _link_everyone(self, menu: RichMenu) -> Iterator[str]:
        last: bytes | None = None
        while claims := claim_outdated(self.runtime, menu, limit=PEOPLE_AT_ONCE, after=last):
            last = claims[-1].user_index
            try:
                self.platform.link_many([claim.user_id for claim in claims], menu.rich_menu_id)
            except LineError as error:
                if not error.permanent or menu_unusable(error):
                    raise
                release(self.runtime, claims)
                yield f"left {len(claims)} people to be linked to {menu.name} one by one: together LINE said {error}"
            else:
                yield f"linked {linked(self.runtime, claims)} people to {menu.name}"

    def _forget_all_but(self, rows: list[RichMenu]) -> None:
        with self.runtime.sessions.begin() as session:
            names = [row.name for row in rows]
            session.execute(delete(RichMenu).where(RichMenu.clinic_id == self.clinic_id, RichMenu.name.not_in(names)))


@contextmanager
def _alone(sessions: sessionmaker[Session], clinic_id: UUID) -> Iterator[None]:
    """Holds a lock of the database's, without a transaction; it goes with the connection if the process dies."""
    key = func.hashtextextended(f"richmenus.sync:{clinic_id}", 0)
    with sessions() as session:
        connection = session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        if not connection.scalar(select(func.pg_try_advisory_lock(key))):
            raise Busy("another sync of this clinic's menus is at work")
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(key)))
