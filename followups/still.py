"""News that may have stopped being so before anybody heard it: at night, or while something was away."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from customers import grants
from models.courses import Course
from models.grants import Grant
from models.loyalty import Notification


def why_not(session: Session, one: Notification, now: datetime) -> str | None:
    """Why it is not said any more; None: it is so. An end of what was given is told by itself."""
    if one.kind == "grant_given":
        grant = session.get_one(Grant, (UUID(one.data["grant"]), one.clinic_id))
        return None if grants.stands(session, grant, now) else "over"
    if one.kind in ("course_shared", "course_received"):
        theirs = session.get(Course, (UUID(one.data.get("to") or one.data["course"]), one.clinic_id))
        return "taken_back" if theirs is not None and theirs.shared_in == 0 else None
    return None
