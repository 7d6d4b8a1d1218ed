"""Who has which menu: what rules want (`wanted_menu`) is carried to the platform, one person at a time.

A row is claimed by moving its `menu_due_at` a lease ahead, the call is made with no transaction open, and the outcome
is recorded only if the claim still stands. Whenever anything else touched the row meanwhile, what the platform holds
is not known any more (two calls may have crossed), so the row is looked at once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, joinedload, sessionmaker

from channels.line.client import Line, LineError
from channels.line.menus import LineMenus, menu_unusable
from models.clinics import RichMenu
from models.customers import Customer, LineLink
from runtime import wake, work
from runtime.clock import Clock

LEASE = timedelta(seconds=30)
AGAIN = timedelta(seconds=2)
BACKOFF_SECONDS = (5, 15, 60, 300, 900)

work.count("menus_due", LineLink, LineLink.menu_due_at.is_not(None))

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Claim:
    """A person, the menu they are to have (None: the default) and until when the claim stands."""

    link_id: UUID
    user_id: str
    menu_id: str | None
    lease: datetime


def link_one(sessions: sessionmaker[Session], clock: Clock, line: Line) -> bool:
    """Link the person who is due longest. False when nobody is due."""
    with sessions.begin() as session:
        now = clock.now(session)
        link = session.scalars(
            _people()
            .where(LineLink.menu_due_at <= now)
            .order_by(LineLink.menu_due_at)
            .limit(1)
            .with_for_update(of=LineLink, skip_locked=True)
        ).one_or_none()
        if link is None:
            return False
        found = _claim(session, link, now)
        if found is None:
            return True
        claim, access = found, line.access(link.customer.clinic)
    try:
        _carry(LineMenus(line, access), claim)
    except LineError as error:
        log.warning("menu not linked", link=str(claim.link_id), fault=error.fault, request_id=error.request_id)
        failed(sessions, clock, claim, error)
    else:
        linked(sessions, clock, [claim])
    return True


def claim_outdated(
    sessions: sessionmaker[Session], clock: Clock, wanting: RichMenu, *, limit: int, after: UUID | None
) -> list[Claim]:
    """Up to `limit` people, by id, who want this menu and were last linked to something else."""
    with sessions.begin() as session:
        now = clock.now(session)
        outdated = (
            _people()
            .where(LineLink.clinic_id == wanting.clinic_id, LineLink.wanted_menu == wanting.name, reachable())
            .where(LineLink.linked_menu.is_distinct_from(wanting.rich_menu_id))
            .where(LineLink.customer.has(Customer.data_key.is_not(None)))
            .order_by(LineLink.id)
            .limit(limit)
            .with_for_update(of=LineLink, skip_locked=True)
        )
        if after is not None:
            outdated = outdated.where(LineLink.id > after)
        claims = (_claim(session, link, now) for link in session.scalars(outdated))
        return [claim for claim in claims if claim is not None]


def linked(sessions: sessionmaker[Session], clock: Clock, claims: Sequence[Claim]) -> int:
    """Record that the platform has done it; how many of the claims still stood."""
    with sessions.begin() as session:
        now = clock.now(session)
        stood = 0
        for link, claim in _claimed(session, claims):
            if link.menu_due_at == claim.lease and _target(session, link) == claim.menu_id:
                _settle(link, None)
                link.linked_menu, link.menu_attempts = claim.menu_id, 0
                stood += 1
            else:
                link.linked_menu, link.menu_due_at = None, now + AGAIN
        return stood


def failed(sessions: sessionmaker[Session], clock: Clock, claim: Claim, error: LineError) -> None:
    """Record that the platform has not done it, and when to try again, if ever."""
    with sessions.begin() as session:
        now = clock.now(session)
        for link, _ in _claimed(session, [claim]):
            if link.menu_due_at != claim.lease:
                link.linked_menu, link.menu_due_at = None, now + AGAIN
            elif menu_unusable(error):
                _later(link, now, "menu_gone")
            elif error.permanent:
                _settle(link, error.fault)
            else:
                _later(link, now, error.fault)


def give_back(sessions: sessionmaker[Session], clock: Clock, claims: Sequence[Claim]) -> None:
    """Have each of these people linked alone: together they were refused, which one spoils it is not said."""
    with sessions.begin() as session:
        now = clock.now(session)
        for link, _ in _claimed(session, claims):
            link.menu_due_at = now
        wake.after(session, "menus")


def reachable() -> ColumnElement[bool]:
    """`LineLink.reachable` for the database."""
    return or_(LineLink.unfollowed_at.is_(None), LineLink.followed_at > LineLink.unfollowed_at)


def _claim(session: Session, link: LineLink, now: datetime) -> Claim | None:
    """None when there is nothing to carry; the row then says why."""
    user_id, menu_id = link.user_id, _target(session, link)
    if not link.reachable:
        _settle(link, "blocked")
    elif user_id is None:
        _settle(link, "erased")
    elif menu_id is None and link.wanted_menu is not None:
        _later(link, now, "menu_not_synced")
    elif menu_id == link.linked_menu:
        _settle(link, None)
    else:
        # From here on the platform may show the new one or the old: whatever cuts us, nobody may rely on either.
        link.linked_menu, link.menu_due_at, link.menu_attempts = None, now + LEASE, link.menu_attempts + 1
        return Claim(link.id, user_id, menu_id, link.menu_due_at)
    return None


def _target(session: Session, link: LineLink) -> str | None:
    """The platform's id of the menu this person should have now; None for the default or before the first sync."""
    row = session.get(RichMenu, (link.clinic_id, link.wanted_menu)) if link.wanted_menu else None
    return row.rich_menu_id if row else None


def _carry(menus: LineMenus, claim: Claim) -> None:
    if claim.menu_id is None:
        menus.unlink(claim.user_id)
    else:
        menus.link(claim.user_id, claim.menu_id)


def _people() -> Select[LineLink]:
    return select(LineLink).options(
        joinedload(LineLink.customer, innerjoin=True).joinedload(Customer.clinic, innerjoin=True)
    )


def _claimed(session: Session, claims: Sequence[Claim]) -> list[tuple[LineLink, Claim]]:
    by_id = {claim.link_id: claim for claim in claims}
    rows = session.scalars(select(LineLink).where(LineLink.id.in_(by_id)).order_by(LineLink.id).with_for_update())
    return [(link, by_id[link.id]) for link in rows]


def _settle(link: LineLink, reason: str | None) -> None:
    link.menu_due_at, link.menu_error = None, reason


def _later(link: LineLink, now: datetime, reason: str) -> None:
    wait = BACKOFF_SECONDS[min(max(link.menu_attempts, 1), len(BACKOFF_SECONDS)) - 1]
    link.menu_due_at, link.menu_error = now + timedelta(seconds=wait), reason
