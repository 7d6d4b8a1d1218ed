"""LINE as a channel: what is pushed to a person or a group."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from channels.base import NoWay, Receipt, Recipient, Seen
from channels.line.accounts import reachable, reachable_of
from channels.line.client import Line
from channels.line.draw import card
from channels.line.errors import LineError
from channels.line.insight import Insight
from channels.line.limits import MESSAGES
from channels.line.messages import say
from channels.line.render import freeze
from channels.message import Leading, Message, direct
from channels.palette import Palette
from models.access import StaffGroup
from models.clinics import Clinic
from models.customers import Customer, LineLink
from runtime.language import Language
from runtime.timing import Timing


class LineChannel:
    """Pushes, each with a retry key."""

    name = "line"

    def __init__(self, line: Line, timing: Timing = Timing(), leading: Leading = direct) -> None:  # noqa: B008 - it is frozen
        self._line, self._leading = line, leading
        self._insight = Insight(line, timing)
        self.key_life: timedelta | None = timing.key_life

    def address(self, session: Session, recipient: Recipient) -> str | NoWay:
        """LINE's id of the person or the group. Reasons: `not_reachable`, `erased`."""
        if isinstance(recipient, StaffGroup):
            return recipient.group_id or NoWay("not_reachable")
        return _of(reachable(session, recipient) if isinstance(recipient, Customer) else recipient)

    def addresses(self, session: Session, customers: Sequence[Customer]) -> dict[UUID, str | NoWay]:
        links = reachable_of(session, customers[0].clinic_id, [one.id for one in customers])
        return {one.id: _of(links.get(one.id)) for one in customers}

    def render(self, message: Message, clinic: Clinic, t: Language) -> bytes:  # noqa: ARG002 - the words are chosen
        """The JSON array of message objects. Raises `LimitExceeded`."""
        leading = self._leading(message, clinic.slug, self.name)
        return freeze(say(card(leading, Palette.of(clinic.settings.voice.brand_color))))

    def gathered(self, bodies: Sequence[bytes]) -> list[list[int]]:
        """At most five message objects a push, which counts once however many there are."""
        found: list[list[int]] = []
        room = 0
        for place, body in enumerate(bodies):
            many = len(json.loads(body))
            if many > room:
                found.append([])
                room = MESSAGES
            found[-1].append(place)
            room -= many
        return found

    def joined(self, bodies: Sequence[bytes]) -> bytes:
        return json.dumps([message for body in bodies for message in json.loads(body)]).encode()

    def unit(self, of: UUID, month: date) -> str:
        """At most 30 letters, digits and underscores. After a month's thousandth name LINE counts nothing."""
        return f"{month:%Y%m}_{of.hex[-23:]}"

    def seen(self, clinic: Clinic, unit: str, since: datetime, until: datetime) -> Seen:
        return self._insight.seen(self._line.access(clinic), unit, since, until)

    def send(self, clinic: Clinic, address: str, body: bytes, key: UUID, unit: str | None = None) -> Receipt:
        try:
            answer = self._line.push(self._line.access(clinic), address, body, key, unit)
        except LineError as error:
            if error.fault == "accepted_before":
                return Receipt(error.request_id, error.message_ids)
            raise
        return Receipt(answer.request_id, answer.message_ids)


def _of(link: LineLink | None) -> str | NoWay:
    if link is None or not link.reachable:
        return NoWay("not_reachable")
    return link.user_id or NoWay("erased")
