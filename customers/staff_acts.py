"""What members of the staff did or asked for in their group: kept with who and when, counted for limits, found by code.

The caller holds what orders these: a member's own messages are handled one after another.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from customers import staff_notices
from customers.staff_members import actor
from models.access import StaffGroup
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment
from models.rewards import Redemption
from models.staff import ActKind, ActState, StaffAct, StaffMember
from models.staff_notices import NoticeData
from runtime import codes

DONE: tuple[ActKind, ...] = ("payment", "visit", "use", "tie", "adjust", "come", "no_show", "share")
"""The kinds that change something here, and that a bare undo is about."""
WAITS: tuple[ActKind, ...] = (*DONE, "unlink", "answer")
"""The kinds that a bare yes or no is about."""
SPOKEN_OF = timedelta(days=1)
"""For so long a code names one act, and no other of the group is given it."""
ANSWERED_WITHIN = timedelta(minutes=10)
"""What waits for a yes waits so long."""
MORNING = time(8)
"""From then on the staff are told what the day before held."""


def note(
    session: Session,
    member: StaffMember,
    kind: ActKind,
    state: ActState,
    now: datetime,
    *,
    customer: Customer | None = None,
    amount: Decimal | None = None,
    reason: str | None = None,
) -> StaffAct:
    """Write it down, in the member's name."""
    recent = StaffAct.group_id == member.group_id, StaffAct.created_at > now - SPOKEN_OF
    act = StaffAct(
        clinic_id=member.clinic_id,
        group_id=member.group_id,
        code=codes.short_code(session.scalars(select(StaffAct.code).where(*recent))),
        kind=kind,
        state=state,
        reason=reason,
        customer_id=customer.id if customer else None,
        customer=customer,
        amount=amount,
        asked_by=actor(member),
        created_at=now,
    )
    session.add(act)
    session.flush()
    _digest(session, member.clinic, now)
    return act


def by_code(session: Session, group: StaffGroup, code: str, now: datetime) -> StaffAct | None:
    """The act of this day that the group speaks of by this code, as a person typed it."""
    return session.scalars(
        select(StaffAct)
        .where(StaffAct.clinic_id == group.clinic_id, StaffAct.code == codes.squeezed(code))
        .where(StaffAct.created_at > now - SPOKEN_OF, StaffAct.group_id == group.id)
        .order_by(StaffAct.created_at.desc())
        .limit(1)
    ).one_or_none()


def latest(
    session: Session, member: StaffMember, state: ActState, since: datetime, kinds: Collection[ActKind] = WAITS
) -> StaffAct | None:
    """What the member last asked for, or did, of these kinds, if it stands so."""
    return session.scalars(
        select(StaffAct)
        .where(StaffAct.clinic_id == member.clinic_id, StaffAct.asked_by == actor(member))
        .where(StaffAct.created_at >= since, StaffAct.state == state, StaffAct.kind.in_(kinds))
        .order_by(StaffAct.created_at.desc(), StaffAct.id.desc())
        .limit(1)
    ).one_or_none()


def beside(session: Session, act: StaffAct) -> Sequence[StaffAct]:
    """What was asked of these very words, of one customer each, and still stands."""
    if act.inbox_id is None:
        return [act]
    same = StaffAct.clinic_id == act.clinic_id, StaffAct.inbox_id == act.inbox_id, StaffAct.kind == act.kind
    found = select(StaffAct).where(*same, StaffAct.state == act.state)
    return session.scalars(found.order_by(StaffAct.id)).all()


def done_last(
    session: Session, member: StaffMember, since: datetime, states: Collection[ActState] = ("done", "undone")
) -> StaffAct | None:
    """What was done last in the member's group that they had asked for, or had said yes to, also where it was taken
    back since: by a word said twice nothing older is meant."""
    theirs = or_(StaffAct.asked_by == actor(member), StaffAct.done_by == actor(member))
    return session.scalars(
        select(StaffAct)
        .where(StaffAct.clinic_id == member.clinic_id, StaffAct.group_id == member.group_id, theirs)
        .where(StaffAct.created_at >= since - ANSWERED_WITHIN, StaffAct.done_at >= since)
        .where(StaffAct.state.in_(states), StaffAct.kind.in_(DONE))
        .order_by(StaffAct.done_at.desc(), StaffAct.id.desc())
        .limit(1)
    ).one_or_none()


def use_of(session: Session, group: StaffGroup, redemption: Redemption) -> StaffAct | None:
    """By what a code was last used in the group."""
    return session.scalars(
        select(StaffAct)
        .where(StaffAct.redemption_id == redemption.id, StaffAct.group_id == group.id, StaffAct.state == "done")
        .order_by(StaffAct.created_at.desc())
        .limit(1)
    ).one_or_none()


