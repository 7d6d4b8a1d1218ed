"""The picture of a menu: an SVG template filled in and rendered with the Thai font, the same on every machine.

Text is shaped by resvg (a Thai mark must sit on its letter) with Sarabun only: no font of the machine takes part.
LINE's limits: JPEG or PNG, 800 to 2500 wide, at most 1 MB.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

import jinja2

from channels.line.lengths import clusters
from channels.palette import Palette
from richmenus.themes import theme

WIDTH, HEIGHT = 2500, 1080
"""As high as two rows need that are read and hit well: above an open menu the chat's cards are to be seen."""
HEAD = 190
GAP = 36
IMAGE_LIMIT = 1_000_000
COLUMN_EDGES = (0, 833, 1667, WIDTH)

# A phone shows the picture 390 px wide: 6.4 of its pixels are one there, and 80 are 12.5.
SMALLEST_TEXT = 80


class PictureTooLarge(ValueError):
    """The PNG has more bytes than LINE takes."""


@dataclass(frozen=True)
class Tile:
    """A tile in pixels of the picture, and `bounds`: where a tap counts as meant for it."""

    x: int
    y: int
    width: int
    height: int
    bounds: dict[str, int]
    icon: str
    label: str
    note: str
    hero: bool

    @classmethod
    def at(
        cls, row: int, column: int, span: int, top_share: float, *, icon: str, label: str, note: str, hero: bool
    ) -> Self:
        """The tile in `row` (0 or 1) from `column` over `span` columns."""
        middle = HEAD + round((HEIGHT - HEAD) * top_share)
        left, right = COLUMN_EDGES[column], COLUMN_EDGES[column + span]
        tap_top, tap_bottom = (0, middle) if row == 0 else (middle, HEIGHT)
        top, bottom = (HEAD + GAP, middle - GAP // 2) if row == 0 else (middle + GAP // 2, HEIGHT - GAP)
        west = left + (GAP if column == 0 else GAP // 2)
        east = right - (GAP if column + span == len(COLUMN_EDGES) - 1 else GAP // 2)
        bounds = {"x": left, "y": tap_top, "width": right - left, "height": tap_bottom - tap_top}
        return cls(west, top, east - west, bottom - top, bounds, icon, label, note, hero)


@dataclass(frozen=True)
class Drawing:
    """Everything the picture shows. The words are in the menu's language already."""

    look: str
    brand_color: str
    title: str
    subtitle: str
    tiles: tuple[Tile, ...]


def png(drawing: Drawing) -> bytes:
    """The picture, 2500 by 1080. Raises PictureTooLarge above LINE's megabyte."""
    import resvg_py

    picture: bytes = resvg_py.svg_to_bytes(
        svg_string=svg(drawing),
        width=WIDTH,
        height=HEIGHT,
        skip_system_fonts=True,
        font_files=_fonts(),
        font_family="Sarabun",
        sans_serif_family="Sarabun",
    )
    if len(picture) > IMAGE_LIMIT:
        raise PictureTooLarge(f"the picture of {drawing.look} has {len(picture)} bytes, LINE takes {IMAGE_LIMIT}")
    return picture


def svg(drawing: Drawing) -> str:
    """The picture as SVG. Every word is escaped by the template engine."""
    return _template().render(
        drawing=drawing,
        width=WIDTH,
        height=HEIGHT,
        head=HEAD,
        theme=theme(drawing.look, drawing.brand_color),
        palette=Palette.of(drawing.brand_color),
        fit=fit,
    )


def fit(text: str, size: int, room: float) -> dict[str, Any]:
    """`text` and the font size (px, at most `size`) at which it fits into `room` px; cut if it must be.

    Widths are estimated on the generous side, by classes of letters: reading them would need the font's tables.
    """
    text = " ".join(_printable(text).split())
    ems = _ems(text)
    if ems * size <= room:
        return {"text": text, "size": size}
    smaller = max(SMALLEST_TEXT, int(room / ems))
    if ems * smaller <= room:
        return {"text": text, "size": smaller}
    kept = ""
    for cluster in clusters(text):
        if _ems(kept + cluster + "…") * smaller > room:
            break
        kept += cluster
    return {"text": kept.rstrip() + "…", "size": smaller}


def _printable(text: str) -> str:
    """Without what XML 1.0 cannot carry: a clinic's name must not be able to break its picture."""
    return "".join(char for char in text if char in "\t\n" or unicodedata.category(char) not in ("Cc", "Cs", "Cn"))


def _ems(text: str) -> float:
    return sum(_em(char) for char in text)


def _em(char: str) -> float:
    """The advance of a character in Sarabun Bold, rounded up within its class."""
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0.0
    for characters, ems in _ADVANCES:
        if char in characters:
            return ems
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    return 0.7 if char.isupper() else 0.64 if "\u0e00" <= char <= "\u0e7f" else 0.58


_ADVANCES = ((" .,:;'|!()-ilIjเๅ", 0.34), ("cfstrโใไง", 0.48), ("aekvxyzะาำร", 0.55), ("ฌญฑฒณพฟษฬmwMW%@…", 0.88))


@cache
def _fonts() -> list[str]:
    import fontpkg_sarabun

    files = Path(fontpkg_sarabun.ROOT) / "files"
    return [str(files / f"Sarabun-{weight}.ttf") for weight in ("Medium", "SemiBold", "Bold")]


@cache
def _template() -> jinja2.Template:
    pictures = jinja2.FileSystemLoader(Path(__file__).parent / "pictures")
    made = jinja2.Environment(loader=pictures, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return made.get_template("menu.svg.jinja")
