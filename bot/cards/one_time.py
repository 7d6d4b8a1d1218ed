"""What the friend is asked who has typed a code."""

from sqlalchemy.orm import Session

from bot.cards.frame import palette_of, tap
from channels.line.flex import GAP, GAP_LARGE, SMALL, bubble, separator, text, title
from channels.line.messages import Card
from channels.message import Action, aloud
from customers import contacts
from customers.one_time import TooManyCodes
from customers.voice import first_name
from models.clinics import Clinic
from models.customers import Customer
from models.one_time import OneTimeCode
from runtime.language import Language


def too_many(t: Language, refused: TooManyCodes) -> str:
    if refused.soon:
        return t("Codes were asked for too often. Please try again in an hour, or ask our staff at the counter.")
    return t("Codes were asked for too often. Please try again tomorrow, or ask our staff at the counter.")


def is_it_you(session: Session, clinic: Clinic, t: Language, row: OneTimeCode, record: Customer) -> Card:
    """First name and three digits, and no more, of a record that is not theirs yet."""
    palette, digits, name = palette_of(clinic), contacts.last_digits(session, record), first_name(record)
    who = ", ".join(filter(None, (name, digits and t("phone ending in {digits}", digits=digits))))
    heading = t("Is this you?")
    good = t("If it is, what stands in this record becomes yours. For 30 days the clinic can take it apart again.")
    shown = who or t("a record without a name or a phone")
    return Card(
        aloud(heading, shown, good),
        bubble(
            title(heading),
            text(shown, margin=GAP),
            separator(GAP_LARGE),
            text(good, size=SMALL, margin=GAP),
            buttons=[
                tap(t("Yes, that is me"), Action("link", code=row.id, answer="yes"), palette, "secondary"),
                tap(t("No, that is not me"), Action("link", code=row.id, answer="no"), palette, "secondary"),
            ],
        ),
    )
