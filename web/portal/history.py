"""The ledger as its owner reads it: each line's why and what there was after it, by parts, and all of it as a file."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from bot.cards.points import said, signed
from loyalty import points
from loyalty.points import PARTS, Part
from models.loyalty import LoyaltyProfile, PointTransaction
from runtime.language import Language
from web.portal.pages import Pages
from web.portal.showing import base
from web.portal.visit import File, Missing, Page, Visit, Wrong

A_PAGE = 20
MOST = 5_000
"""Lines in a file: a customer of many years has some hundreds."""
_FORMULA = "=+-@\t\r"
"""What begins so in a cell is worked out by a spreadsheet, and what the till calls a treatment is nobody's formula."""

pages = Pages()


@dataclass(frozen=True)
class Line:
    why: str
    on: str
    moved: str
    left: str
    tone: str


@pages.show("/history")
def history(visit: Visit) -> Page:
    profile, part, before = _brought_up(visit), _part(visit.asked), _place(visit)
    found, older = points.history(visit.session, profile.customer, before=before, limit=A_PAGE, only=part)
    lines = [_line(visit.t, *one) for one in _told(visit, found)]
    here = f"{base(visit.clinic.slug)}/history"
    values = {
        "lines": lines, "part": part or "all", "parts": _parts(visit.t, here),
        "earlier": _address(here, part, older) if older else "", "newest": _address(here, part) if before else "",
        "download": visit.held.way != "liff",
    }  # fmt: skip
    return Page("history.html", values)


@pages.show("/history/file")
def file(visit: Visit) -> File:
    """All of it, the newest first, as a spreadsheet opens it: with a mark that says it is UTF-8."""
    profile, t = _brought_up(visit), visit.t
    found, older = points.history(visit.session, profile.customer, limit=MOST)
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow([t("Date"), t("Time"), t("What for"), t("Points"), t("Balance")])
    for line, why, left in _told(visit, found):
        at = line.occurred_at.astimezone(t.zone)
        sheet.writerow([f"{at:%Y-%m-%d}", f"{at:%H:%M}", _plain(why), line.amount, left])
    if older is not None:
        sheet.writerow(["", "", t("What is older stands in the copy of your data, for which you can ask in our chat.")])
    name = f"points-{visit.now.astimezone(t.zone):%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return File(text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", headers)


def _brought_up(visit: Visit) -> LoyaltyProfile:
    if visit.profile is None:
        raise Missing
    points.up_to_date(visit.session, visit.profile, visit.now)
    return visit.profile


def _told(visit: Visit, lines: Sequence[PointTransaction]) -> Iterable[tuple[PointTransaction, str, int]]:
    """Each with its why, and what there was to spend after it."""
    named = points.named(visit.session, visit.clinic, lines)
    left = points.balances(visit.session, lines)
    return [(line, said(visit.t, line, named.get(line.id)), left[line.id]) for line in lines]


def _line(t: Language, line: PointTransaction, why: str, left: int) -> Line:
    balance = f"−{t.number(-left)}" if left < 0 else t.number(left)
    tone = "good" if line.amount > 0 else ""
    return Line(why, t.date(line.occurred_at), signed(t, line.amount), t("Balance {points}", points=balance), tone)


def _parts(t: Language, here: str) -> list[tuple[str, str, str]]:
    said_of: dict[Part, str] = {"earned": t("Earned"), "spent": t("Spent"), "expired": t("Expired")}
    return [("all", t("All"), here), *((part, word, _address(here, part)) for part, word in said_of.items())]


def _part(asked: Mapping[str, str]) -> Part | None:
    """Raises `Wrong` for one that there is not."""
    if "show" not in asked:
        return None
    found = next((part for part in PARTS if part == asked["show"]), None)
    if found is None:
        raise Wrong
    return found


def _place(visit: Visit) -> UUID | None:
    """The line behind which to go on. Raises `Wrong` for what is no id, and `Missing` for somebody else's."""
    if "before" not in visit.asked:
        return None
    try:
        id_ = UUID(visit.asked["before"])
    except ValueError as error:
        raise Wrong from error
    line = visit.session.get(PointTransaction, (id_, visit.clinic.id))
    if line is None or line.customer_id != visit.customer.id:
        raise Missing
    return id_


def _address(here: str, part: Part | None, before: UUID | None = None) -> str:
    said_of = {"show": part, "before": before}
    query = urlencode({name: value for name, value in said_of.items() if value})
    return f"{here}?{query}" if query else here


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(tuple(_FORMULA)) else text
