"""The member's card, so low that all of it is seen above an open menu: the number first, then who, then the code."""

from bot.cards.frame import palette_of, tap, tier_name
from channels.line.flex import (
    CLOSE,
    FIGURE_SMALL,
    GAP,
    SMALL,
    TIER_METALS,
    TITLE,
    Flex,
    bubble,
    caption,
    column,
    row,
    text,
)
from channels.line.messages import Card
from channels.message import Action
from customers.cards import LivingCode, spaced
from models.clinics import Clinic
from runtime.language import Language

QR = "128px"


def card(clinic: Clinic, t: Language, name: str | None, tier: str, code: LivingCode, picture: str | None) -> Card:
    """`picture` is the QR code, where LINE can fetch it."""
    palette, metal = palette_of(clinic), TIER_METALS.get(tier, TIER_METALS["bronze"])
    number, living = code.text.split("-")
    until, level = t("Good until {time}", time=t.time(code.until)), tier_name(tier, t)
    head = column(
        text(spaced(number), size=FIGURE_SMALL, color=metal.on, bold=True, wrap=False),
        row(
            text(name or clinic.called(t.code), size=SMALL, color=metal.on, wrap=False, flex=1),
            text(level, size=SMALL, color=metal.on, bold=True, align="end", wrap=False, flex=0),
            spacing=GAP,
        ),
        gradient=(metal.start, metal.end),
        padding=CLOSE,
    )
    shown: list[Flex] = (
        [{"type": "image", "url": picture, "size": QR, "aspectRatio": "1:1", "flex": 0}] if picture else []
    )
    said = t(
        "Your card: {who}, number {number}. Code {code}, good until {time}.",
        who=", ".join(filter(None, (name, level))),
        number=spaced(number),
        code=living,
        time=t.time(code.until),
    )
    words = column(
        caption(t("Show this at the counter, or read out the code:")),
        text(living, size=TITLE, bold=True, wrap=False, margin="4px"),
        caption(until),
        tap(t("New code"), Action("card"), palette, "secondary", margin="8px"),
        flex=1,
        justify="center",
    )
    return Card(said, bubble(row(*shown, words, spacing=GAP, align="center"), head=head, padding=CLOSE))
