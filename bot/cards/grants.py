"""What somebody may receive or do for another: what stands, a code that gives it, and the question to who typed one."""

from collections.abc import Sequence

from bot.cards.frame import palette_of, tap
from channels.line.flex import GAP, GAP_SMALL, SMALL, Flex, bubble, caption, carousel, text, title
from channels.line.messages import Card
from channels.message import Action, aloud
from customers import grants
from followups.grants import called, other
from models.clinics import Clinic
from models.customers import Customer
from models.grants import Grant, What
from models.one_time import OneTimeCode
from runtime.language import Language

SHOWN = 9
"""Grants that one card shows beside the ways to give one."""


def _never(t: Language) -> str:
    return t("They never see what was treated, what you wrote, or your points.")


def standing(clinic: Clinic, t: Language, customer: Customer, found: Sequence[Grant]) -> Card:
    """The ways to let somebody do something, and what stands, on either side, each with its end."""
    palette, heading = palette_of(clinic), t("Let somebody help you")
    lead = t("Choose what somebody may have for you. You get a code, and they type it in this chat.")
    ways = [tap(_label(t, what), Action("grant_code", what=what), palette, "secondary") for what in grants.WHAT]
    first = bubble(
        title(heading), text(lead, size=SMALL, margin=GAP), caption(_never(t), margin=GAP_SMALL), buttons=ways
    )
    said = [_line(t, customer, one) for one in found[:SHOWN]]
    rest = [_grant(clinic, t, customer, one) for one in found[:SHOWN]]
    return Card(aloud(heading, lead, *said), carousel([first, *rest]) if rest else first)


def code(t: Language, what: What, code: str) -> Card:
    shown, heading = f"{code[:3]} {code[3:]}", _label(t, what)
    how = t("Tell this code only to whom you trust. They type it in their own chat with us within ten minutes.")
    return Card(
        aloud(heading, shown, how),
        bubble(caption(heading), title(shown, margin=GAP_SMALL), text(how, margin=GAP), caption(_never(t), margin=GAP)),
    )


def accept(clinic: Clinic, t: Language, row: OneTimeCode, owner: Customer, what: What) -> Card:
    """Both answers are of equal size and weight."""
    palette = palette_of(clinic)
    heading = t("{name} lets you have this for them: {what}", name=other(t, owner), what=called(t, what))
    note = t("Either of you can end it at any time.")
    return Card(
        aloud(heading, note),
        bubble(
            title(heading),
            text(note, size=SMALL, margin=GAP),
            buttons=[
                tap(t("Accept"), Action("grant", code=row.id, answer="yes"), palette, "secondary"),
                tap(t("Do not accept"), Action("grant", code=row.id, answer="no"), palette, "secondary"),
            ],
        ),
    )


def _grant(clinic: Clinic, t: Language, customer: Customer, grant: Grant) -> Flex:
    until = [caption(t("Until {date}", date=t.date(grant.until)), margin=GAP_SMALL)] if grant.until else []
    return bubble(
        title(_line(t, customer, grant)),
        *until,
        buttons=[tap(t("End this"), Action("end_grant", grant=grant.id), palette_of(clinic), "secondary")],
    )


def _line(t: Language, customer: Customer, grant: Grant) -> str:
    what = called(t, grant.what)
    if grant.owner_id == customer.id:
        return t("{name} for you: {what}", name=other(t, grant.holder), what=what)
    return t("You for {name}: {what}", name=other(t, grant.owner), what=what)


def _label(t: Language, what: What) -> str:
    labels: dict[What, str] = {
        "reminders": t("Reminders for me"),
        "bookings": t("Bookings for me"),
        "billing": t("Bills for me"),
    }
    return labels[what]
