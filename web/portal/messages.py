"""What the clinic has said to the customer on their own page: kept like mail, and read when it is opened."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from channels import in_app
from channels.line.links import heard_in_chat
from channels.message import Action, Link, Message
from followups import responses
from models.conversations import Send
from runtime.language import Language
from web.portal.pages import Pages, Place
from web.portal.visit import Missing, Page, Visit, Wrong

SHOWN = 20
HERE = {
    "points": "",
    "history": "/history",
    "tiers": "/tiers",
    "achievements": "/achievements",
    "appointments": "/appointments",
    "courses": "/courses",
    "rewards": "/rewards",
    "redemptions": "/redemptions",
    "card": "/card",
    "notice": "/me/data",
    "message_settings": "/me/consents",
}
"""Pages of the portal that do what an action does in the chat, by its name."""


def _unread(visit: Visit) -> int:
    return in_app.unread(visit.session, visit.customer)


pages = Pages(place=Place(60, "messages", "/messages", "mail", lambda t: t("Messages"), _unread))


@dataclass(frozen=True)
class Line:
    """One message in the list."""

    id: UUID
    title: str
    day: str
    new: bool


@dataclass(frozen=True)
class Way:
    """A button: `to` is below the portal, unless it leads `out` of it."""

    label: str
    to: str
    out: bool
    quiet: bool = False


@pages.show("/messages")
def messages(visit: Visit) -> Page:
    before = _before(visit)
    found = in_app.of(visit.session, visit.customer, SHOWN + 1, before=before)
    lines = [line for one in found[:SHOWN] if (line := line_of(visit.t, one)) is not None]
    older = found[SHOWN - 1].id if len(found) > SHOWN else None
    return Page("messages.html", {"lines": lines, "older": older, "first": before is None})


@pages.show("/messages/<uuid:message>")
def message(visit: Visit, message: UUID) -> Page:
    """One of one's own; it is read from now on."""
    send = in_app.one_of(visit.session, visit.customer, message)
    if send is None or send.body is None:
        raise Missing
    if send.read_at is None:
        send.read_at = visit.real_now
        responses.opened(visit.session, send, visit.now)
        visit.session.flush()
    said = in_app.read(send.body)
    values = {
        "said": said, "heading": _heading(visit.t, said), "day": _when(visit.t, send),
        "taps": list(_ways(visit, said)),
    }  # fmt: skip
    return Page("message.html", values)


def line_of(t: Language, send: Send) -> Line | None:
    """None for what cannot be read any more."""
    if send.body is None:
        return None
    said = in_app.read(send.body)
    return Line(send.id, _heading(t, said), _when(t, send), send.read_at is None)


def _heading(t: Language, said: Message) -> str:
    return said.title or said.subject or t("A message from the clinic")


def _when(t: Language, send: Send) -> str:
    return f"{t.date(send.created_at)} {t.time(send.created_at)}"


def _before(visit: Visit) -> UUID | None:
    asked = visit.asked.get("before", "")
    try:
        return UUID(asked) if asked else None
    except ValueError as error:
        raise Wrong from error


def _ways(visit: Visit, said: Message) -> Iterator[Way]:
    """Without those that lead nowhere: a clinic without a LINE account has no chat."""
    steps = ((f"{one.mark} {one.label}", one.target, False) for one in said.answers)
    for label, target, quiet in (*steps, *((one.label, one.target, one.quiet) for one in said.buttons)):
        if isinstance(target, Action) and target.name in HERE:
            yield Way(label, HERE[target.name], out=False, quiet=quiet)
        elif to := _leads(visit, target):
            yield Way(label, to, out=True, quiet=quiet)


def _leads(visit: Visit, target: Action | Link | str) -> str | None:
    if isinstance(target, Link):
        return target.to
    return target if isinstance(target, str) else heard_in_chat(visit.clinic, visit.t, target.name)
