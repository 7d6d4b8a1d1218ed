"""Courses: what is left of each, as the chat says it. Read only: nobody changes a course but the clinic."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.courses import called, lines, state_in_words, what_is_left
from customers import appointments, booking_links, branches, courses
from web.portal.pages import Pages
from web.portal.reaching import Way, ways
from web.portal.visit import Page, Visit

pages = Pages()
MOST = 200
"""That are looked for: more nobody has."""


@dataclass(frozen=True)
class Held:
    """A course in words. `left` of `sessions`, for the bar."""

    name: str
    said: str
    left: int
    sessions: int
    state: str
    lines: Sequence[str]


@pages.show("/courses")
def left(visit: Visit) -> Page:
    reach: Sequence[Way] = ways(visit, branches.active(visit.session, visit.clinic))
    booking = booking_links.of_clinic(visit.session, visit.customer, visit.now)
    return Page("courses.html", {"held": held(visit), "reach": reach, "booking": booking})


def held(visit: Visit) -> list[Held]:
    t, session, clinic, today = visit.t, visit.session, visit.clinic, visit.now.astimezone(visit.t.zone).date()
    found = courses.of_customer(session, visit.customer, today, MOST)
    # Kept as long as the words are made, so that no course asks for its own.
    origins = courses.origins(session, clinic, found)
    codes = [code for one in (*found, *origins) if (code := one.service_code)]
    services = appointments.services_by_code(session, clinic, codes)
    planned = courses.next_planned(session, clinic, found, visit.now)
    return [
        Held(
            name=called(t, one, services),
            said=what_is_left(t, one),
            left=courses.left(one),
            sessions=max(courses.sessions_of(one), 1),
            state=state_in_words(t, one, today),
            lines=lines(t, one, planned.get(one.id), today),
        )
        for one in found
    ]
