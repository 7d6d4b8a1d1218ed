"""Referrals that wait for a manager: who brought whom, and why somebody looks first."""

from collections.abc import Sequence

from bot.cards.frame import palette_of
from bot.cards.staff_till import who_is
from bot.words import wording
from channels.line.flex import GAP, GAP_SMALL, SMALL, Flex, bubble, button, carousel, key_value, message, text, title
from channels.line.messages import Card
from channels.message import aloud
from customers import cards
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Referral
from runtime.language import Language

SHOWN = 10
People = tuple[Customer | None, Customer | None]
"""Who brought, and who was brought, as they stand today; None who was forgotten."""


def code_of(referral: Referral) -> str:
    return referral.id.hex[-6:].upper()


def listed(clinic: Clinic, t: Language, waiting: Sequence[tuple[Referral, People]]) -> Card:
    shown = waiting[:SHOWN]
    alt = t.n("{count} referral waits for a decision.", "{count} referrals wait for a decision.", len(waiting))
    names = ", ".join(said(t, *each) for each in shown)
    return Card(aloud(alt, names), carousel([referral(clinic, t, *each) for each in shown]))


def none(t: Language) -> str:
    return t("No referral waits for a decision.")


def decided(t: Language, people: People, *, approve: bool) -> str:
    who, friend = (_name(t, one) for one in people)
    if approve:
        return t("Noted: {name} is paid for bringing {friend} when its days are over.", name=who, friend=friend)
    return t("Noted: {name} is not paid for bringing {friend}.", name=who, friend=friend)


def said(t: Language, one: Referral, people: People) -> str:
    """Read aloud: who brought whom, and why it waits."""
    who, friend = (_name(t, each) for each in people)
    return aloud(t("{name} brought {friend}", name=who, friend=friend), suspicion(t, one))


def suspicion(t: Language, one: Referral) -> str:
    """Why somebody looks first."""
    reasons = {
        "many_in_a_day": t("Many friends of one member on one day."),
        "shared_phone": t("The friend's phone is known of somebody else."),
    }
    return reasons.get(one.reason or "", one.reason or "-")


def referral(clinic: Clinic, t: Language, one: Referral, people: People) -> Flex:
    palette, code = palette_of(clinic), code_of(one)
    referrer, friend = people
    return bubble(
        title(t("{name} brought {friend}", name=_name(t, referrer), friend=_name(t, friend))),
        key_value(t("Referrer"), _numbered(t, referrer), margin=GAP),
        key_value(t("Friend"), _numbered(t, friend), margin=GAP_SMALL),
        key_value(t("When"), t.date(one.bound_at), margin=GAP_SMALL),
        text(suspicion(t, one), size=SMALL, margin=GAP),
        buttons=[
            button(t("Pay for it"), message(wording(t, "approve_referral", code)), palette),
            button(t("Do not pay"), message(wording(t, "refuse_referral", code)), palette, "quiet"),
        ],
    )


def _name(t: Language, who: Customer | None) -> str:
    return t("somebody who was forgotten") if who is None else who_is(t, who)


def _numbered(t: Language, who: Customer | None) -> str:
    """The number alone where there is one: the title has the names, and both do not fit into half a line."""
    number = who.member_number if who is not None else None
    return cards.spaced(number) if number else _name(t, who)
