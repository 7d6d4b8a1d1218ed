"""Asking LINE for a new friend's name and language. No transaction is open while LINE is asked."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, sessionmaker

from channels.line.client import Line, LineError
from models.customers import Customer, LineLink
from runtime import wake
from runtime.clock import Clock
from runtime.language import LANGUAGES

LEASE = timedelta(seconds=30)
ATTEMPTS = 6
LONGEST_NAME = 100

log = structlog.get_logger(__name__)


def fetch_one(sessions: sessionmaker[Session], clock: Clock, line: Line) -> bool:
    """Ask for the profile that is due longest. False when none is due."""
    with sessions.begin() as session:
        now = clock.now(session)
        link = session.scalars(
            select(LineLink)
            .options(joinedload(LineLink.customer).joinedload(Customer.clinic))
            .where(LineLink.profile_due_at <= now)
            .order_by(LineLink.profile_due_at)
            .limit(1)
            .with_for_update(of=LineLink, skip_locked=True)
        ).one_or_none()
        if link is None:
            return False
        link.profile_attempts += 1
        link.profile_due_at = now + LEASE * link.profile_attempts
        user_id, access = link.user_id, line.access(link.customer.clinic)
        attempts = link.profile_attempts
    profile: dict[str, object] = {}
    try:
        if user_id is not None:
            profile = dict(line.profile(access, user_id))
    except LineError as error:
        log.warning("profile not read", fault=error.fault, request_id=error.request_id)
        if not error.permanent and attempts < ATTEMPTS:
            return True
    with sessions.begin() as session:
        _note(session, link.id, profile, now)
    return True


def _note(session: Session, link_id: UUID, profile: dict[str, object], now: datetime) -> None:
    """Keep the name, and the phone's language for one who has not chosen. An empty profile ends the asking."""
    # The customer first, then the link: the order in which a conversation's flush locks them.
    owner = select(Customer).join(LineLink, LineLink.customer_id == Customer.id).where(LineLink.id == link_id)
    session.execute(owner.with_for_update(of=Customer))
    link = session.scalars(select(LineLink).where(LineLink.id == link_id).with_for_update()).one_or_none()
    if link is None:  # merged into another record while LINE was asked
        return
    link.profile_due_at = None
    customer = link.customer
    name, language = profile.get("displayName"), profile.get("language")
    if customer.data_key is None:
        return
    if isinstance(name, str) and name.strip():
        customer.display_name = name.strip()[:LONGEST_NAME]
    code = str(language or "").split("-")[0].lower()
    if not customer.language_chosen and code in LANGUAGES and code != customer.language:
        customer.language = code
        if link.wanted_menu is not None:
            link.want(link.wanted_menu.rsplit("-", 1)[0], code, now)
            wake.after(session, "menus")
