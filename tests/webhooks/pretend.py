"""A pretend source of events: all that a new one is."""

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from models.clinics import Clinic
from models.conversations import InboxEvent
from runtime.work import Handled
from webhooks.source import Delivery, Malformed, RawEvent


class Bell:
    """A doorbell that tells who rang: `{"rings": [{"id": …, "by": …, "at": seconds}]}`, signed by a shared word."""

    name = "bell"
    rule = "/webhooks/bell/<slug>"

    def secret(self, clinic: Clinic) -> bytes:
        return f"ding-{clinic.slug}".encode()

    def verified(self, secret: bytes, delivery: Delivery) -> bool:
        return hmac.compare_digest(secret, delivery.headers.get("x-bell", "").encode())

    def events(self, delivery: Delivery) -> list[RawEvent]:
        try:
            rings = json.loads(delivery.body)["rings"]
        except (ValueError, LookupError, TypeError) as error:
            raise Malformed("there are no rings") from error
        return [
            RawEvent(one, one["id"], one, one["by"], "rang", datetime.fromtimestamp(one["at"], UTC)) for one in rings
        ]


class Porter:
    """Hears the rings in their order; `drops` of them fail first."""

    retries: Sequence[timedelta] = (timedelta(0),)

    def __init__(self, drops: int = 0) -> None:
        self.heard: list[str] = []
        self.then: list[str] = []
        self.dead: list[str] = []
        self.drops = drops

    def load(self, session: Session, events: Sequence[InboxEvent]) -> Mapping[UUID, None]:
        return dict.fromkeys(event.id for event in events)

    def handle(
        self, session: Session, event: InboxEvent, loaded: None, now: datetime, real_now: datetime
    ) -> Callable[[], Handled]:
        if self.drops:
            self.drops -= 1
            raise RuntimeError("nobody was at the door")
        return partial(self._let_in, event.event_key)

    def give_up(
        self, session: Session, event: InboxEvent, loaded: None, reference: str, now: datetime, real_now: datetime
    ) -> Handled | None:
        self.dead.append(reference)
        return None

    def _let_in(self, who: str) -> Handled:
        self.heard.append(who)
        return Handled("let_in", then=lambda: self.then.append(who))
