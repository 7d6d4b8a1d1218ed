"""Courses: what is left of them as the clinic's system told it, and the ways to have the next session."""

from bot.cards import clinic as clinic_cards
from bot.cards import courses as cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import appointments, booking_links, branches, courses

MOST = 200
"""That are looked for: more nobody has."""


@hear.text("courses")
@hear.subject("courses")
@hear.postback("courses")
def left(chat: Chat, page: int = 1) -> Reply:
    """Read only: nobody changes a course but the clinic. A button of more that there were leads to the last page."""
    t, clinic, session = chat.t, chat.clinic, chat.session
    booking = booking_links.of_clinic(session, chat.customer, chat.now)
    today = chat.now.astimezone(t.zone).date()
    held = courses.of_customer(session, chat.customer, today, MOST)
    if held:
        codes = [code for one in held if (code := courses.service_of(one))]
        services = appointments.services_by_code(session, clinic, codes)
        planned = courses.next_planned(session, clinic, held, chat.now)
        card = cards.left(clinic, t, held, services, planned, today, booking, min(max(page, 1), cards.pages(held)))
    else:
        lead = t("Our team will gladly tell you what is left of your courses, and book the next session:")
        card = clinic_cards.reach(clinic, t, t("My courses"), lead, branches.active(session, clinic), booking)
    return say(card, choices=ways_on(t, member=chat.member))
