"""Charts, drawn as SVG where the page is made: they need no script, and take their colours from `charts.css`.

A drawing says its meaning in one sentence to who listens; its numbers stand below it as a table (`parts/charts.html`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

WIDTH, HEIGHT = 360, 168
_TOP, _GROUND = 26, 142
"""Between them the columns stand: above is room for the number of the highest, below for the names."""
_LINE, _THICK = 46, 14
"""Of a bar that lies: with its words above it, and without them."""
LEAST = 2
"""What is more than nothing is seen."""


@dataclass(frozen=True)
class Mark:
    """One column or bar. `said`: its value in words; `other`: it is not to be compared with the rest, such as a month
    that is not over."""

    name: str
    value: Decimal | int
    said: str
    other: bool = False


def columns(marks: Sequence[Mark], label: str) -> Markup:
    """Standing beside each other, in the order of time; the number of the highest is written on it."""
    most = max((one.value for one in marks), default=0)
    slot = WIDTH / max(len(marks), 1)
    drawn = [_grid(y) for y in (_TOP, (_TOP + _GROUND) // 2, _GROUND)]
    highest = next((place for place, one in enumerate(marks) if one.value == most and most), None)
    for place, one in enumerate(marks):
        middle = slot * (place + 0.5)
        if one.value:
            tall = max(LEAST, round((_GROUND - _TOP) * float(one.value) / float(most), 1))
            drawn.append(_block(middle - slot * 0.32, _GROUND - tall, slot * 0.64, tall, other=one.other))
        if place == highest:
            drawn.append(_words(*_inside(middle, one.said), _TOP - 8, one.said, strong=True))
        drawn.append(_words("middle", middle, HEIGHT - 8, one.name))
    return _drawing(HEIGHT, label, drawn)


def bars(marks: Sequence[Mark], label: str) -> Markup:
    """Lying below each other, each with its name above it and its number at the end."""
    most = max((one.value for one in marks), default=0)
    drawn = []
    for place, one in enumerate(marks):
        top = place * _LINE
        wide = max(LEAST, round(WIDTH * float(one.value) / float(most), 1)) if most else LEAST
        drawn.append(_words("start", 0, top + 14, one.name))
        drawn.append(_words("end", WIDTH, top + 14, one.said, strong=True))
        drawn.append(_block(0, top + 22, wide, _THICK, other=one.other))
    return _drawing(max(len(marks), 1) * _LINE, label, drawn)


def _inside(middle: float, said: str) -> tuple[str, float]:
    """Where words are anchored so that they do not leave the drawing; a sign is some seven wide."""
    half = len(said) * 3.5
    if middle < half:
        return "start", 0
    return ("end", WIDTH) if middle > WIDTH - half else ("middle", middle)


def _drawing(height: int, label: str, drawn: Sequence[Markup]) -> Markup:
    frame = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    return frame.format(WIDTH, height, label, Markup("").join(drawn))


def _grid(y: int) -> Markup:
    return Markup('<line class="grid" x1="0" x2="{}" y1="{}" y2="{}"></line>').format(WIDTH, y, y)


def _block(x: float, y: float, width: float, height: float, *, other: bool) -> Markup:
    place = [f"{one:.1f}" for one in (x, y, width, height)]
    block = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="3"></rect>')
    return block.format("mark other" if other else "mark", *place)


def _words(anchor: str, x: float, y: float, said: str, *, strong: bool = False) -> Markup:
    words = Markup('<text{} x="{}" y="{}" text-anchor="{}">{}</text>')
    return words.format(Markup(' class="strong"') if strong else "", f"{x:.1f}", f"{y:.1f}", anchor, said)
