"""Cards of coming in: the greeting, the notice, the welcome, and the separate question about offers."""

from bot.cards.frame import palette_of, tap
from channels.line.flex import GAP, GAP_LARGE, bubble, caption, figure, separator, text, title
from channels.line.messages import Card
from channels.message import Action, aloud
from models.clinics import Clinic
from runtime.language import Language


def greeting(clinic: Clinic, t: Language, points: int) -> Card:
    """To somebody who is not a member. Says what membership is before offering it."""
    palette = palette_of(clinic)
    heading = t("Welcome to {clinic}", clinic=clinic.name)
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


def notice_text(clinic: Clinic, t: Language) -> str:
    """The privacy notice as it is shown; its hash is kept with who saw it."""
    return "\n\n".join(
        (
            t(
                "{clinic} keeps your LINE name, your points and your visits, to run your membership "
                "and to look after you.",
                clinic=clinic.name,
            ),
            t("Membership rests on our agreement with you. News and offers are a separate question, asked separately."),
            t(
                "Your data is encrypted. We never sell it, "
                "and only our staff and our service providers handle it for us."
            ),
            t("You may ask for a copy, a correction or erasure at any time: write to us in this chat."),
        )
    )


def notice(clinic: Clinic, t: Language, *, member: bool) -> Card:
    palette = palette_of(clinic)
    paragraphs = notice_text(clinic, t).split("\n\n")
    heading = t("Privacy notice")
    return Card(
        aloud(heading, paragraphs[0]),
        bubble(
            title(heading),
            *(text(paragraph, size="sm", margin=GAP) for paragraph in paragraphs),
            buttons=[tap(t("My points"), Action("points"), palette, "secondary")]
            if member
            else [
                tap(t("Become a member"), Action("join"), palette),
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


def offers_question_text(clinic: Clinic, t: Language) -> str:
    """The marketing question as it is shown; its hash is kept with the answer."""
    return t(
        "May {clinic} send you news and offers in LINE? You can change your mind at any time, and nothing else "
        "depends on your answer.",
        clinic=clinic.name,
    )


def offers_question(clinic: Clinic, t: Language) -> Card:
    """Yes and no of equal size and weight, and nothing is given in return: consent must be free."""
    palette = palette_of(clinic)
    question = offers_question_text(clinic, t)
    return Card(
        question,
        bubble(
            title(t("News and offers")),
            text(question, margin=GAP),
            buttons=[
                tap(t("Yes, please"), Action("offers", answer="yes"), palette, "secondary"),
                tap(t("No, thank you"), Action("offers", answer="no"), palette, "secondary"),
            ],
        ),
    )
