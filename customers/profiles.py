"""Asking LINE for a new friend's name and language, and for the staff. No transaction is open while LINE is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import and_, select, union
from sqlalchemy.orm import Session

from channels.calls import NOT_TRIED, ChannelCalls, Landed, Lane
from channels.line.client import Access, Line
from channels.line.errors import LineError
from customers import memberships, meters, names
from customers.line_accounts import clinics_due, longest_due, menus_due
from models.customers import Customer, LineLink
from models.meters import LineMeter
from models.staff import StaffMember
from runtime import wake, work
from runtime.clock import DATABASE_NOW
from runtime.context import Runtime
from runtime.language import LANGUAGES
from runtime.timing import TRIES, Timing

ATTEMPTS = 6
ASK_AGAIN = timedelta(days=3)
"""How long what LINE refused, or never said, is left alone while the person writes to us."""
LONGEST_NAME = 100
NOT_THERE = 404

work.queues.add(
    "profiles",
    work.Queue(
        LineLink.customer_id,
        LineLink.clinic_id,
        waiting=LineLink.profile_due_at.is_not(None),
        due=LineLink.profile_due_at,
        error=LineLink.profile_error,
        retry={"profile_due_at": DATABASE_NOW, "profile_attempts": 0},
        drop=lambda reason: {"profile_error": reason},
        wake="profiles",
        dead=and_(
            LineLink.profile_due_at.is_(None),
            LineLink.profile_error.is_not(None),
            LineLink.profile_error.not_in(("erased", "refused", "not_an_id")),
            ~LineLink.profile_error.startswith(work.DROPPED),
        ),
    ),
)

OPEN = union(
    clinics_due(LineLink.profile_due_at),
    work.clinics_with(StaffMember.clinic_id, StaffMember.ask_due_at <= DATABASE_NOW),
    work.clinics_with(LineMeter.clinic_id, LineMeter.ask_due_at <= DATABASE_NOW),
)
"""The clinics in which LINE is to be asked for somebody's profile, for a member of the staff, or for the meter."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Claim:
    """Whose profile is asked for, and until when the claim stands."""

    key: tuple[UUID, bytes]
    user_id: str
    access: Access
    attempts: int
    lease: datetime


def ask_again(session: Session, link: LineLink, real_now: datetime, *, new_friend: bool) -> None:
    """The person is there: what LINE refused or left open is asked once more, of a new friend at once.

    LINE says 404 of who has not consented or is no friend, and both may change without a word to us.
    """
    if link.profile_due_at is not None or link.profile_error in (None, "erased", "not_an_id"):
        return
    if new_friend or link.profile_asked_at is None or real_now - link.profile_asked_at >= ASK_AGAIN:
        link.profile_due_at, link.profile_attempts = DATABASE_NOW, 0
        wake.after(session, "profiles")


Asked = Claim | memberships.Claim | meters.Claim


