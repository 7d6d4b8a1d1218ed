"""What was redeemed: the code to show while it can be used, what has become of it, and giving it back."""

from uuid import UUID

from bot.cards import redemptions as cards
from bot.cards.rewards import described, named
from loyalty import redemptions
from loyalty.errors import RedemptionRefused
from loyalty.redemptions import state_of
from models.rewards import Redemption
from runtime.actors import CUSTOMER
from runtime.codes import spaced
from runtime.language import Language
from web.pictures import qr_address
from web.portal.pages import Pages
from web.portal.visit import Missing, Page, Shown, To, Visit


def _done(t: Language) -> dict[str, str]:
    return {
        "cancelled": t("Cancelled. Its points are yours again."),
        "cancelled-partly": t("Cancelled. Those of its points that had not expired are yours again."),
        "cancelled-late": t("Cancelled. Its points had expired already."),
        "cancelled-elsewhere": t("Cancelled."),
    }


pages = Pages(_done)


@pages.show("/redemptions")
def mine(visit: Visit) -> Page:
    """Those that can be used first; `?before=` is the last of the page that was shown."""
    found, older = redemptions.good_first(
        visit.session, visit.customer, visit.now, before=_id(visit.asked.get("before", ""))
    )
    shown = [(one.id, named(one.reward, visit.t), _fate(visit, one), state_of(one, visit.now)) for one in found]
    return Page("redemptions.html", {"shown": shown, "older": older, "first": "before" not in visit.asked})


@pages.show("/redemptions/<uuid:redemption>")
def one(visit: Visit, redemption: UUID) -> Page:
    return _shown(visit, _own(visit, redemption), "redemption.html")


@pages.show("/redemptions/<uuid:redemption>/cancel")
def question(visit: Visit, redemption: UUID) -> Shown:
    """Before a code is given back. What was used or has lapsed meanwhile says so."""
    found = _own(visit, redemption)
    if state_of(found, visit.now) != "issued":
        return To(f"/redemptions/{found.id}")
    return _shown(visit, found, "cancelling.html")


@pages.do("/redemptions/<uuid:redemption>/cancel")
def cancel(visit: Visit, redemption: UUID) -> To:
    """Once: a second tap finds what has become of it."""
    found = _own(visit, redemption)
    try:
        back = redemptions.cancel(visit.session, found, visit.now, actor=CUSTOMER)
    except RedemptionRefused:
        return To(f"/redemptions/{found.id}")
    if back:
        done = "cancelled" if back == found.points else "cancelled-partly"
    else:
        elsewhere = redemptions.all_elsewhere(visit.session, found)
        done = "cancelled-elsewhere" if elsewhere else "cancelled-late"
    return To(f"/redemptions/{found.id}", done)


def _own(visit: Visit, redemption: UUID) -> Redemption:
    found = redemptions.own(visit.session, visit.customer, redemption)
    if found is None:
        raise Missing
    return found


def _shown(visit: Visit, found: Redemption, template: str) -> Page:
    state = state_of(found, visit.now)
    values = {
        "id": found.id, "reward": found.reward_id, "name": named(found.reward, visit.t), "state": state,
        "said": described(found.reward, visit.t), "fate": _fate(visit, found), "points": found.points,
        "code": spaced(found.code), "picture": qr_address(found.code) if state == "issued" else "",
    }  # fmt: skip
    return Page(template, values)


def _fate(visit: Visit, found: Redemption) -> str:
    return cards.fate(visit.t, found, visit.now)


def _id(text: str) -> UUID | None:
    """What was written into an address by hand is no place in the list."""
    try:
        return UUID(text)
    except ValueError:
        return None
