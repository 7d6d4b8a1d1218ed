"""Asking a member whether a record of the till's is theirs. What their answer brings about is with `facts/tied.py`.

A system of the clinic's has read the living code of a card: so its holder stands there. It may still have the wrong
record open, and what is in that would be another's. So the holder is asked in the chat, where nobody else answers for
them: the button names the question, the question names who may answer it and until when, and LINE signs who taps.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from channels.line.accounts import reachable
from customers import cards
from customers.people import known_as, vault_of
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.loyalty import Notification
from models.ties import Answer, CardTie
from runtime.errors import Refused

ANSWERED_WITHIN = timedelta(minutes=10)
"""As long as somebody stands at a counter."""
OPEN = 3
"""Questions that one member may have open: more is a till that has gone wrong."""

State = Answer | Literal["expired", "untold"]
"""As in the row; expired: nobody answered in time; untold: the question did not reach them."""


class TieRefused(Refused):
    """Nobody was asked. `code`: code_needed, friend_unreachable, too_many_questions, tied_to_another."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def ask(
    session: Session, member: Customer, kind: str, value: str, now: datetime, *, actor: str
) -> tuple[CardTie, bool]:
    """The question, and whether it is new and has to be told: the same question that waits is not asked twice.

    Another one about the same id, to whoever, is over with it: the till has corrected itself. Where the id is the
    member's already the row says so at once. Raises `TieRefused`.
    """
    index = vault_of(session).index(member.clinic_id, kind, value)
    about = CardTie.clinic_id == member.clinic_id, CardTie.value_index == index
    known = whose(session, member.clinic, kind, value)
    if known is member:
        theirs = select(CardTie).where(*about, CardTie.customer_id == member.id, CardTie.state == "tied").limit(1)
        return session.scalars(theirs).first() or _row(session, member, kind, value, "tied", now, actor), False
    if known is not None and has_line(session, known):
        raise TieRefused("tied_to_another", "this id leads to another friend of the clinic's LINE account")
    if reachable(session, member) is None:
        raise TieRefused("friend_unreachable", "no message reaches this member in LINE")
    waits = select(CardTie).where(*about, CardTie.state == "asked").with_for_update()
    before = session.scalars(waits).one_or_none()
    if before is not None and before.customer_id == member.id and state_of(session, before, now) == "asked":
        return before, False
    if before is not None:
        before.state, before.answered_at = "replaced", now
        session.flush()
    mine = CardTie.clinic_id == member.clinic_id, CardTie.customer_id == member.id
    waiting = select(func.count()).where(*mine, CardTie.answered_at.is_(None), CardTie.until > now)
    if (session.scalar(waiting) or 0) >= OPEN:
        raise TieRefused("too_many_questions", f"{OPEN} questions wait for this member's answer")
    return _row(session, member, kind, value, "asked", now, actor), True


def of(session: Session, member: Customer, id_: UUID) -> CardTie | None:
    """The question, if it was this member's to answer; none of anybody else's."""
    tie = session.get(CardTie, (id_, member.clinic_id))
    return tie if tie is not None and tie.customer_id == member.id else None


def state_of(session: Session, tie: CardTie, now: datetime) -> State:
    """Where it stands."""
    if tie.state != "asked":
        return tie.state
    if now >= tie.until:
        return "expired"
    told = (Notification.clinic_id == tie.clinic_id, Notification.key == key_of(tie))
    lost = exists().where(*told, Notification.state.in_(["skipped", "dead"]))
    return "untold" if session.scalar(select(lost)) else "asked"


def waiting(session: Session, clinic: Clinic, now: datetime) -> Sequence[CardTie]:
    """The questions that members have not answered yet, and still can."""
    lately = CardTie.asked_at > now - ANSWERED_WITHIN, CardTie.asked_at <= now
    # By when they were asked alone: the index of what was ever asked and never answered is no shorter way.
    found = session.scalars(
        select(CardTie).where(CardTie.clinic_id == clinic.id, *lately).order_by(CardTie.asked_at, CardTie.id).limit(100)
    )
    return [one for one in found if one.state == "asked" and one.until > now]


def unmade(session: Session, clinic: Clinic, day: date, now: datetime, limit: int = 10) -> Sequence[CardTie]:
    """The questions of a local day that came to nothing: refused, or answered by nobody while they stood."""
    zone = clinic.settings.voice.zone
    begins, ends = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
    over = or_(CardTie.state.in_(["declined", "refused"]), and_(CardTie.state == "asked", CardTie.until <= now))
    of_day = select(CardTie).where(CardTie.clinic_id == clinic.id, CardTie.asked_at >= begins, CardTie.asked_at < ends)
    return session.scalars(of_day.where(over).order_by(CardTie.asked_at, CardTie.id).limit(limit)).all()


def key_of(tie: CardTie) -> str:
    """Of the notification that asks."""
    return f"tie:{tie.id}"


def whose(session: Session, clinic: Clinic, kind: str, value: str) -> Customer | None:
    """Whom the till knows by this id, as they stand today."""
    return cards.today(session, known_as(session, clinic, kind, value))


def has_line(session: Session, customer: Customer) -> bool:
    """Whether a LINE account is theirs: then it is a person who can speak for themselves."""
    linked = LineLink.clinic_id == customer.clinic_id, LineLink.customer_id == customer.id
    return bool(session.scalar(select(exists().where(*linked))))


def _row(
    session: Session, member: Customer, kind: str, value: str, state: Answer, now: datetime, actor: str
) -> CardTie:
    tie = CardTie(
        clinic_id=member.clinic_id,
        customer_id=member.id,
        customer=member,
        kind=kind,
        value=value,
        value_index=vault_of(session).index(member.clinic_id, kind, value),
        state=state,
        asked_by=actor,
        asked_at=now,
        until=now + ANSWERED_WITHIN,
        answered_at=None if state == "asked" else now,
    )
    session.add(tie)
    session.flush()
    return tie
