"""The menu as a card: everything the customer can do, one tap each."""

from bot.cards.frame import evenly, palette_of
from channels.line.flex import (
    CLOSE,
    GAP,
    GAP_SMALL,
    Flex,
    Palette,
    bubble,
    caption,
    carousel,
    column,
    postback,
    row,
    text,
    title,
)
from channels.line.messages import Card
from channels.message import Action, aloud
from customers.voice import other_language
from models.clinics import Clinic
from runtime.language import Language

A_BUBBLE = 4
"""Lines in a bubble: more of them are not seen above an open menu."""


def menu(clinic: Clinic, t: Language, *, member: bool) -> Card:
    """Bubbles side by side: what is theirs, then what is the clinic's; guests have not much yet."""
    palette = palette_of(clinic)
    other = other_language(clinic, t)
    friends = (t("Invite a friend"), t("Your code, and the friends you brought"), Action("referrals"))
    tiers = (t("Tiers"), t("What each tier gives"), Action("tiers"))
    page = (t("My page"), t("All of it in one place"), Action("own_page"))
    theirs = [
        (t("My card"), t("Your number and QR code at the counter"), Action("card")),
        *([page] if clinic.settings.portal.liff_id else []),
        (t("My points"), t("What you have, your tier, what expires"), Action("points")),
        (t("Rewards"), t("What your points can bring you"), Action("rewards")),
        (t("Achievements"), t("What you have reached, and what comes next"), Action("achievements")),
        *([friends] if clinic.settings.referral.enabled else []),
        (t("History"), t("How your points came and went"), Action("history")),
        tiers,
    ]
    here = [
        (t("Appointments"), t("Book, move or cancel"), Action("appointments")),
        *([(t("My courses"), t("What is left of them"), Action("courses"))] if member else []),
        (t("Clinic"), t("Hours, map and phone"), Action("clinic")),
        (t("Privacy notice"), t("What we keep, and your rights"), Action("notice")),
        *([(other.label, other.note, other.action)] if other else []),
    ]
    join = (t("Become a member"), t("Collect points with every visit"), Action("join"))
    heading, talk = t("How can we help?"), t("Or simply write to us: our team reads this chat.")
    lines = [*theirs, *here] if member else [join, tiers, *here]
    pages = evenly(lines, A_BUBBLE)
    bubbles = [
        bubble(
            title(heading if page is pages[0] else clinic.called(t.code)),
            *(_line(*line, palette) for line in page),
            *([caption(talk, margin=GAP)] if page is pages[-1] else []),
            padding=CLOSE,
        )
        for page in pages
    ]
    return Card(aloud(heading, ", ".join(label for label, _, _ in lines)), carousel(bubbles))


def _line(label: str, note: str, action: Action, palette: Palette) -> Flex:
    return row(
        column(text(label, bold=True, color=palette.accent), caption(note), flex=1),
        text("›", size="xl", color=palette.muted, flex=0, wrap=False),
        margin=GAP_SMALL,
        padding="8px",
        radius="8px",
        background=palette.tint,
        align="center",
        action={**postback(action.data, label), "label": label[:40]},
    )
