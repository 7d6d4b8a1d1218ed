"""What the staff's group is shown of two records that are to be taken apart again, and what has become of it."""

from collections.abc import Mapping

from bot.cards.frame import palette_of
from bot.cards.staff_till import question, who_is
from bot.words import wording
from channels.line.flex import GAP, GAP_LARGE, SMALL, bubble, button, key_value, message, separator, text, title
from channels.line.messages import Card
from channels.message import aloud
from customers.voice import first_name
from loyalty.apart import Returned
from models.clinics import Clinic
from models.customers import Customer
from models.staff import StaffAct
from runtime.language import Language


def shall_they_be_two(
    clinic: Clinic,
    t: Language,
    act: StaffAct,
    person: Customer,
    record: Customer,
    names: Mapping[str, str],
    *,
    in_line: bool,
) -> Card:
    said = t("Take {name} and the record of {other} apart?", name=who_is(t, person), other=_record(t, record))
    back = t(
        "The record gets back its payments, visits and treatments, what is left of its points, and what its own "
        "number has told of since. What was spent meanwhile stays spent."
    )
    told = t("The customer is told in LINE.") if in_line else ""
    note = f"{told} {question(t, act, names)}".strip()
    return Card(
        aloud(said, back, note),
        bubble(
            title(said),
            text(back, size=SMALL, margin=GAP),
            separator(GAP_LARGE),
            text(note, size=SMALL, margin=GAP),
            buttons=[
                button(t("Take them apart"), message(wording(t, "confirm", act.code)), palette_of(clinic)),
                button(t("Cancel"), message(wording(t, "decline", act.code)), palette_of(clinic), "quiet"),
            ],
        ),
    )


def apart(t: Language, person: Customer, record: Customer, returned: Returned) -> Card:
    said = t("Taken apart: {name}, and the record of {other}.", name=who_is(t, person), other=_record(t, record))
    back = t.n("{count} point", "{count} points", returned.points)
    gone = t.n("{count} point", "{count} points", returned.gone)
    lines = [key_value(t("Back with the record"), back, margin=GAP)]
    if returned.gone:
        lines.append(key_value(t("Spent or expired meanwhile"), gone, margin=GAP))
    return Card(aloud(said, back, gone), bubble(title(said), *lines))


def how(t: Language) -> str:
    words = wording(t, "unlink", "M 4829 1375")
    return t("Write the member's number, or the phone of the record: “{words}”.", words=words)


def refused(t: Language, why: str) -> str:
    reasons = {
        "nothing": t("Nothing was linked with this customer that could be taken apart."),
        "too_late": t("It was linked more than 30 days ago, and cannot be taken apart any more."),
        "again": t("One of the two was made one with another record since, so they cannot be taken apart."),
        "erased": t("The data of one of the two was erased, so they cannot be taken apart."),
    }
    return reasons[why]


def _record(t: Language, record: Customer) -> str:
    return first_name(record) or t("the record")
