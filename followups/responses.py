"""What customers do with what was said: it was opened, a link was followed, they answered."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from channels.followed import Followed
from followups import had
from followups.errors import NotSaid, NotThen
from models.clinics import Clinic
from models.conversations import Send
from models.customers import Customer
from models.followups import FollowupDelivery, FollowupExecution

SOON = timedelta(seconds=1)
"""After it was sent: nobody has read it by then."""
AT_ONCE = timedelta(seconds=2)
"""Two links of one message, one after the other: between them a browser opens and is closed again."""
CLOCKS = timedelta(minutes=5)
"""By so much the clock of another system may differ from ours."""
SEVERAL = -1
"""In the place of the link that was followed last: several were at once."""
Who = Literal["person", "machine", "nobody"]


def followed(session: Session, what: Followed, now: datetime, *, machine: bool) -> Who:
    """Counts who has followed a link; nobody where what it was said with is not there any more. `machine`: by how it
    asked. Of people the first time is kept. That it was read is not concluded: LINE does not tell when."""
    theirs = (
        select(FollowupDelivery)
        .join(FollowupDelivery.clinic)
        .where(Clinic.slug == what.slug)
        .where(FollowupDelivery.execution_id == what.link.execution_id, FollowupDelivery.channel == what.channel)
        .with_for_update(of=FollowupDelivery)
    )
    delivery = session.scalars(theirs).one_or_none()
    if delivery is None:
        return "nobody"
    one = session.get_one(FollowupExecution, (delivery.execution_id, delivery.clinic_id), with_for_update=True)
    if one.customer.data_key is None:
        return "nobody"
    if machine or timedelta(0) <= now - (delivery.settled_at or delivery.created_at) < SOON:
        delivery.machine_clicks += 1
        return "machine"
    if _at_once(delivery, what.link.number, now):
        _take_back(delivery, one)
        delivery.machine_clicks += 1
        delivery.last_link, delivery.last_click_at = SEVERAL, now
        return "machine"
    delivery.clicks += 1
    delivery.clicked_at = delivery.clicked_at or now
    one.clicked_at = one.clicked_at or now
    delivery.last_link, delivery.last_click_at = what.link.number, now
    return "person"


def loaded(session: Session, send: Send, now: datetime) -> None:
    """What the send has carried was opened, or loaded by a program that opens all mail beforehand, which nobody can
    tell apart (half of all openings are such): it is noted, and no answer is concluded from it."""
    theirs = FollowupDelivery.clinic_id == send.clinic_id, FollowupDelivery.send_id == send.id
    session.execute(update(FollowupDelivery).where(*theirs, FollowupDelivery.loaded_at.is_(None)).values(loaded_at=now))


def opened(session: Session, send: Send, now: datetime) -> None:
    """The customer has opened what the send carries, on a page of their own: of the first time nobody need doubt."""
    theirs = FollowupDelivery.clinic_id == send.clinic_id, FollowupDelivery.send_id == send.id
    carried = select(FollowupDelivery.execution_id).where(*theirs)
    said = FollowupExecution.clinic_id == send.clinic_id, FollowupExecution.id.in_(carried)
    session.execute(update(FollowupExecution).where(*said, FollowupExecution.opened_at.is_(None)).values(opened_at=now))


def _at_once(delivery: FollowupDelivery, number: int, now: datetime) -> bool:
    last = delivery.last_click_at
    return last is not None and delivery.last_link != number and timedelta(0) <= now - last < AT_ONCE


def _take_back(delivery: FollowupDelivery, one: FollowupExecution) -> None:
    """The link before it was a machine's as well."""
    if delivery.last_link == SEVERAL:
        return
    delivery.clicks -= 1
    delivery.machine_clicks += 1
    if not delivery.clicks:
        one.clicked_at = None if one.clicked_at == delivery.clicked_at else one.clicked_at
        delivery.clicked_at = None


def answered(session: Session, customer: Customer, execution_id: UUID, action: str, now: datetime) -> None:
    """The customer has pressed a button under what was said to them, the first time counts; of somebody else's, or of
    none, nothing is noted. `action`: which button."""
    one = session.get(FollowupExecution, (execution_id, customer.clinic_id))
    if one is None or customer.id not in (one.customer_id, one.customer.merged_into):
        return
    # Another system may have told of an answer before, and the handler of the button itself notes one.
    one.responded_at = one.responded_at or now
    one.response = {"button": action, **(one.response or {})}


def track(
    one: FollowupExecution,
    *,
    opened: bool,
    clicked: bool,
    responded: bool,
    sentiment: str | None,
    at: datetime,
    now: datetime,
) -> None:
    """The first time of each counts; who has answered or followed a link has opened it. A sentiment is kept as told.
    Raises `NotSaid`, and `NotThen` for a time before it was said, or ahead: neither could be corrected later."""
    if one.status not in had.SAID:
        raise NotSaid(one.status)
    if at > now + CLOCKS:
        raise NotThen("this time is ahead")
    if at < (one.settled_at or one.created_at) - CLOCKS:
        raise NotThen("this time is before it was said")
    if opened or clicked or responded:
        one.opened_at = one.opened_at or at
    if clicked:
        one.clicked_at = one.clicked_at or at
    if responded:
        one.responded_at = one.responded_at or at
    if sentiment is not None:
        one.response = {**(one.response or {}), "sentiment": sentiment}
