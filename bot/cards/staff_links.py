"""What the staff's group is shown of friends who are to be linked with a record: the code, and the question."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.cards.frame import palette_of
from bot.cards.staff_till import who_is
from bot.words import wording
from channels.line.flex import (
    GAP,
    GAP_LARGE,
    GAP_SMALL,
    SMALL,
    Flex,
    bubble,
    button,
    caption,
    key_value,
    message,
    separator,
    text,
    title,
)
from channels.line.messages import Card
from channels.message import aloud
from customers import cards, contacts, one_time
from customers.voice import first_name
from models.clinics import Clinic
from models.customers import Customer
from models.one_time import OneTimeCode
from runtime.language import Language

SHOWN = 3
"""Records of one phone that the group chooses from; of more, staff look for the person."""


def wanted(
    clinic: Clinic, t: Language, row: OneTimeCode, taker: Customer, found: Sequence[Customer]
) -> tuple[str, Flex]:
    """Somebody in LINE wants to be linked with a record: staff show the code, if that person stands before them."""
    said = t("{name} in LINE wants their record linked", name=who_is(t, taker))
    how = t("Only if they stand before you, and you know that it is them: show the code and read it out to them.")
    buttons = [
        button(
            _show_code(t, one),
            message(wording(t, "link", f"{one_time.short_of(row)} {one_time.short_of(one)}")),
            palette_of(clinic),
            "secondary",
        )
        for one in found[:SHOWN]
    ]
    return aloud(said, how), bubble(title(said), text(how, size=SMALL, margin=GAP), buttons=buttons)


def link_buttons(clinic: Clinic, t: Language, found: Sequence[tuple[Customer, str]]) -> list[Flex]:
    """For those who were found and are no friends in LINE, by the code of the look-up."""
    return [
        button(
            _show_code(t, one),
            message(wording(t, "link", short)),
            palette_of(clinic),
            "secondary",
        )
        for one, short in found[:SHOWN]
    ]


def _show_code(t: Language, record: Customer) -> str:
    name = first_name(record)
    return t("Show a code for {name}", name=name) if name else t("Show the code")


def code(t: Language, code: str, record: Customer) -> Card:
    """To be read out, to one person: it leads to this record."""
    shown, name = f"{code[:3]} {code[3:]}", first_name(record) or t("the record")
    how = t(
        "Read it out to {name}, who stands before you, and to nobody by phone or chat. They type it in our LINE chat "
        "within ten minutes.",
        name=name,
    )
    heading = t("Code for {name}", name=name) if first_name(record) else t("Code to read out")
    return Card(
        aloud(heading, shown, how),
        bubble(caption(heading), title(shown, margin=GAP_SMALL), text(how, margin=GAP)),
    )


def shall_it_be_linked(
    session: Session, clinic: Clinic, t: Language, row: OneTimeCode, taker: Customer, record: Customer
) -> tuple[str, Flex]:
    """The right code was typed, and the record holds something: a person looks who would get it."""
    palette, digits = palette_of(clinic), contacts.last_digits(session, record)
    name, friend, short = first_name(record) or t("the record"), who_is(t, taker), one_time.short_of(row)
    said = t("Link the record of {name} with {friend} in LINE?", name=name, friend=friend)
    why = t("It holds payments, visits or points, or was silent for a year.")
    good = t("For 30 days a manager can take the two apart again.")
    lines = [key_value(t("Phone"), f"…{digits}", margin=GAP)] if digits else []
    if record.member_number:
        lines.append(key_value(t("Number"), cards.spaced(record.member_number), margin=GAP_SMALL))
    return aloud(said, why, good), bubble(
        title(said),
        *lines,
        separator(GAP_LARGE),
        text(f"{why} {good}", size=SMALL, margin=GAP),
        buttons=[
            button(t("Link them"), message(wording(t, "link_yes", short)), palette),
            button(t("Do not link"), message(wording(t, "link_no", short)), palette, "quiet"),
        ],
    )
