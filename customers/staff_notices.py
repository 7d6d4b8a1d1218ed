"""What the staff should hear of in their LINE group: rows that say so. Whoever learns it writes it here, once by its
key; by which answer or push it goes, and in which words, is decided elsewhere (`bot/staff_notices.py`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from customers import branches
from models.access import StaffGroup
from models.base import new_id
from models.clinics import Clinic
from models.conversations import InboxEvent, Send
from models.customers import Customer
from models.staff import StaffAct
from models.staff_notices import NoticeData, StaffNotice
from runtime import wake
from runtime.clock import DATABASE_NOW

RIDES_FOR = timedelta(hours=4)
"""Opening hours in which what is not pushed at once waits for an answer that takes it along."""
WORTH = timedelta(days=7)
"""For so long it is worth saying."""
CODE = 6
"""Letters of the code of a notice."""


def write(
    session: Session,
    clinic: Clinic,
    kind: str,
    now: datetime,
    *,
    key: str,
    customer: Customer | None = None,
    branch_id: UUID | None = None,
    data: NoticeData | None = None,
    wait: timedelta = timedelta(0),
    worth: timedelta = WORTH,
    rides: bool = False,
) -> None:
    """The staff are to hear of this, once by its `key`: as the clinic has chosen for its kind, and what has no setting
    at once. `branch_id`: that branch's group, where it has one. `wait`: not before. `rides`: in an answer even where
    the clinic has its kind pushed at once.

    What the clinic wants to hear nothing of is kept as skipped, `off`.
    """
    mode = getattr(clinic.settings.staff_notices, kind, "at_once")
    due_at = now + wait
    waits = rides or mode == "ride"
    push_at = branches.after_open_hours(session, clinic, due_at, RIDES_FOR) if waits else due_at
    session.flush()
    id_ = new_id()
    session.execute(
        insert(StaffNotice)
        .values(
            id=id_,
            code=id_.hex[-CODE:].upper() if customer else None,
            clinic_id=clinic.id,
            kind=kind,
            key=key,
            customer_id=customer.id if customer else None,
            branch_id=branch_id,
            data=data or {},
            due_at=due_at,
            push_at=min(push_at, due_at + worth),
            until=due_at + worth,
            state="skipped" if mode == "off" else "open",
            reason="off" if mode == "off" else None,
            created_at=DATABASE_NOW,
        )
        .on_conflict_do_nothing()
    )
    if push_at <= now:
        wake.after(session, "send")


def hurry(session: Session, clinic: Clinic, key: str, now: datetime) -> bool:
    """What this notice waited for has come: it is due now. Whether it was not said yet."""
    this = StaffNotice.clinic_id == clinic.id, StaffNotice.key == key, StaffNotice.state == "open"
    sooner = {"due_at": func.least(StaffNotice.due_at, now), "push_at": func.least(StaffNotice.push_at, now)}
    found = session.scalars(update(StaffNotice).where(*this).values(sooner).returning(StaffNotice.id)).all()
    wake.after(session, "send")
    return bool(found)


def drop(session: Session, clinic: Clinic, key: str) -> bool:
    """It is worth saying no more. Whether nobody was told yet."""
    this = StaffNotice.clinic_id == clinic.id, StaffNotice.key == key, StaffNotice.state == "open"
    over = update(StaffNotice).where(*this).values(state="skipped", reason="over").returning(StaffNotice.id)
    return bool(session.scalars(over).all())


def told_since(session: Session, customer: Customer, kind: str, since: datetime) -> int:
    """How often the staff were, or are being, told something of this kind about the customer since then; that they
    still wait is nothing new."""
    theirs = StaffNotice.clinic_id == customer.clinic_id, StaffNotice.customer_id == customer.id
    found = select(func.count()).where(*theirs, StaffNotice.kind == kind, StaffNotice.due_at > since)
    found = found.where(~StaffNotice.data.has_key("again"))
    return session.scalar(found) or 0


def heard(session: Session, customer: Customer, kind: str, since: datetime, now: datetime) -> tuple[bool, bool]:
    """Of what is of this kind about the customer and due since then: whether something was said, and whether something
    is to be pushed by now."""
    theirs = StaffNotice.clinic_id == customer.clinic_id, StaffNotice.customer_id == customer.id
    found = select(StaffNotice.state, StaffNotice.push_at).where(*theirs, StaffNotice.kind == kind)
    rows = session.execute(found.where(StaffNotice.due_at > since)).all()
    return any(state == "sent" for state, _ in rows), any(state == "open" and at <= now for state, at in rows)


def told_in(session: Session, group: StaffGroup, message_id: str) -> Sequence[StaffNotice]:
    """What a group was told in one message, in its order; of a message about their answer, what that answers."""
    mine = StaffNotice.clinic_id == group.clinic_id, StaffNotice.group_id == group.id
    said = select(StaffNotice).where(*mine, StaffNotice.message_id == message_id)
    if told := session.scalars(said.order_by(StaffNotice.push_at, StaffNotice.id)).all():
        return told
    acts = StaffAct.clinic_id == group.clinic_id, StaffAct.message_id == message_id, StaffAct.group_id == group.id
    answers = session.scalars(select(StaffAct.notice_id).where(*acts)).all()
    return session.scalars(select(StaffNotice).where(*mine, StaffNotice.id.in_(answers))).all() if answers else ()


def may_be_quoted(session: Session, group: StaffGroup, since: datetime) -> bool:
    """Whether a group was told something since then (real time) of which it is not recorded yet by which id LINE knows
    it: a person may be quicker with a quote."""
    nameless = StaffNotice.clinic_id == group.clinic_id, StaffNotice.group_id == group.id, StaffNotice.state == "sent"
    found = (
        select(StaffNotice.id)
        .outerjoin(Send, and_(Send.clinic_id == StaffNotice.clinic_id, Send.id == StaffNotice.send_id))
        .outerjoin(
            InboxEvent, and_(InboxEvent.clinic_id == StaffNotice.clinic_id, InboxEvent.id == StaffNotice.inbox_id)
        )
        .where(*nameless, StaffNotice.message_id.is_(None))
        .where(or_(Send.created_at > since, InboxEvent.received_at > since))
    )
    return session.scalar(found.limit(1)) is not None


def by_code(session: Session, group: StaffGroup, code: str) -> StaffNotice | None:
    """The last that the group was told, and that is kept, with this code, as a person typed it."""
    mine = StaffNotice.clinic_id == group.clinic_id, StaffNotice.code == code.upper()
    named = select(StaffNotice).where(*mine, StaffNotice.group_id == group.id)
    return session.scalars(named.order_by(StaffNotice.id.desc()).limit(1)).first()


def last_about(session: Session, group: StaffGroup, customer: Customer) -> StaffNotice | None:
    """What the group was told of a customer last."""
    mine = StaffNotice.clinic_id == group.clinic_id, StaffNotice.group_id == group.id
    theirs = select(StaffNotice).where(*mine, StaffNotice.customer_id == customer.id)
    return session.scalars(theirs.order_by(StaffNotice.id.desc()).limit(1)).first()


def again(session: Session, clinic: Clinic, now: datetime) -> None:
    """There is a group now: what found none is due."""
    waited = StaffNotice.clinic_id == clinic.id, StaffNotice.state == "open", StaffNotice.reason == "no_group"
    session.execute(update(StaffNotice).where(*waited).values(push_at=now))
    wake.after(session, "send")


def waiting(session: Session, clinic: Clinic, now: datetime, *which: ColumnElement[bool]) -> int:
    """How many could have been said, and have not been yet."""
    open_ = StaffNotice.clinic_id == clinic.id, StaffNotice.state == "open", StaffNotice.due_at <= now, *which
    return session.scalar(select(func.count()).where(*open_)) or 0
