"""The menu as a card: everything the customer can do, one tap each."""

from bot.cards.frame import palette_of
from channels.line.flex import GAP, GAP_SMALL, Flex, Palette, bubble, caption, column, postback, row, text, title
from channels.line.messages import Card
from channels.message import Action
from customers.voice import other_language
from models.clinics import Clinic
from runtime.language import Language


def menu(clinic: Clinic, t: Language, *, member: bool) -> Card:
    palette = palette_of(clinic)
    other = other_language(t)
    if member:
        lines = [
            (t("My points"), t("What you have, your tier, what expires"), Action("points")),
            (t("Rewards"), t("What your points can bring you"), Action("rewards")),
            (t("Achievements"), t("What you have reached, and what comes next"), Action("achievements")),
            (t("Invite a friend"), t("Your code, and the friends you brought"), Action("referrals")),
            (t("History"), t("How your points came and went"), Action("history")),
        ]
    else:
        lines = [(t("Become a member"), t("Collect points with every visit"), Action("join"))]
    lines += [
        (t("Tiers"), t("What each tier gives"), Action("tiers")),
        (t("Privacy notice"), t("What we keep, and your rights"), Action("notice")),
        (other.label, other.note, other.action),
    ]
    heading = t("How can we help?")
    return Card(
        f"{heading} {', '.join(label for label, _, _ in lines)}",
        bubble(
            title(heading),
            *(_line(*line, palette) for line in lines),
            caption(t("Or simply write to us: our team reads this chat."), margin=GAP),
        ),
    )


def _line(label: str, note: str, action: Action, palette: Palette) -> Flex:
    return row(
        column(text(label, bold=True, color=palette.accent), caption(note), flex=1),
        text("›", size="xl", color=palette.muted, flex=0, wrap=False),
        margin=GAP_SMALL,
        padding="10px",
        radius="8px",
        background=palette.tint,
        align="center",
        action={**postback(action.data, label), "label": label[:40]},
    )
