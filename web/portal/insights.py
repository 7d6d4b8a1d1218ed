"""What the last twelve months come to: spending, how often one comes, what one likes; each with what it means."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from customers import appointments, habits
from customers.branches import in_words
from customers.habits import Had, Rhythm
from runtime.language import Language
from web import charts
from web.charts import Mark
from web.portal.pages import Pages
from web.portal.visit import Page, Visit

pages = Pages()
SHOWN = 5
"""Kinds of treatments that are drawn; the table has all."""


@dataclass(frozen=True)
class Chart:
    """One of the page. Without a drawing there is nothing to draw yet, and `said` says what will be."""

    title: str
    said: str
    drawing: Markup | None = None
    heads: Sequence[str] = ()
    lines: Sequence[Sequence[str]] = ()


@pages.show("/insights")
def insights(visit: Visit) -> Page:
    return Page("insights.html", {"charts": [spending(visit), visits(visit), favourites(visit)]})


def spending(visit: Visit) -> Chart:
    t, found = visit.t, habits.spent(visit.session, visit.customer, visit.now)
    title, in_all, this = t("Spending by month"), sum(found.values()), list(found)[-1]
    if not in_all:
        return Chart(title, t("Nothing was paid within the last 12 months. What you pay at the clinic appears here."))
    most = max(found, key=lambda month: (found[month], month))
    said = t("You spent {baht} in the last 12 months, refunds taken off, the most in {month}: {most}.",
             baht=t.baht(in_all), month=t.month(most), most=t.baht(found[most]))  # fmt: skip
    marks = [Mark(t.month(one, year=False), baht, t.baht(baht), one == this) for one, baht in found.items()]
    lines = [(_named(t, one, this), t.baht(baht)) for one, baht in found.items()]
    return Chart(title, said, charts.columns(marks, said), (t("Month"), t("Paid")), lines[::-1])


def visits(visit: Visit) -> Chart:
    t, found = visit.t, habits.rhythm(visit.session, visit.customer, visit.now)
    title, this = t("How often you come"), list(found.by_month)[-1]
    if found.last is None:
        return Chart(
            title, t("No visit within the last 12 months. From the third one on we can say how often you come.")
        )
    said = rhythm(t, found, (visit.now.astimezone(t.zone).date() - found.last).days)
    marks = [Mark(t.month(one, year=False), n, t.number(n), one == this) for one, n in found.by_month.items()]
    lines = [(_named(t, one, this), t.number(n)) for one, n in found.by_month.items()]
    return Chart(title, said, charts.columns(marks, said), (t("Month"), t("Visits")), lines[::-1])


def rhythm(t: Language, found: Rhythm, ago: int) -> str:
    """What it means, and no more than so few visits can say."""
    last = t("the last visit was today")
    if ago:
        last = t.n("the last visit was {count} day ago", "the last visit was {count} days ago", ago)
    if found.usual is not None:
        return t.n("You come about every day; {last}.", "You come about every {count} days; {last}.", found.usual,
                   last=last)  # fmt: skip
    return t.n("{count} visit in 12 months, too few for a rhythm; {last}.",
               "{count} visits in 12 months, too few for a rhythm; {last}.", found.days, last=last)  # fmt: skip


def favourites(visit: Visit) -> Chart:
    t, found = visit.t, habits.had(visit.session, visit.customer, visit.now)
    title = t("Your favourite treatments")
    if not found:
        return Chart(title, t("No treatment within the last 12 months. What you have at the clinic is counted here."))
    names = _names(visit, found)
    level, first = [one for one in found if one.times == found[0].times], found[0]
    if sum(one.times for one in found) == 1:
        said = t("{name}, once so far: a favourite shows with the next visits.", name=names[0])
    elif len(level) == 1:
        said = t.n("{name} is what you have most: {times} of {count} time.",
                   "{name} is what you have most: {times} of {count} times.",
                   sum(one.times for one in found), name=names[0], times=t.number(first.times))  # fmt: skip
    else:
        said = t.n("No single favourite: {kinds} are level, each {count} time.",
                   "No single favourite: {kinds} are level, each {count} times.",
                   first.times, kinds=t.number(len(level)))  # fmt: skip
    lines = [(name, t.number(one.times)) for name, one in zip(names, found, strict=True)]
    marks = [Mark(name, one.times, t.number(one.times)) for name, one in zip(names, found, strict=True)]
    return Chart(title, said, charts.bars(marks[:SHOWN], said), (t("Treatment"), t("Times")), lines)


def _names(visit: Visit, found: Sequence[Had]) -> list[str]:
    """In the clinic's own words; of what its file does not know, in the source's."""
    codes = [one.code for one in found if one.code]
    services = appointments.services_by_code(visit.session, visit.clinic, codes)
    known = {code: in_words(one.names, visit.t.code, code) for code, one in services.items()}
    return [known.get(one.code or "") or one.name or one.code or "" for one in found]


def _named(t: Language, month: date, this: date) -> str:
    return t("{month}, so far", month=t.month(month)) if month == this else t.month(month)
