"""Colours: a clinic's own, the neutrals around it, and the five tiers. Every pair that carries text is readable.

Contrast is WCAG 2.2's (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio); 4.5 is its level AA for body text.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

READABLE = 4.5

WHITE = "#FFFFFF"
INK = "#2A2530"
MUTED = "#6B6570"
LINE = "#ECE8EC"
TRACK = "#EDE8EB"
LINE_DARK_LABEL = "#111111"  # the text LINE draws on a `secondary` button; on `primary` it draws white

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def luminance(color: str) -> float:
    """Relative luminance, 0 (black) to 1 (white), of `#RRGGBB`. Raises ValueError for anything else."""
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(color))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mix(color: str, other: str, share: float) -> str:
    """`color` with `share` (0..1) of `other` stirred in."""
    pairs = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def darken_until(color: str, *grounds: str, least: float = READABLE) -> str:
    """`color`, made darker only as far as needed to read against every one of the light `grounds`."""
    for step in range(51):
        candidate = mix(color, "#000000", step / 50)
        if all(contrast(candidate, ground) >= least for ground in grounds):
            return candidate
    raise ValueError(f"{grounds} are too dark to carry dark text")


def lighten_until(color: str, *grounds: str, least: float = READABLE) -> str:
    """`color`, made lighter only as far as needed to read against every one of the dark `grounds`."""
    for step in range(51):
        candidate = mix(color, WHITE, step / 50)
        if all(contrast(candidate, ground) >= least for ground in grounds):
            return candidate
    raise ValueError(f"{grounds} are too light to carry light text")


def _channels(color: str) -> tuple[int, int, int]:
    if not _HEX.fullmatch(color):
        raise ValueError(f"{color!r} is not a colour of the form #RRGGBB")
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


@dataclass(frozen=True)
class Palette:
    """The colours of one clinic's cards and menus, all `#RRGGBB`.

    `primary` fills buttons and carries `on_primary`; `accent` is the same colour as text on white or on a tint.
    """

    primary: str
    on_primary: str
    accent: str
    tint: str
    tint_strong: str
    ink: str = INK
    muted: str = MUTED
    line: str = LINE
    track: str = TRACK
    surface: str = WHITE
    positive: str = "#2F7A4F"
    warning: str = "#A8501B"

    @classmethod
    @lru_cache(maxsize=256)  # every card asks, and finding the contrast takes longer than drawing a line of text
    def of(cls, brand: str) -> Self:
        """From the clinic's colour. Raises ValueError when it is not `#RRGGBB`."""
        primary, on_primary = brand.upper(), LINE_DARK_LABEL
        # Below 3 the clinic's colour is a light one and dark text suits it; above, a touch darker keeps white on it.
        if contrast(primary, WHITE) >= 3 or contrast(primary, LINE_DARK_LABEL) < READABLE:
            primary, on_primary = darken_until(primary, WHITE), WHITE
        tint, strong = mix(brand, WHITE, 0.92), mix(brand, WHITE, 0.82)
        return cls(primary, on_primary, darken_until(brand, WHITE, tint, strong), tint, strong)


@dataclass(frozen=True)
class Metal:
    """How a tier looks: a gradient from `start` to `end`, `on` for text over it, `accent` for its name on white."""

    start: str
    end: str
    on: str
    accent: str
    shine: str


TIER_METALS: dict[str, Metal] = {
    "bronze": Metal("#A0643C", "#6B3F22", "#FFFFFF", "#8A5230", "#E2B48E"),
    "silver": Metal("#EEF1F4", "#B3BCC7", "#2B333D", "#5A6672", "#FFFFFF"),
    "gold": Metal("#F6E3A8", "#CDA041", "#3A2A06", "#85630F", "#FFF6D6"),
    "platinum": Metal("#56616F", "#262C35", "#FFFFFF", "#3C4653", "#C3CEDB"),
    "diamond": Metal("#12306B", "#2B6CA6", "#FFFFFF", "#1F5490", "#BFE6FF"),
}