@dataclass(frozen=True)
class Asker:
    """Asks LINE for profiles: claims, calls by its pool, records."""

    runtime: Runtime
    line: Line
    calls: ChannelCalls
    lane: Lane[Asked]

    def step(self, clinic_id: UUID) -> int:
        """Begin to ask for the profile that is due longest in this clinic. How many were taken."""
        if self.calls.room(clinic_id) < 1:
            if wait := self.calls.wait(clinic_id):
                self.lane.again_in(wait)
            return 0
        claim: Asked | None
        with self.runtime.sessions.begin() as session:
            found = longest_due(session, clinic_id, LineLink.profile_due_at)
            if found is not None:
                claim = _claim(*found, self.line, self.runtime.timing)
            else:
                any_due, claim = memberships.claim(session, clinic_id, self.line, self.runtime.timing)
                if not any_due:
                    any_due, claim = meters.claim(session, clinic_id, self.line, self.runtime.timing)
                if not any_due:
                    return 0
        if claim is not None and not self.calls.begin(clinic_id, self.lane, claim, self._call(claim)):
            self._note(Landed(claim, error=NOT_TRIED, stopped=True))
        return 1

    def _call(self, claim: Asked) -> Callable[[], object]:
        if isinstance(claim, meters.Claim):
            return partial(meters.read, self.line, claim)
        if isinstance(claim, memberships.Claim):
            return partial(self.line.member, claim.access, claim.group_id, claim.user_id)
        return partial(self.line.profile, claim.access, claim.user_id)

    def record(self, wait: float = 0.0) -> int:
        """Write down what has become of calls, and how many; the first is waited for this many seconds."""
        landed = self.lane.landed(wait)
        for one in landed:
            self._note(one)
        if landed:
            self.lane.again_in(0)
        return len(landed)

    def _note(self, landed: Landed[Asked]) -> None:
        """A profile that was told is kept; another try is due, or what was refused for good is left alone."""
        claim, error = landed.claim, landed.error
        reason = error.fault if isinstance(error, LineError) else type(error).__name__
        if isinstance(error, LineError):
            log.warning("profile not read", fault=reason, request_id=error.request_id)
        elif error is not None:
            log.error("profile not understood", error=reason)
        permanent = isinstance(error, LineError) and error.permanent
        with self.runtime.sessions.begin() as session:
            if isinstance(claim, meters.Claim):
                self._note_meter(session, claim, landed, reason, for_good=permanent)
                return
            if isinstance(claim, memberships.Claim):
                self._note_member(session, claim, landed, reason, for_good=permanent)
                return
            link = _claimed(session, claim)
            if link is None:
                return
            if error is None:
                _keep(session, link, landed.answer, None)
            elif permanent or (claim.attempts >= ATTEMPTS and not landed.stopped):
                _keep(session, link, {}, reason)
            else:
                link.profile_attempts -= landed.stopped
                wait = landed.pause(self.runtime.timing.profile_backoff, link.profile_attempts)
                link.profile_due_at = DATABASE_NOW + wait
                self.lane.again_in(wait)

    def _note_meter(
        self, session: Session, claim: meters.Claim, landed: Landed[Asked], reason: str, *, for_good: bool
    ) -> None:
        if landed.error is None:
            meters.keep(session, claim, landed.answer, self.runtime.clock.now(session))
            return
        wait = meters.refused(session, claim, reason, self.runtime.timing, for_good=for_good)
        if wait is not None:
            self.lane.again_in(wait)

    def _note_member(
        self,
        session: Session,
        claim: memberships.Claim,
        landed: Landed[Asked],
        reason: str,
        *,
        for_good: bool,
    ) -> None:
        member, error = memberships.claimed(session, claim), landed.error
        if member is None:
            return
        if error is None:
            memberships.keep(member, landed.answer)
        elif for_good or (claim.attempts >= ATTEMPTS and not landed.stopped):
            absent = isinstance(error, LineError) and error.status == NOT_THERE
            memberships.refused(session, member, reason, self.runtime.clock.now(session), absent=absent)
        else:
            member.ask_attempts -= landed.stopped
            wait = landed.pause(self.runtime.timing.profile_backoff, member.ask_attempts)
            member.ask_due_at = DATABASE_NOW + wait
            self.lane.again_in(wait)


def _claim(link: LineLink, now: datetime, line: Line, timing: Timing) -> Claim | None:
    """None when there is nothing to ask; the row then says why."""
    link.profile_attempts += 1
    # Of a row that cannot be read, the lease is the back-off.
    lease = now + timing.profile_lease * min(link.profile_attempts, ATTEMPTS)
    link.profile_due_at = lease
    try:
        user_id, access = link.user_id, line.access(link.customer.clinic)
    except Exception as error:  # noqa: BLE001 - what cannot be read is booked on its own row and stops nobody else's
        link.profile_error = type(error).__name__
        if link.profile_attempts >= TRIES:
            link.profile_due_at = None
        log.error("link not readable", customer=str(link.customer_id), error=link.profile_error)
        return None
    if user_id is None:
        link.profile_due_at, link.profile_error = None, "erased"
        return None
    return Claim((link.clinic_id, link.user_index), user_id, access, link.profile_attempts, lease)


def _claimed(session: Session, claim: Claim) -> LineLink | None:
    """The row of the claim, locked; None when another worker has asked since."""
    # The customer first, then the link: the order in which a conversation's flush locks them.
    clinic_id, user_index = claim.key
    this = (LineLink.clinic_id == clinic_id, LineLink.user_index == user_index)
    session.execute(select(Customer).join(LineLink.customer).where(*this).with_for_update(of=Customer))
    link = session.scalars(select(LineLink).where(*this).with_for_update()).one()
    return link if link.profile_due_at == claim.lease else None


def _keep(session: Session, link: LineLink, profile: Mapping[str, object], error: str | None) -> None:
    """Keep the name and the phone's language of one who has none yet: that of another account is the person's too.

    An empty profile ends the asking, until `ask_again`.
    """
    link.profile_due_at, link.profile_error, link.profile_asked_at = None, error, DATABASE_NOW
    customer = link.customer
    if customer.data_key is None:
        return
    name, language = profile.get("displayName"), profile.get("language")
    if not (isinstance(name, str) and name.strip()):
        link.profile_error = error or "no_name"
    elif customer.display_name is None:
        names.call(session, customer, name.strip()[:LONGEST_NAME])
    code = str(language or "").split("-")[0].lower()
    if customer.language is None and code in LANGUAGES:
        customer.language = code
        spoken = customer.clinic.settings.voice.languages
        if code in spoken[1:]:  # in the first their menu was while nothing was known
            menus_due(session, customer)
