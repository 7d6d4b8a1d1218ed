"""Who has which menu: it is worked out and carried to the platform, one account at a time.

A row is claimed by moving its `menu_due_at` a lease ahead, the call is made with no transaction open, and the outcome
is recorded only if the claim still stands. Whenever anything else touched the row meanwhile, what the platform holds
is not known any more (two calls may have crossed), so the row is looked at once more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, contains_eager

from channels.calls import NOT_TRIED, ChannelCalls, Lane
from channels.line.accounts import can_be_reached
from channels.line.client import Access, Line
from channels.line.errors import LineError
from channels.line.menus import LineMenus, menu_unusable
from customers.line_accounts import clinics_due, longest_due
from models.clinics import Clinic, RichMenu
from models.customers import Customer, LineLink
from models.loyalty import LoyaltyProfile
from richmenus.choose import key_in_sql, key_of
from runtime import wake, work
from runtime.clock import DATABASE_NOW, database_now
from runtime.context import Runtime
from runtime.timing import TRIES, Timing, after_failure

work.queues.add(
    "menus",
    work.Queue(
        LineLink.customer_id,
        LineLink.clinic_id,
        waiting=LineLink.menu_due_at.is_not(None),
        due=LineLink.menu_due_at,
        error=LineLink.menu_error,
        retry={"menu_due_at": DATABASE_NOW, "menu_attempts": 0},
        drop=lambda reason: {"menu_error": reason},
        wake="menus",
        dead=and_(
            LineLink.menu_due_at.is_(None),
            LineLink.menu_error.is_not(None),
            LineLink.menu_error.not_in(("blocked", "erased", "not_an_id")),
            ~LineLink.menu_error.startswith(work.DROPPED),
        ),
    ),
)

OPEN = clinics_due(LineLink.menu_due_at)
"""The clinics in which somebody's menu is to be looked at."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Claim:
    """An account, the menu it is to show and until when the claim stands."""

    clinic_id: UUID
    user_index: bytes
    user_id: str
    menu_id: str
    lease: datetime


@dataclass(frozen=True)
class Linker:
    """Carries menus to the platform: claims, calls by LINE's pool, records."""

    runtime: Runtime
    line: Line
    calls: ChannelCalls
    lane: Lane[Claim]

    def step(self, clinic_id: UUID) -> int:
        """Begin to link the account of this clinic that is due longest. How many were taken."""
        if self.calls.room(clinic_id) < 1:
            if wait := self.calls.wait(clinic_id):
                self.lane.again_in(wait)
            return 0
        with self.runtime.sessions.begin() as session:
            found = longest_due(session, clinic_id, LineLink.menu_due_at)
            if found is None:
                return 0
            link, now = found
            profile = session.get(LoyaltyProfile, (link.customer_id, clinic_id))
            menus = _menus(session, clinic_id)
            access = _access(self.line, link, now, self.runtime.timing)
            claim = _claim(link, profile, menus, now, self.runtime.timing) if access is not None else None
        if access is not None and claim is not None:
            call = partial(LineMenus(self.line, access).link, claim.user_id, claim.menu_id)
            if not self.calls.begin(clinic_id, self.lane, claim, call):
                failed(self.runtime, claim, NOT_TRIED, stopped=True)
        return 1

    def record(self, wait: float = 0.0) -> int:
        """Write down what has become of calls, and how many; the first is waited for this many seconds."""
        landed = self.lane.landed(wait)
        for one in landed:
            if one.error is None:
                linked(self.runtime, [one.claim])
            else:
                log.warning("menu not linked", clinic=str(one.claim.clinic_id), fault=_reason(one.error))
                failed(self.runtime, one.claim, one.error, stopped=one.stopped)
                self.lane.again_in(self.runtime.timing.menu_again)
        if landed:
            self.lane.again_in(0)
        return len(landed)


def claim_outdated(runtime: Runtime, wanting: RichMenu, *, limit: int, after: bytes | None) -> list[Claim]:
    """Up to `limit` accounts, in their order, that are to show this menu and were last linked to something else."""
    with runtime.sessions.begin() as session:
        clinic = session.get_one(Clinic, wanting.clinic_id)
        outdated = (
            _accounts(clinic.id)
            .where(key_in_sql(clinic) == wanting.name, can_be_reached(), Customer.data_key.is_not(None))
            .where(LineLink.linked_menu.is_distinct_from(wanting.rich_menu_id))
            .order_by(LineLink.user_index)
            .limit(limit)
            .with_for_update(of=LineLink, skip_locked=True)
        )
        if after is not None:
            outdated = outdated.where(LineLink.user_index > after)
        now = database_now(session)
        menus = {wanting.name: wanting.rich_menu_id}
        claims = [_claim(link, profile, menus, now, runtime.timing) for link, profile in session.execute(outdated)]
        return [claim for claim in claims if claim is not None]


