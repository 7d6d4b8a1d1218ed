"""Who is signed in, in which browser: rows, so that each can be ended. The cookie holds a key that is kept as a hash.

Times are real: business time may be moved, and a cookie does not move with it.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session, contains_eager

from models.clinics import Clinic
from models.customers import Customer
from models.portal import PortalSession, PortalToken, Way

LIFE = timedelta(days=30)
"""From the last look on."""
GRAIN = timedelta(minutes=10)
"""A look is written down so often at most."""
VISIT = timedelta(minutes=30)
"""Who has not looked for so long comes anew."""
FRESH = timedelta(minutes=10)
"""For so long a token of LINE's is believed of any browser; LINE gives the same one for an hour."""
BYTES = 32
SLUG = re.compile("[a-z0-9][a-z0-9-]{0,39}")
"""A clinic's, as the table holds it."""

# Built once: every page begins with it.
_SIGNED_IN = (
    select(PortalSession)
    .join(PortalSession.clinic)
    .join(PortalSession.customer)
    .options(contains_eager(PortalSession.clinic), contains_eager(PortalSession.customer))
    .where(
        Clinic.slug == bindparam("slug"),
        PortalSession.key_hash == bindparam("key_hash"),
        PortalSession.until > bindparam("now"),
        Customer.data_key.is_not(None),
    )
)


def hash_of(key: str) -> bytes:
    """256 random bits need no slow hash."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def new_key() -> str:
    return secrets.token_urlsafe(BYTES)


def begin(session: Session, customer: Customer, way: Way, device: str, now: datetime, *, instead_of: str | None) -> str:
    """Sign a customer in. The key for the cookie, which nobody had before; the one that the browser came with ends."""
    if instead_of is not None:
        _end(session, customer.clinic, instead_of, now)
    key = new_key()
    last = _last_of(session, customer)
    before = None if last is None else last.seen_at if now - last.seen_at >= VISIT else last.before_at
    session.add(
        PortalSession(
            clinic_id=customer.clinic_id, customer_id=customer.id, customer=customer, key_hash=hash_of(key), way=way,
            device=device, began_at=now, seen_at=now, until=now + LIFE, before_at=before,
        )
    )  # fmt: skip
    return key


def signed_in(session: Session, slug: str, key: str, now: datetime) -> PortalSession | None:
    """The session of this key, with its clinic and its customer; None for one that has ended, or is none."""
    if not SLUG.fullmatch(slug):
        return None
    return session.scalars(_SIGNED_IN, {"slug": slug, "key_hash": hash_of(key), "now": now}).one_or_none()


def looked(held: PortalSession, now: datetime) -> None:
    """The browser is in use: it stays signed in."""
    if now - held.seen_at >= VISIT:
        held.before_at = held.seen_at
    if now - held.seen_at >= GRAIN:
        held.seen_at, held.until = now, now + LIFE


def of_customer(session: Session, customer: Customer, now: datetime) -> Sequence[PortalSession]:
    """Where the customer is signed in, the one used last first."""
    return session.scalars(
        select(PortalSession)
        .where(
            PortalSession.clinic_id == customer.clinic_id,
            PortalSession.customer_id == customer.id,
            PortalSession.until > now,
        )
        .order_by(PortalSession.seen_at.desc(), PortalSession.id.desc())
        .limit(50)
    ).all()


def _last_of(session: Session, customer: Customer) -> PortalSession | None:
    """The one that was used last, also where it has ended."""
    theirs = PortalSession.clinic_id == customer.clinic_id, PortalSession.customer_id == customer.id
    newest = PortalSession.seen_at.desc(), PortalSession.id.desc()
    return session.scalars(select(PortalSession).where(*theirs).order_by(*newest).limit(1)).first()


def end(held: PortalSession, now: datetime) -> None:
    held.until = min(held.until, now)


def end_others(session: Session, held: PortalSession, now: datetime) -> int:
    """End all of the customer's sessions but this one. How many."""
    others = [one for one in of_customer(session, held.customer, now) if one.id != held.id]
    for one in others:
        end(one, now)
    return len(others)


def believed(
    session: Session, clinic: Clinic, token: str, browser: str, issued_at: datetime, ends_at: datetime, now: datetime
) -> bool:
    """Whether a token that LINE stands for signs in this browser: a fresh one does, an older one only where the same
    browser has shown it while it was fresh. Whoever finds a token somewhere can do nothing with it later.
    """
    hashed = hashlib.sha256(token.encode()).digest()
    mine = PortalToken.clinic_id == clinic.id, PortalToken.token_hash == hashed
    shown = session.scalars(select(PortalToken).where(*mine)).one_or_none()
    if now - issued_at > FRESH:
        return shown is not None and shown.browser_hash == hash_of(browser)
    if shown is None:
        session.add(PortalToken(clinic_id=clinic.id, token_hash=hashed, browser_hash=hash_of(browser), until=ends_at))
    return True


def _end(session: Session, clinic: Clinic, key: str, now: datetime) -> None:
    session.execute(
        update(PortalSession)
        .where(
            PortalSession.clinic_id == clinic.id, PortalSession.key_hash == hash_of(key), PortalSession.until > now
        )
        .values(until=now)
    )  # fmt: skip
