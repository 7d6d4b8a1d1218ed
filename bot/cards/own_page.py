"""The way to the customer's own page."""

from bot.cards.frame import palette_of
from channels.line.flex import CLOSE, GAP, SMALL, bubble, button, text, title, uri
from channels.line.messages import Card
from channels.message import aloud
from models.clinics import Clinic
from runtime.language import Language


def page(clinic: Clinic, t: Language, address: str) -> Card:
    heading, lead = t("My page"), t("Your points, rewards, card and appointments, in one place.")
    return Card(
        aloud(heading, lead),
        bubble(
            title(heading),
            text(lead, size=SMALL, margin=GAP),
            padding=CLOSE,
            buttons=[button(t("Open my page"), uri(address), palette_of(clinic))],
        ),
    )
