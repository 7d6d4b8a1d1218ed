"""Appointments: all that are ahead, what became of the last ones, and the ways to book, move or cancel."""

from uuid import UUID

from customers import appointments, booking_links, branches
from customers.branches import in_words
from models.appointments import Appointment, AppointmentState
from runtime.language import Language
from web.portal import calendar_file
from web.portal.home import in_the_words
from web.portal.pages import Pages
from web.portal.reaching import ways
from web.portal.visit import File, Missing, Page, Visit

pages = Pages()
MOST = 200
"""Ahead, as in the chat: more nobody has."""
LAST = 20


@pages.show("/appointments")
def all_of_them(visit: Visit) -> Page:
    session, customer, now = visit.session, visit.customer, visit.now
    coming = appointments.ahead(session, customer, now, MOST)
    past = appointments.behind(session, customer, now, LAST)
    words = in_the_words(visit, [*coming, *past])
    values = {
        "coming": list(zip(coming, words, strict=False)),
        "past": [(one, became(visit.t, row)) for row, one in zip(past, words[len(coming) :], strict=True)],
        "booking": booking_links.of_clinic(session, customer, now),
        "reach": ways(visit, branches.active(session, visit.clinic)),
        "files": may_have_files(visit),
    }
    return Page("appointments.html", values)


@pages.show("/appointments/<uuid:appointment>.ics")
def calendar(visit: Visit, appointment: UUID) -> File:
    """One that is ahead, for the calendar of the phone. It says when and where, and neither what for nor for whom: a
    calendar is read by others, and on a locked screen."""
    row = visit.session.get(Appointment, (appointment, visit.clinic.id))
    coming = row is not None and row.state in appointments.OPEN and row.outcome is None
    if row is None or row.customer_id != visit.customer.id or not coming or not may_have_files(visit):
        raise Missing
    place = next((one for one in branches.active(visit.session, visit.clinic) if one.id == row.branch_id), None)
    t, clinic = visit.t, visit.clinic.called(visit.t.code)
    where = [in_words(place.names, t.code, place.name), in_words(place.address, t.code)] if place else [clinic]
    event = calendar_file.Event(
        id=f"{row.id}@{visit.clinic.slug}",
        title=t("Appointment at {clinic}", clinic=clinic),
        where=", ".join(filter(None, where)),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        sure=row.state != "requested",
        url=f"{visit.settings.public_url.rstrip('/')}/portal/{visit.clinic.slug}/appointments",
        written_at=visit.real_now,
    )
    kept = {"Content-Disposition": 'attachment; filename="appointment.ics"'}
    return File(calendar_file.written(event), "text/calendar; charset=utf-8", kept)


def may_have_files(visit: Visit) -> bool:
    """LINE's own browser takes no downloads."""
    return visit.held.way != "liff"


def became(t: Language, one: Appointment) -> tuple[str, str, str]:
    """(words, tone, icon) of what came of it; each empty where nobody has told."""
    said: dict[AppointmentState | None, tuple[str, str, str]] = {
        "completed": (t("Kept"), "good", "check"),
        "no_show": (t("We missed you"), "", ""),
        "cancelled": (t("Cancelled"), "", ""),
    }
    return said.get(appointments.came_of(one), ("", "", ""))
