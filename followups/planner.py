"""Planning, step by step: a rule that has changed, or the oldest facts. What breaks on one fact or one rule is kept
with its error for a person, and everything else is planned.
"""

from uuid import UUID

import structlog
from sqlalchemy import and_
from sqlalchemy.orm import Session

from followups import heard, plan
from models.base import made_at
from models.clinics import Clinic
from models.customers import JourneyEvent
from models.followups import FollowupRule
from runtime import work
from runtime.context import Runtime
from runtime.database import transient

ALONE = 50
"""Facts that are looked at one by one in one transaction, once something broke on many."""

OPEN = work.clinics_with(JourneyEvent.clinic_id, and_(JourneyEvent.unplanned))
"""The clinics in which something has happened from which something follows."""
CHANGED = work.clinics_with(FollowupRule.clinic_id, and_(FollowupRule.to_plan))
"""The clinics in which a rule has changed."""

log = structlog.get_logger(__name__)

work.queues.add(
    "planning",
    work.Queue(
        JourneyEvent.id,
        JourneyEvent.clinic_id,
        waiting=and_(JourneyEvent.unplanned),
        due=made_at(JourneyEvent.id),  # it may tell of what was long ago
        error=JourneyEvent.plan_error,
        retry={"unplanned": True, "plan_error": None},
        drop=lambda reason: {"plan_error": reason},
        wake="followups",
        dead=and_(JourneyEvent.plan_error.is_not(None), ~JourneyEvent.plan_error.startswith(work.DROPPED)),
    ),
)
work.queues.add(
    "rules",
    work.Queue(
        FollowupRule.id,
        FollowupRule.clinic_id,
        waiting=and_(FollowupRule.to_plan),
        due=FollowupRule.changed_at,
        error=FollowupRule.plan_error,
        retry={"to_plan": True, "plan_error": None},
        drop=lambda reason: {"plan_error": reason},
        wake="followups",
        dead=and_(FollowupRule.plan_error.is_not(None), ~FollowupRule.plan_error.startswith(work.DROPPED)),
    ),
)


def step(runtime: Runtime, clinic_id: UUID) -> int:
    """One transaction: of a rule that has changed, or of the oldest facts. How much was planned from."""
    with runtime.sessions.begin() as session:
        if rule := plan.changed(session, session.get_one(Clinic, clinic_id)):
            _anew(runtime, session, rule)
            return 1
    try:
        with runtime.sessions.begin() as session:
            return plan.of_facts(session, session.get_one(Clinic, clinic_id), runtime.clock.now(session))
    except Exception as error:
        if transient(error):
            raise
        log.error("facts not planned from", exc_info=error)
    with runtime.sessions.begin() as session:
        return sum(_alone(runtime, session, clinic_id) for _ in range(ALONE))


def _anew(runtime: Runtime, session: Session, rule: FollowupRule) -> None:
    try:
        with session.begin_nested():
            plan.anew(session, session.get_one(Clinic, rule.clinic_id), rule, runtime.clock.now(session))
    except Exception as error:
        if transient(error):
            raise
        log.error("rule not planned by", rule=str(rule.id), exc_info=error)
        rule.to_plan, rule.plan_error = False, type(error).__name__


def _alone(runtime: Runtime, session: Session, clinic_id: UUID) -> int:
    """The oldest fact, and each rule for itself."""
    clinic, now = session.get_one(Clinic, clinic_id), runtime.clock.now(session)
    facts = heard.hear(session, clinic, 1)
    for rule in plan.active(session, clinic) if facts else ():
        try:
            with session.begin_nested():
                plan.follow(session, clinic, rule, facts, now)
        except Exception as error:
            if transient(error):
                raise
            fact = session.get_one(JourneyEvent, (facts[0].id, clinic_id))
            fact.plan_error = f"{rule.type}: {type(error).__name__}"
            log.error("fact not planned from", fact=str(fact.id), rule=str(rule.id), exc_info=error)
    return len(facts)
