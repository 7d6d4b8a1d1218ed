"""Cards of coming in: the greeting and the welcome."""

from bot.cards.frame import palette_of, tap
from channels.line.flex import GAP, GAP_LARGE, bubble, caption, figure, separator, text, title
from channels.line.messages import Card
from channels.message import Action, aloud
from models.clinics import Clinic
from runtime.language import Language


def greeting(clinic: Clinic, t: Language, points: int) -> Card:
    """To somebody who is not a member. Says what membership is before offering it."""
    palette = palette_of(clinic)
    heading = t("Welcome to {clinic}", clinic=clinic.called(t.code))
    lead = t(
        "Collect points with every visit, right here in LINE. "
        "Joining costs nothing and starts you with {points} points.",
        points=t.number(points),
    )
    return Card(
        aloud(heading, lead),
        bubble(
            title(heading),
            text(lead, color=palette.muted, margin=GAP),
            buttons=[
                tap(t("Become a member"), Action("join"), palette),
                tap(t("Read the privacy notice"), Action("notice"), palette, "secondary"),
                tap(t("Maybe later"), Action("later"), palette, "quiet"),
            ],
        ),
    )


def welcome(clinic: Clinic, t: Language, *, name: str | None, available: int) -> Card:
    """To somebody who has just joined."""
    palette = palette_of(clinic)
    heading = t("Welcome, {name}", name=name) if name else t("Welcome to the family")
    lead = t("You are a member now, and your first points are here.")
    return Card(
        aloud(heading, lead),
        bubble(
            title(heading),
            text(lead, color=palette.muted, margin=GAP),
            figure(t.number(available), t("points"), color=palette.accent, margin=GAP_LARGE),
            separator(GAP_LARGE),
            caption(t("Points of a treatment arrive by themselves, after you have paid."), margin=GAP),
            buttons=[
                tap(t("My points"), Action("points"), palette),
                tap(t("Privacy notice"), Action("notice"), palette, "quiet"),
            ],
        ),
    )