def linked(runtime: Runtime, claims: Sequence[Claim]) -> int:
    """Record that the platform has done it; how many of the claims still stood."""
    with runtime.sessions.begin() as session:
        stood = 0
        menus = _menus(session, claims[0].clinic_id)
        for link, profile, claim, now in _claimed(session, claims):
            key = key_of(link.customer.clinic, link.customer, profile)
            if link.menu_due_at == claim.lease and menus.get(key) == claim.menu_id:
                _close(link, None)
                link.linked_menu, link.menu_attempts = claim.menu_id, 0
                stood += 1
            else:
                link.linked_menu, link.menu_due_at = None, now + runtime.timing.menu_again
        return stood


def failed(runtime: Runtime, claim: Claim, error: Exception, *, stopped: bool = False) -> None:
    """Record that the platform has not done it, and when to try again, if ever. `stopped`: nobody's link would have
    been taken, so this one's wait does not grow."""
    with runtime.sessions.begin() as session:
        for link, _, _, now in _claimed(session, [claim]):
            if link.menu_due_at != claim.lease:
                link.linked_menu, link.menu_due_at = None, now + runtime.timing.menu_again
            elif stopped:
                link.menu_attempts -= 1
                _later(link, now, _reason(error), runtime.timing)
            elif isinstance(error, LineError) and menu_unusable(error):
                _later(link, now, "menu_gone", runtime.timing)
            elif isinstance(error, LineError) and error.permanent:
                _close(link, error.fault)
            else:
                _later(link, now, _reason(error), runtime.timing)


def release(runtime: Runtime, claims: Sequence[Claim]) -> None:
    """Have each of these accounts linked alone: together they were refused, which one spoils it is not said."""
    with runtime.sessions.begin() as session:
        for link, _, _, now in _claimed(session, claims):
            link.menu_due_at = now
        wake.after(session, "menus")


def _claim(
    link: LineLink, profile: LoyaltyProfile | None, menus: Mapping[str, str], now: datetime, timing: Timing
) -> Claim | None:
    """None when there is nothing to carry; the row then says why."""
    try:
        user_id, menu_id = link.user_id, menus.get(key_of(link.customer.clinic, link.customer, profile))
    except Exception as error:  # noqa: BLE001 - what cannot be read is booked on its own row and stops nobody else's
        _unreadable(link, now, error, timing)
        return None
    if not link.reachable:
        _close(link, "blocked")
    elif user_id is None:
        _close(link, "erased")
    elif menu_id is None:
        link.menu_attempts += 1
        _later(link, now, "menu_not_synced", timing)
    elif menu_id == link.linked_menu:
        _close(link, None)
    else:
        # From here on the platform may show the new one or the old: whatever cuts us, nobody may rely on either.
        lease = now + timing.menu_lease
        link.linked_menu, link.menu_due_at, link.menu_attempts = None, lease, link.menu_attempts + 1
        return Claim(link.clinic_id, link.user_index, user_id, menu_id, lease)
    return None


def _access(line: Line, link: LineLink, now: datetime, timing: Timing) -> Access | None:
    try:
        return line.access(link.customer.clinic)
    except Exception as error:  # noqa: BLE001 - as above
        _unreadable(link, now, error, timing)
        return None


def _menus(session: Session, clinic_id: UUID) -> dict[str, str]:
    """Name → the platform's id, of the menus that were synced."""
    rows = session.execute(select(RichMenu.name, RichMenu.rich_menu_id).where(RichMenu.clinic_id == clinic_id))
    return {row.name: row.rich_menu_id for row in rows}


def _accounts(clinic_id: UUID) -> Select[LineLink, LoyaltyProfile | None]:
    return (
        select(LineLink, LoyaltyProfile)
        .join(LineLink.customer)
        .join(Customer.clinic)
        .outerjoin(
            LoyaltyProfile,
            and_(LoyaltyProfile.clinic_id == Customer.clinic_id, LoyaltyProfile.customer_id == Customer.id),
        )
        .options(contains_eager(LineLink.customer).contains_eager(Customer.clinic))
        .where(LineLink.clinic_id == clinic_id)
    )


def _claimed(
    session: Session, claims: Sequence[Claim]
) -> list[tuple[LineLink, LoyaltyProfile | None, Claim, datetime]]:
    """The rows of these claims, of one clinic, locked; with the database's time."""
    by_index = {claim.user_index: claim for claim in claims}
    rows = session.execute(
        _accounts(claims[0].clinic_id)
        .where(LineLink.user_index.in_(by_index))
        .order_by(LineLink.user_index)
        .with_for_update(of=LineLink)
    ).all()
    now = database_now(session)
    return [(link, profile, by_index[link.user_index], now) for link, profile in rows]


def _close(link: LineLink, reason: str | None) -> None:
    link.menu_due_at, link.menu_error = None, reason


def _later(link: LineLink, now: datetime, reason: str, timing: Timing) -> None:
    link.menu_due_at, link.menu_error = now + after_failure(timing.menu_backoff, link.menu_attempts), reason


def _unreadable(link: LineLink, now: datetime, error: Exception, timing: Timing) -> None:
    log.error("link not readable", customer=str(link.customer_id), error=type(error).__name__)
    link.menu_attempts += 1
    if link.menu_attempts >= TRIES:
        _close(link, type(error).__name__)
        return
    _later(link, now, type(error).__name__, timing)


def _reason(error: Exception) -> str:
    return error.fault if isinstance(error, LineError) else type(error).__name__
