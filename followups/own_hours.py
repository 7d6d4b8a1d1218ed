"""A customer's own quiet hours, and what would lose its use by waiting for their end."""

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from followups import hours
from followups.kind import kinds
from models.clinics import Clinic
from models.followups import FollowupExecution
from models.preferences import CustomerPreferences


def say_before(session: Session, clinic: Clinic, now: datetime, *which: ColumnElement[bool]) -> None:
    """Of what is planned: such as a reminder whose hour lies in their night is said before that begins."""
    table, zone = FollowupExecution, clinic.settings.voice.zone
    theirs = (CustomerPreferences.clinic_id == table.clinic_id) & (CustomerPreferences.customer_id == table.customer_id)
    planned = (
        select(table, CustomerPreferences.quiet_from, CustomerPreferences.quiet_until)
        .options(joinedload(table.rule))
        .join(CustomerPreferences, theirs)
        .where(table.clinic_id == clinic.id, table.status == "planned", *which)
    )
    for one, begins, ends in session.execute(planned):
        kind = kinds[one.rule.type]
        if kind.worth is not None or begins is None or ends is None:
            continue
        due = hours.before(one.due_at, one.not_after, zone, hours.windows(clinic, kind.purpose, (begins, ends)))
        if now < due < one.due_at:
            one.due_at = due
