"""A staff group that somebody writes and taps in."""

import json
from typing import Any

from sqlalchemy.orm import Session

from bot.listen import Outcome
from bot.routes import Table
from channels.line.flex import check
from channels.line.render import wire
from models.clinics import Clinic
from tests.fixtures.clinic import Talk

PLOY, NID, GROUP = "U" + "d" * 32, "U" + "e" * 32, "C" + "1" * 32


class Room:
    """A LINE group in which Ploy writes, or whoever is given."""

    def __init__(
        self, session: Session, clinic: Clinic, table: Table, group_id: str = GROUP, user_id: str = PLOY
    ) -> None:
        self.talk = Talk(session, clinic, table, user_id)
        self.source: dict[str, Any] = {"type": "group", "groupId": group_id, "userId": user_id}

    def of(self, user_id: str) -> "Room":
        """The same group, as somebody else in it."""
        other = Room(self.talk.session, self.talk.clinic, self.talk.table, self.source["groupId"], user_id)
        other.talk.now = self.talk.now
        return other

    def event(self, type_: str, **fields: Any) -> Outcome:
        outcome = self.talk.event(type_, source=self.source, **fields)
        for message in wire(outcome.reply) if outcome.reply.messages else []:
            check(message)
        return outcome

    def write(self, text: str, *mentions: dict[str, Any]) -> Outcome:
        mention = {"mention": {"mentionees": list(mentions)}} if mentions else {}
        return self.event("message", message={"type": "text", "id": "1", "text": text} | mention)

    def tap(self, data: str) -> Outcome:
        """On a button of the group: LINE does not tell who."""
        source, self.source = self.source, {"type": "group", "groupId": self.source["groupId"]}
        outcome = self.event("postback", postback={"data": data})
        self.source = source
        return outcome

    def buttons(self, text: str, *mentions: dict[str, Any]) -> list[str]:
        """What the buttons of the answer say, as the words of whoever taps them: LINE names who writes."""
        bubbles = [
            bubble
            for card in wire(self.write(text, *mentions).reply)
            for bubble in card["contents"].get("contents", [card["contents"]])
        ]
        return [
            str(one["action"]["text"])
            for bubble in bubbles
            for one in bubble.get("footer", {"contents": ()})["contents"]
        ]

    def hears(self, text: str, *mentions: dict[str, Any]) -> str:
        """What the group reads, cards included; or the reason of the silence."""
        reply = self.write(text, *mentions).reply
        return reply.silence or json.dumps(wire(reply), ensure_ascii=False)
