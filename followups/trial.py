"""A rule tried on the clinic's own people: said by the one door out to somebody of the staff, as to anybody.

Only who is present in the staff's group can be tried on, so nobody can write to customers by it.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from customers import staff_members
from followups import preview
from followups.errors import NotOfTheStaff
from models.base import new_id
from models.clinics import Clinic
from models.customers import Customer
from models.followups import TRIAL, FollowupExecution, FollowupRule
from runtime import wake


def say(session: Session, clinic: Clinic, rule: FollowupRule, customer: Customer, now: datetime) -> FollowupExecution:
    """Due now. Its gates may hold or end it as any; a draft is said too, and what it is about need not hold any more.

    Raises `NotOfTheStaff`, `NothingToSay`.
    """
    if not staff_members.is_one(session, customer):
        raise NotOfTheStaff
    made: FollowupExecution = preview.pretended(session, clinic, rule, customer, now)
    planned = {"anchor": f"{TRIAL}{new_id()}", "about_id": made.about_id, "step": made.step, "due_at": now,
               "not_after": now + preview.OF_USE}  # fmt: skip
    tried = preview.of(rule, customer, planned)
    tried.created_at, tried.workflow_id = now, rule.workflow_id
    session.add(tried)
    session.flush()
    wake.after(session, "send")
    return tried
