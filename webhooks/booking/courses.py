"""Courses in our own form: docs/booking.md describes it."""

from datetime import datetime, tzinfo

from facts.told import CourseTold, RefundTold, Sale, SessionTold, ShareTold, micros
from models.courses import CourseSaid, SessionState
from webhooks.booking.fields import Fields, Wrong
from webhooks.booking.people import of_whom, person

STATES: dict[str, CourseSaid] = {
    "course.frozen": "frozen",
    "course.resumed": "active",
    "course.ended": "ended",
    "course.refunded": "refunded",
}
SESSIONS: dict[str, SessionState] = {
    "course.planned": "planned",
    "course.used": "used",
    "course.given_back": "given_back",
}
KINDS = ("course.sold", *SESSIONS, *STATES, "course.extended", "course.shared")
MOST = 1_000
"""Sessions of a course: more are a mistake."""


def told(kind: str, data: Fields, at: datetime, zone: tzinfo) -> CourseTold:
    """Raises `Wrong`."""
    id_, version = data.needed("id", "your id of the course"), data.version()
    if data.text("currency") not in (None, "THB"):
        raise Wrong(f"{data.place}.currency: amounts are in THB")
    ends_on = data.needed_day("endsOn") if kind == "course.extended" else data.day("endsOn")
    return CourseTold(
        external_id=id_,
        order=micros(at) if version is None else version,
        at=at,
        state=STATES.get(kind),
        sale=_sale(data, at, zone) if kind == "course.sold" else None,
        ends_on=ends_on,
        extends=kind == "course.extended",
        session=_session(SESSIONS[kind], data, at, zone) if kind in SESSIONS else None,
        share=_share(data) if kind == "course.shared" else None,
        refund=_refund(data, id_, at) if kind == "course.refunded" and data.has("refunded") else None,
    )


def _sale(data: Fields, at: datetime, zone: tzinfo) -> Sale:
    return Sale(
        person=person(data),
        sessions=_sessions(data, least=1),
        sold_on=data.day("soldOn") or at.astimezone(zone).date(),
        name=data.text("name"),
        service=data.text("service"),
        price=data.baht("price") if data.has("price") else None,
        contract=data.text("contract"),
        controlled=data.yes("underContractRules") if data.has("underContractRules") else None,
    )


def _session(state: SessionState, data: Fields, at: datetime, zone: tzinfo) -> SessionTold:
    when = data.needed_moment("startsAt", zone) if state == "planned" else at
    return SessionTold(data.needed("session", "your id of the session"), state, when, data.text("appointment"))


def _share(data: Fields) -> ShareTold:
    id_ = data.needed("sharedAs", "your id of what the other person has of it")
    return ShareTold(id_, of_whom(data.under("to")), _sessions(data, least=0))


def _sessions(data: Fields, *, least: int) -> int:
    many = data.number("sessions")
    if many is None or not least <= many <= MOST:
        raise Wrong(f"{data.place}.sessions: write how many, a whole number from {least} to {MOST}")
    return many


def _refund(data: Fields, id_: str, at: datetime) -> RefundTold:
    return RefundTold(
        data.text("refund") or id_, data.needed("payment", "your id of the payment"), data.baht("refunded"), at
    )
