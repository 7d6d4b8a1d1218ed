"""What a stored event of a booking system means: its facts are told, in the engine's transaction."""
# ruff: noqa: ARG002 - the engine hands to every source what one of them needs

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from facts.hear import hear
from models.conversations import InboxEvent
from models.customers import Customer
from runtime.work import Handled
from webhooks.booking.fields import Fields
from webhooks.booking.system import Passed, System

OLDEST = timedelta(days=7)
"""A right signature that is older has been kept by somebody: what it says is not taken for news."""
UNMAPPED = "unmapped_service"
ELSEWHERE = "unmapped_branch"
"""The reasons of an event whose service, or whose place, the clinic's file does not know. It is done all the same."""


class Hearing:
    """Of one system."""

    retries: Sequence[timedelta] = tuple(
        timedelta(seconds=seconds) for seconds in (1, 60, 600, 3_600, 6 * 3_600, 24 * 3_600)
    )
    """What was told before what it is about comes right when that has come: sources deliver late, and out of order."""

    def __init__(self, system: System) -> None:
        self._system = system

    def load(self, session: Session, events: Sequence[InboxEvent]) -> Mapping[UUID, None]:
        """Nothing is locked beforehand: what a fact changes is known when it is read."""
        return dict.fromkeys(event.id for event in events)

    def handle(
        self,
        session: Session,
        event: InboxEvent,
        loaded: None,
        now: datetime,
        real_now: datetime,
    ) -> Callable[[], Handled]:
        if event.raw is None:
            return lambda: Handled("forgotten", ignored=True)
        late = event.signed_at is not None and event.received_at - event.signed_at > self._system.tolerance
        if event.signed_at is not None and event.received_at - event.signed_at > OLDEST:
            return lambda: Handled("signed_long_ago", ignored=True)
        body: Any = json.loads(event.raw)
        try:
            facts = self._system.facts(Fields(body), event.clinic.settings.voice.zone)
        except Passed as passed:
            code = str(passed)
            return lambda: Handled(code, ignored=True)
        heard = [hear(session, event.clinic, event.source, fact, now) for fact in facts]
        customer = heard[0].customer
        nothing = heard[0].passed if all(one.passed for one in heard) else None
        missing = UNMAPPED if any(one.unmapped for one in heard) else None
        missing = missing or (ELSEWHERE if any(one.elsewhere for one in heard) else None)

        def settle() -> Handled:
            _belongs(event, customer)
            return Handled(nothing or missing or ("late" if late else None), ignored=nothing is not None)

        return settle

    def give_up(
        self, session: Session, event: InboxEvent, loaded: None, reference: str, now: datetime, real_now: datetime
    ) -> Handled | None:
        """Nobody waits for an answer: it is listed with what was wrong."""
        return None


def _belongs(event: InboxEvent, customer: Customer) -> None:
    """From here the words are the customer's: erasing their key forgets them too."""
    raw = event.raw
    event.customer_id, event.customer = customer.id, customer
    event.raw = raw
