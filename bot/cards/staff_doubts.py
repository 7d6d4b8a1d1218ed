"""Payments that may have been told twice, for the staff to decide."""

import re
from collections.abc import Sequence

from bot.cards.frame import palette_of
from bot.cards.sources import named as named_source
from bot.cards.staff_till import who_is
from bot.words import wording
from channels.line.flex import GAP, GAP_SMALL, SMALL, Flex, bubble, button, carousel, key_value, message, text, title
from channels.line.messages import Card
from channels.message import aloud
from facts.paid import Recorded
from models.clinics import Clinic
from models.facts import Payment
from runtime.language import Language

SHOWN = 10
_CODE = re.compile(r"[0-9a-f]{6}", re.IGNORECASE)


def is_code(said: str) -> bool:
    return _CODE.fullmatch(said) is not None


def code_of(payment: Payment) -> str:
    """The end of its id: told apart from the few others that wait."""
    return payment.id.hex[-6:].upper()


def listed(clinic: Clinic, t: Language, payments: Sequence[Payment]) -> Card:
    """The first of them, each with two buttons that speak for whoever taps them."""
    shown = payments[:SHOWN]
    alt = t.n("{count} payment may have been told twice.", "{count} payments may have been told twice.", len(payments))
    return Card(aloud(alt, *(named(t, one) for one in shown)), carousel([doubt(clinic, t, one) for one in shown]))


def none(t: Language) -> str:
    return t("No payment waits for a decision.")


def decided(t: Language, recorded: Recorded, *, counts: bool) -> str:
    name, amount = who_is(t, recorded.payment.customer), t.baht(recorded.payment.amount)
    if not counts:
        return t("Noted: {amount} of {name} was one purchase, and earns once.", amount=amount, name=name)
    points = t.n("{count} point", "{count} points", recorded.earned or recorded.promised)
    return t("Noted: {amount} of {name} is a purchase of its own: {points}.", amount=amount, name=name, points=points)


def named(t: Language, payment: Payment) -> str:
    return f"{t.baht(payment.amount)} · {who_is(t, payment.customer)}"


def why(t: Language, payment: Payment) -> str:
    if payment.uncounted is None:
        return t("Another system told the same amount of another record, which is this customer's by now: both count.")
    return t("Another system has told the same amount for the same customer within two hours.")


def doubt(clinic: Clinic, t: Language, payment: Payment) -> Flex:
    palette, code = palette_of(clinic), code_of(payment)
    at = payment.paid_at.astimezone(t.zone)
    return bubble(
        title(named(t, payment)),
        key_value(t("Told by"), named_source(t, payment.source), margin=GAP),
        key_value(t("When"), f"{t.date(payment.paid_at)} {at:%H:%M}", margin=GAP_SMALL),
        text(why(t, payment), size=SMALL, margin=GAP),
        buttons=[
            button(t("The same purchase"), message(wording(t, "same_purchase", code)), palette),
            button(t("Another purchase"), message(wording(t, "another_purchase", code)), palette, "quiet"),
        ],
    )
