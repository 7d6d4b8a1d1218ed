"""The card: who somebody is at the counter, by a code that lives some minutes. The page fetches the next one by itself
(`web/static/card.js`), so that what is shown is never about to be over.
"""

from bot.cards.frame import tier_name
from customers import cards
from customers.voice import first_name
from web.pictures import qr_address
from web.portal.pages import Pages, Place
from web.portal.visit import Missing, Page, Visit

pages = Pages(place=Place(40, "card", "/card", "qr-code", lambda t: t("My card")))


@pages.show("/card")
def card(visit: Visit) -> Page:
    profile = visit.profile
    if profile is None:
        raise Missing
    code = cards.show(visit.session, visit.customer, visit.now)
    number, living = code.text.split("-")
    left = (code.until - visit.now).total_seconds()
    values = {
        "metal": profile.current_tier, "tier": tier_name(profile.current_tier, visit.t),
        "name": first_name(visit.customer) or visit.clinic.called(visit.t.code), "number": cards.spaced(number),
        "living": " ".join(living), "picture": qr_address(code.text), "until": visit.t.time(code.until),
        "left": int(left), "next_in": int(max(left - cards.STEP.total_seconds(), 0)) + 1,
    }  # fmt: skip
    return Page("card.html", values)
