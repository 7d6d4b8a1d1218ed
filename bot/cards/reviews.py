"""Cards of reviews: the stars to choose from, and the way to tell others too."""

from bot.cards.frame import palette_of
from channels.line import draw
from channels.line.flex import GAP, bubble, button, text, title, uri
from channels.line.messages import Card
from channels.message import aloud
from followups import moments
from models.clinics import Clinic
from models.facts import Visit
from runtime.language import Language


def stars(clinic: Clinic, t: Language, visit: Visit) -> Card:
    """As it is asked unasked."""
    return draw.card(moments.question(clinic, t, visit), palette_of(clinic))


def public(clinic: Clinic, t: Language, address: str) -> Card:
    """For everybody who has answered, whatever they said: nothing is given for it."""
    heading = t("Would you like to tell others too?")
    lead = t("What you write there helps people who look for a clinic. It is up to you, and brings no points.")
    open_it = button(t("Write a public review"), uri(address), palette_of(clinic), "secondary")
    return Card(aloud(heading, lead), bubble(title(heading), text(lead, size="sm", margin=GAP), buttons=[open_it]))
