"""The question whether a treatment may choose what is offered: by itself, with a yes and a no of equal weight."""

from bot.cards.frame import palette_of, tap
from channels.line.flex import CLOSE, GAP, SMALL, bubble, text, title
from channels.line.messages import Card
from channels.message import Action, aloud
from models.clinics import Clinic
from runtime.language import Language


def question_text(clinic: Clinic, t: Language) -> str:
    """As it is shown; its hash is kept with the answer."""
    return t(
        "May {clinic} look at the treatments you had here, which tell of your health, to suggest what goes well with "
        "them? The suggestions come in LINE and name no treatment in the notification. You can change your mind at "
        "any time, and nothing else depends on your answer.",
        clinic=clinic.called(t.code),
    )


def question(clinic: Clinic, t: Language) -> Card:
    palette, heading, what = palette_of(clinic), t("What goes with your treatments"), question_text(clinic, t)
    buttons = [
        tap(t("Yes, please"), Action("fitting", answer="yes"), palette, "secondary"),
        tap(t("No, thank you"), Action("fitting", answer="no"), palette, "secondary"),
    ]
    return Card(
        aloud(heading, what), bubble(title(heading), text(what, size=SMALL, margin=GAP), padding=CLOSE, buttons=buttons)
    )
