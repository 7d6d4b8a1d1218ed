"""What has happened since the visit before: points that came or went, rewards and messages, a few lines of home.

When something happened to us is when its row was made, in real time, as visits are: what was told late is news as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from bot.cards.points import said, signed
from channels import in_app
from loyalty import points
from models.base import moment_of
from web.portal.messages import line_of
from web.portal.visit import Visit

MOST = 4
LOOKED_AT = 20
"""Lines of the ledger, by when they happened: what is told late and stands below them is found in the history only."""


@dataclass(frozen=True)
class Happened:
    """One line, of the row with this id."""

    id: UUID
    title: str
    note: str
    icon: str
    value: str = ""
    tone: str = ""
    path: str = ""


def news(visit: Visit) -> list[Happened]:
    """The newest first; of who had never looked all of it is."""
    before = visit.held.before_at
    found = (*_of_points(visit), *_of_messages(visit))
    new = [one for one in found if before is None or moment_of(one.id) > before]
    return sorted(new, key=lambda one: one.id, reverse=True)[:MOST]


def _of_points(visit: Visit) -> Iterator[Happened]:
    t = visit.t
    lines, _ = points.history(visit.session, visit.customer, limit=LOOKED_AT)
    named = points.named(visit.session, visit.clinic, lines)
    for line in lines:
        came = line.amount > 0
        yield Happened(
            line.id, said(t, line, named.get(line.id)), t.date(line.occurred_at), "sparkles" if came else "minus",
            signed(t, line.amount), "good" if came else "",
        )  # fmt: skip


def _of_messages(visit: Visit) -> Iterator[Happened]:
    for send in in_app.of(visit.session, visit.customer, MOST):
        if (line := line_of(visit.t, send)) is not None:
            icon = "mail" if line.new else "mail-open"
            yield Happened(line.id, line.title, line.day, icon, path=f"/messages/{line.id}")