def waiting(session: Session, group: StaffGroup, reasons: Collection[str], since: datetime) -> StaffAct | None:
    """What was asked last in the group, and waits for one of these reasons."""
    return session.scalars(
        select(StaffAct)
        .where(StaffAct.clinic_id == group.clinic_id, StaffAct.group_id == group.id)
        .where(StaffAct.created_at >= since, StaffAct.state == "asked", StaffAct.reason.in_(reasons))
        .order_by(StaffAct.created_at.desc(), StaffAct.id.desc())
        .limit(1)
    ).one_or_none()


def taken_today(session: Session, clinic: Clinic, who: str, now: datetime) -> tuple[int, Decimal]:
    """(payments, baht) that a member has recorded on this local day."""
    zone = clinic.settings.voice.zone
    begins = datetime.combine(now.astimezone(zone).date(), time(), zone)
    row = session.execute(
        select(func.count(), func.sum(StaffAct.amount))
        .where(StaffAct.clinic_id == clinic.id, StaffAct.asked_by == who, StaffAct.created_at >= begins)
        .where(StaffAct.kind == "payment", StaffAct.state == "done")
    ).one()
    return row[0], row[1] or Decimal(0)


def guesses(session: Session, clinic: Clinic, who: str, now: datetime) -> int:
    """How many codes and numbers that are nobody's the member has sent within an hour."""
    since = now - timedelta(hours=1)
    mine = StaffAct.clinic_id == clinic.id, StaffAct.asked_by == who, StaffAct.created_at > since
    return session.scalar(select(func.count()).where(*mine, StaffAct.kind == "guess")) or 0


def finds(session: Session, clinic: Clinic, who: str, now: datetime) -> int:
    """How often the member has looked for somebody within an hour."""
    since = now - timedelta(hours=1)
    mine = StaffAct.clinic_id == clinic.id, StaffAct.asked_by == who, StaffAct.created_at > since
    return session.scalar(select(func.count()).where(*mine, StaffAct.kind == "find", StaffAct.state == "done")) or 0


def of_day(session: Session, clinic: Clinic, day: date, group: StaffGroup | None = None) -> Sequence[StaffAct]:
    """What was done or stopped on this local day in this group, or in all of the clinic's, in its order."""
    zone = clinic.settings.voice.zone
    begins, ends = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
    ours = select(StaffGroup.id).where(StaffGroup.clinic_id == clinic.id)
    return session.scalars(
        select(StaffAct)
        .where(StaffAct.group_id == group.id if group else StaffAct.group_id.in_(ours))
        .where(StaffAct.created_at >= begins, StaffAct.created_at < ends)
        .where(StaffAct.state.in_(["done", "stopped", "undone"]))
        .order_by(StaffAct.created_at, StaffAct.id)
    ).all()


def _digest(session: Session, clinic: Clinic, now: datetime) -> None:
    """The staff hear tomorrow morning what this day has held, however much more it will."""
    zone = clinic.settings.voice.zone
    day = now.astimezone(zone).date()
    wait = datetime.combine(day + timedelta(days=1), MORNING, zone) - now
    about: NoticeData = {"day": day.isoformat()}
    staff_notices.write(
        session, clinic, "digest", now, key=f"digest:{day}", data=about, wait=wait, worth=timedelta(days=1)
    )


def alike(session: Session, customer: Customer, amount: Decimal, since: datetime) -> StaffAct | None:
    """The last payment of the same amount for the same customer that was recorded in a group since then."""
    return session.scalars(
        select(StaffAct)
        .where(StaffAct.customer_id == customer.id, StaffAct.created_at >= since, StaffAct.amount == amount)
        .where(StaffAct.kind == "payment", StaffAct.state == "done")
        .order_by(StaffAct.created_at.desc())
        .limit(1)
    ).one_or_none()


def paid_alone(session: Session, customer: Customer, who: str, since: datetime) -> Decimal | None:
    """Baht that this member has recorded since then on a card of which every payment there is was theirs alone; None
    where nobody has paid yet, or somebody else has told of a payment."""
    counted = Payment.customer_id == customer.id, Payment.uncounted.is_(None)
    theirs = (
        StaffAct.customer_id == customer.id,
        StaffAct.asked_by == who,
        StaffAct.done_by == who,
        StaffAct.state == "done",
        StaffAct.kind == "payment",
    )
    paid = select(func.count()).select_from(Payment).where(*counted).scalar_subquery()
    by_them = select(func.count()).select_from(StaffAct).where(*theirs).scalar_subquery()
    lately = select(func.sum(StaffAct.amount)).where(*theirs, StaffAct.done_at > since).scalar_subquery()
    payments, recorded, baht = session.execute(select(paid, by_them, lately)).one()
    return (baht or Decimal(0)) if 0 < payments <= recorded else None


def recorder(session: Session, payment: Payment) -> str | None:
    """Who has recorded this payment in a group; None where another system told it."""
    return session.scalars(select(StaffAct.done_by).where(StaffAct.payment_id == payment.id)).first()
