"""Who follows for the first time is greeted in the language of their phone, which LINE is asked for before."""

from sqlalchemy.orm import Session

from bot.known import Known
from channels.line.events import NotUnderstood, read
from customers.people import meet_on_line
from models.conversations import InboxEvent
from runtime.clock import database_now
from runtime.timing import Timing


def waits(session: Session, event: InboxEvent, known: Known, timing: Timing) -> bool:
    """Whether the greeting waits for what LINE says of them, some seconds at most. Who is new is met here.

    No transaction is open while LINE is asked, so the event is looked at again.
    """
    if event.type != "follow" or len(event.clinic.settings.voice.languages) < 2:
        return False
    link = known.link
    if link is not None and (
        link.profile_asked_at is not None or link.profile_due_at is None or link.customer.language is not None
    ):
        return False
    user_id = _follower(event)
    if user_id is None or database_now(session) - event.received_at >= timing.greeting:
        return False
    if link is None:
        meet_on_line(session, event.clinic, user_id, event.occurred_at)
    return True


def _follower(event: InboxEvent) -> str | None:
    """None where nobody is greeted."""
    try:
        heard = read(event.raw) if event.raw is not None else None
    except NotUnderstood:
        return None
    return None if heard is None or heard.hushed or heard.group_id is not None else heard.user_id
