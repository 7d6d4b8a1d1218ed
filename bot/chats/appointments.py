"""Appointments: the customer's next ones as the booking system told them, and the ways to book, move or cancel."""

from bot.cards import appointments as cards
from bot.cards import clinic as clinic_cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.routes import hear
from channels.line.messages import Reply, say
from customers import appointments, booking_links, branches

MOST = 200
"""That are looked for: more nobody has ahead of them."""


@hear.text("appointments")
@hear.subject("appointments")
@hear.subject("booking")
@hear.postback("appointments")
def ahead(chat: Chat, page: int = 1) -> Reply:
    """The booking link is the customer's own: what is booked by it comes back as theirs. A button of more that there
    were leads to the last page."""
    t, clinic, session = chat.t, chat.clinic, chat.session
    booking = booking_links.of_clinic(session, chat.customer, chat.now)
    coming = appointments.ahead(session, chat.customer, chat.now, MOST)
    places = branches.active(session, clinic)
    if coming:
        codes = [one.service_code for one in coming if one.service_code]
        services = appointments.services_by_code(session, clinic, codes)
        card = cards.ahead(clinic, t, coming, services, places, booking, min(max(page, 1), cards.pages(coming)))
    else:
        lead = t("To book, move or cancel an appointment, choose what suits you:")
        card = clinic_cards.reach(clinic, t, t("Appointments"), lead, places, booking)
    return say(card, choices=ways_on(t, member=chat.member))
