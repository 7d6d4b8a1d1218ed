"""Two customers with one phone or e-mail: what the staff's group is asked about them."""

from collections.abc import Sequence

from bot.cards.frame import palette_of
from bot.cards.sources import named
from bot.cards.staff_till import who_is
from bot.words import wording
from channels.line.flex import GAP, GAP_SMALL, SMALL, Flex, bubble, button, carousel, key_value, message, text, title
from channels.line.messages import Card
from channels.message import aloud
from customers import cards, families
from customers.families import People
from models.clinics import Clinic
from models.customers import Customer
from models.shared_contacts import SharedContact
from runtime.language import Language


def question(clinic: Clinic, t: Language, shared: SharedContact, two: People) -> tuple[str, Flex]:
    """Their first names and numbers, and no more; its buttons speak for whoever taps them."""
    palette, short = palette_of(clinic), families.short_of(shared)
    first, second = (_who(t, one) for one in two)
    said = t("{first} and {second}: the same person, or a family?", first=first, second=second)
    why = _why(t, shared)
    return aloud(said, why), bubble(
        title(said),
        text(why, size=SMALL, margin=GAP),
        key_value(t("Told by"), named(t, shared.source), margin=GAP_SMALL),
        buttons=[
            button(t("The same person"), message(wording(t, "same_person", short)), palette, "secondary"),
            *(
                []
                if shared.state in families.KEPT
                else [
                    button(t("A family"), message(wording(t, "family", short)), palette, "secondary"),
                    button(t("Decide later"), message(wording(t, "decide_later", short)), palette, "quiet"),
                ]
            ),
        ],
    )


def listed(clinic: Clinic, t: Language, found: Sequence[tuple[SharedContact, People]]) -> Card:
    alt = t.n("{count} pair of customers has one contact.", "{count} pairs of customers have one contact.", len(found))
    return Card(alt, carousel([question(clinic, t, *one)[1] for one in found]))


def none(t: Language) -> str:
    return t("No two customers with one phone or e-mail wait for a decision.")


def none_of(t: Language) -> str:
    return t("Of this customer nobody was asked whether they and somebody else are one person.")


def family(t: Language, two: People, short: str) -> str:
    first, second = (_who(t, one) for one in two)
    said = t("Noted: {first} and {second} are two people, and nobody is asked again.", first=first, second=second)
    return f"{said} {wrong(t, short)}"


def wrong(t: Language, short: str) -> str:
    words = wording(t, "same_person", short)
    return t("If that is wrong, a manager writes “{words}”.", words=words)


def how(t: Language) -> str:
    words = wording(t, "same_person", "M 4829 1375")
    return t("Write the member's number or phone: “{words}”.", words=words)


def _why(t: Language, shared: SharedContact) -> str:
    if shared.state == "family":
        return t("It was said that they are a family. Only a manager makes them one.")
    if shared.state == "apart":
        return t("A manager has taken them apart. Only a manager makes them one.")
    return t("The same phone is told of both.") if shared.kind == "phone" else t("The same e-mail is told of both.")


def later(t: Language) -> str:
    return t("It waits. To see it again, write “{words}”.", words=wording(t, "shared_contacts"))


def both_friends(t: Language) -> str:
    return t("Both are friends in LINE and speak for themselves, so they are not made one here.")


def _who(t: Language, customer: Customer) -> str:
    name = who_is(t, customer)
    return f"{name} ({cards.spaced(customer.member_number)})" if customer.member_number else name
