"""Wishes, drawn as warmly as boxes can: a cake with candles under confetti, in a morning light of its own and the
clinic's colour.
"""

from channels.line.flex import CAPTION, GAP, RADIUS, SMALL, Flex, box, bubble, column, row, text
from channels.line.messages import Card
from channels.message import Message
from channels.palette import WHITE, Palette, mix

DAWN, BLUSH = "#FFF4DF", "#FFD3D8"
GOLD, FLAME, GLOW, ROSE = "#F2B84B", "#FF9A3D", "#FFE9A8", "#EE8BA0"
HEIGHT = "138px"
"""So that all of it is seen above an open menu."""
LONG = 26
"""Characters of a title from which it has more lines, and smaller letters."""
CONFETTI = (
    # from the left and from the top in percent, size in pixels, colour; "" is the clinic's
    (5, 14, 9, GOLD), (12, 44, 7, ""), (17, 22, 11, ROSE), (23, 66, 8, GOLD), (29, 9, 7, ""), (32, 42, 6, ROSE),
    (8, 76, 6, ROSE), (45, 8, 6, GOLD), (69, 9, 8, ROSE), (66, 36, 6, GOLD), (72, 62, 8, ROSE), (78, 17, 11, ""),
    (85, 47, 7, GOLD), (92, 24, 9, ROSE), (91, 74, 7, ""),
)  # fmt: skip


def card(message: Message, palette: Palette) -> Card:
    """The title large under the cake, the wishes below it, and from whom they are. Nothing to tap."""
    said = [one.text for one in message.paragraphs if one.text]
    wishes = [text(one, size=SMALL, color=palette.ink, align="center", margin=GAP) for one in said]
    signed = text(message.note, size=CAPTION, color=palette.accent, align="center", bold=True)
    return Card(
        message.plain,
        bubble(
            text(
                message.title,
                size="lg" if len(message.title) > LONG else "xl",
                color=palette.accent,
                bold=True,
                align="center",
            ),
            *wishes,
            column(signed, background=palette.tint, radius=RADIUS, padding="8px", margin="12px"),
            head=_head(palette),
        ),
    )


def _head(palette: Palette) -> Flex:
    dots = [_dot(left, top, size, color or palette.primary) for left, top, size, color in CONFETTI]
    return box(
        "vertical",
        [*dots, _cake(palette)],
        height=HEIGHT,
        gradient=(DAWN, BLUSH),
        justify="flex-end",
        align="center",
    )


def _dot(left: int, top: int, size: int, color: str) -> Flex:
    return _at(_bar(size, size, color, radius=size // 2), f"{left}%", f"{top}%")


def _cake(palette: Palette) -> Flex:
    """From the flames down to the plate."""
    sponge = mix(palette.primary, WHITE, 0.35)
    candles = row(
        *(_candle(color) for color in (ROSE, palette.primary, GOLD)), spacing="18px", justify="center"
    )  # fmt: skip
    upper = _tier(88, 30, mix(ROSE, WHITE, 0.45), (8, 14, 9, 12, 8))
    lower = _tier(140, 40, sponge, (9, 16, 11, 18, 10, 14, 9))
    return column(candles, upper, lower, _bar(184, 8, WHITE, radius=4), align="center", padding="0px")


def _candle(color: str) -> Flex:
    glow = box("vertical", [_bar(8, 12, FLAME, radius=5)], align="center", justify="center")
    flame = {**glow, "width": "16px", "height": "18px", "cornerRadius": "9px", "backgroundColor": GLOW}
    return column(flame, _bar(5, 22, color, radius=2), align="center", spacing="1px", flex=0)


def _tier(width: int, height: int, color: str, drips: tuple[int, ...]) -> Flex:
    """A layer with icing that runs down its side."""
    icing = _at(_bar(width, 9, WHITE, radius=4), "0px", "0px")
    step = width / len(drips)
    running = [
        _at(_bar(round(step * 0.6), 6 + drip, WHITE, radius=round(step * 0.3)), f"{round(step * (at + 0.2))}px", "0px")
        for at, drip in enumerate(drips)
    ]
    side = box("vertical", [icing, *running], width=f"{width}px", height=f"{height}px", background=color)
    return {**side, "cornerRadius": "6px"}


def _at(part: Flex, left: str, top: str) -> Flex:
    return {**part, "position": "absolute", "offsetStart": left, "offsetTop": top}


def _bar(width: int, height: int, color: str, *, radius: int) -> Flex:
    return box("vertical", [], width=f"{width}px", height=f"{height}px", radius=f"{radius}px", background=color)
