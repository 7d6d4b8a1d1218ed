"""What has waited is looked at once more before it leaves for the first time: while a channel was away, or a worker,
what it says may have ceased to be so, or the customer may not want it any more.

None of it has been tried, so nothing is lost with its frozen words: what may still be said, or may be later, is said
anew by the one door out.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from channels.base import Channels
from followups import anew, answers, fates, plan, together
from followups.asked import Asked, End, Hold, Verdict
from followups.gates import verdict
from followups.kind import BESIDE, kinds
from followups.together import Together
from followups.ways import out_of_hours, way_over
from models.base import among
from models.conversations import Send
from models.followups import TRIAL, FollowupDelivery, FollowupExecution
from runtime import wake

WAITED = timedelta(minutes=1)
"""What was asked less long ago leaves by that answer."""
OVER = ("cancelled", "superseded", "skipped", "missed")
CARRIED = ("queued", "sent", "delivered", "unknown")
Pair = tuple[FollowupDelivery, FollowupExecution]
BusinessNow = Callable[[Session], datetime]


@dataclass(frozen=True)
class Look:
    session: Session
    channels: Channels
    now: datetime


def why_not(business_now: BusinessNow, channels: Channels, session: Session, sends: Sequence[Send]) -> dict[UUID, str]:
    """Which of these, untried and of one clinic, are not sent after all, and why; what they carried has its fate.

    Cost: one statement where a follow-up is among them; the gates only for those that have waited, all together.
    """
    said = {send.id: send for send in sends if send.customer_id is not None and send.reason in kinds}
    if not said:
        return {}
    look = Look(session, channels, business_now(session))
    carried = _carried(look, sends[0].clinic_id, list(said))
    if not carried:
        return {}
    all_, found = [one for _, one in carried], dict[UUID, str]()
    holding = _holding(look, all_)
    with together.judged(session, all_), session.no_autoflush:
        for send_id, pairs in groupby(carried, key=lambda pair: pair[0].send_id):
            if send_id is not None and (why := _of(look, said[send_id], list(pairs), holding)):
                found[send_id] = why
    return found


def _carried(look: Look, clinic_id: UUID, sends: Sequence[UUID]) -> Sequence[Pair]:
    """What those carry that have waited, by business time: it may have been moved meanwhile."""
    delivery, one = FollowupDelivery, FollowupExecution
    found = look.session.execute(
        select(delivery, one)
        .join(one, (one.clinic_id == delivery.clinic_id) & (one.id == delivery.execution_id))
        .options(joinedload(one.rule), joinedload(one.customer))
        .where(delivery.clinic_id == clinic_id, delivery.send_id.in_(sends))
        .where(delivery.created_at < look.now - WAITED)
        .order_by(delivery.send_id, delivery.created_at, delivery.id)
    )
    return [(row[0], row[1]) for row in found]


def _holding(look: Look, all_: Sequence[FollowupExecution]) -> set[UUID]:
    """Those whose anchor is still what it was when they were planned; one statement a rule."""
    found = {one.id for one in all_ if one.anchor.startswith(TRIAL) or kinds[one.rule.type].daily}
    rules = {one.rule_id: one.rule for one in all_ if one.id not in found}
    for rule in rules.values():
        of_rule = [one for one in all_ if one.rule_id == rule.id]
        clinic = of_rule[0].customer.clinic
        wanted = plan.ahead(clinic, rule, look.now, {one.about_id for one in of_rule}).subquery()
        still = set(look.session.execute(select(wanted.c.customer_id, wanted.c.anchor, wanted.c.step)).all())
        found |= {one.id for one in of_rule if (one.customer_id, one.anchor, one.step) in still}
    return found


def _of(look: Look, send: Send, pairs: Sequence[Pair], holding: set[UUID]) -> str | None:
    """All of it goes as it was frozen, or none of it does."""
    asked = [_verdict(look, send, one, holding) for _, one in pairs]
    if not any(asked):
        return None
    said = [one or Hold(look.now, "said_anew") for one in asked]
    for (delivery, one), said_of_it in zip(pairs, said, strict=True):
        _settle(look, delivery, one, said_of_it)
    wake.after(look.session, "send")
    return next(one.reason for one in asked if one is not None)


def _verdict(look: Look, send: Send, one: FollowupExecution, holding: set[UUID]) -> Verdict:
    if one.status == "planned":
        return Hold(one.due_at, one.reason or "said_anew")
    if one.status in OVER:
        return End(one.status, one.reason or one.status)
    if one.id not in holding:
        return End("cancelled", "no_longer_so")
    kind, customer = kinds[one.rule.type], one.customer
    chosen = answers.chosen(look.session, one)
    asked = Asked(look.session, customer.clinic, customer, one.rule, kind, one, chosen, look.now)
    if (said := verdict(asked)) is not None:
        return said
    way = way_over(look.channels, asked, send.channel)
    if isinstance(way, str):
        return Hold(look.now, way)
    if held := out_of_hours(asked, [way]):
        return held
    return None if way.address == send.recipient else Hold(look.now, "said_anew")


def _settle(look: Look, delivery: FollowupDelivery, one: FollowupExecution, said: Hold | End) -> None:
    """An attempt that was none is forgotten, so that its channel may be tried; one that is over says why."""
    if isinstance(said, End):
        delivery.state, delivery.reason, delivery.settled_at = "dropped", said.reason, look.now
    else:
        look.session.delete(delivery)
    others = [each for each in _deliveries_of(look, one) if each is not delivery]
    beside = any(each.channel != BESIDE and each.state in CARRIED for each in others)
    if one.status == "planned" or one.status in OVER or beside:
        return  # or another channel has it, other than the one that only accompanies
    if isinstance(said, End):
        fates.end(one, said.status, said.reason, look.now)
    else:
        anew.planned(look.session, one, others, said.until, said.reason)


def _deliveries_of(look: Look, one: FollowupExecution) -> list[FollowupDelivery]:
    """Those that are left of it, as they are now."""
    theirs = together.of(look.session, one).each(_deliveries)[one.id]
    return [each for each in theirs if each not in look.session.deleted]


def _deliveries(batch: Together) -> Mapping[UUID, Sequence[FollowupDelivery]]:
    delivery, found = FollowupDelivery, defaultdict[UUID, list[FollowupDelivery]](list)
    of_them = among(delivery.execution_id, [one.id for one in batch.executions])
    for each in batch.session.scalars(select(delivery).where(delivery.clinic_id == batch.clinic_id, of_them)):
        found[each.execution_id].append(each)
    return found
