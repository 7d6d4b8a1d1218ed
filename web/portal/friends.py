"""Friends: one's own code and the ways to hand it on, how far those have come who used it, and what each brings."""

from dataclasses import dataclass

from bot.cards import referrals as cards
from loyalty import referrals
from loyalty.referrals import Friend
from web.pictures import qr_address
from web.portal.pages import Pages
from web.portal.visit import Missing, Page, Visit

pages = Pages()

SHOWN = 50
"""Friends by themselves, the newest; all are counted."""
COINS = {"paid": "good", "qualified": "", "review": "", "bound": ""}


@dataclass(frozen=True)
class Brought:
    """A friend in words; nobody's name: that they were treated is theirs to tell. `points` is 0 where none come."""

    who: str
    state: str
    coin: str
    points: int
    received: bool


@pages.show("/friends")
def friends(visit: Visit) -> Page:
    profile, terms, t = visit.profile, visit.clinic.settings.referral, visit.t
    if profile is None or not terms.enabled:
        raise Missing
    own, counts = profile.referral_code, referrals.counts(visit.session, visit.customer)
    brought = [_brought(visit, one) for one in referrals.friends(visit.session, visit.customer, SHOWN)]
    chat = cards.chat_link(visit.clinic, t, own)
    values = {
        "code": own, "promise": cards.promise(t, terms), "share": cards.share_link(visit.clinic, t, own),
        "picture": qr_address(chat) if chat else "", "groups": cards.groups(t, counts), "brought": brought,
        "more": max(sum(counts.values()) - len(brought), 0),
    }  # fmt: skip
    return Page("friends.html", values)


def _brought(visit: Visit, one: Friend) -> Brought:
    t, received = visit.t, one.state == "paid"
    coming = visit.clinic.settings.referral.points_referrer if one.state in ("bound", "qualified", "review") else 0
    return Brought(
        who=t("Friend {number}, since {date}", number=t.number(one.number), date=t.date(one.bound_at)),
        state=cards.state(t, one),
        coin=COINS.get(one.state, "off"),
        points=(one.points or 0) if received else coming,
        received=received,
    )
