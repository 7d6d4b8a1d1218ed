"""The card of something that has just earned points."""

from bot.cards.frame import palette_of, tap
from channels.line.flex import GAP, GAP_LARGE, bubble, caption, figure, text, title
from channels.line.messages import Card
from channels.message import Action, aloud
from models.clinics import Clinic
from runtime.language import Language


def earned(clinic: Clinic, t: Language, heading: str, lead: str, points: int, question: str = "") -> Card:
    """What it was, the points if it gave any, and what is asked next if anything is."""
    palette = palette_of(clinic)
    gain = t.n("{count} point received", "{count} points received", points)
    return Card(
        aloud(heading, gain if points else "", lead, question),
        bubble(
            title(heading),
            *([figure(f"+{t.number(points)}", t("points"), color=palette.accent, margin=GAP_LARGE)] if points else []),
            text(lead, color=palette.muted, margin=GAP),
            *([caption(question, margin=GAP)] if question else []),
            buttons=[tap(t("My points"), Action("points"), palette, "secondary")],
        ),
    )
