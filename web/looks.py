"""How a clinic's pages are coloured: one colour of its own makes every other, in a light and a dark look.

The stylesheets name roles (`--ink`, `--accent`), never colours, so what is said here is all there is. Each pair of
roles that carries text reads at 4.5 to 1 whatever colour a clinic has chosen (`PAIRS`), what shows a shape at 3 to 1.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from channels.palette import INK, MUTED, TIER_METALS, WHITE, Metal, Palette, darken_until, lighten_until, mix

Roles = dict[str, str]
"""Role → `#RRGGBB`."""

SHAPE = 3.0
"""WCAG 2.2, 1.4.11: what has to be seen and is no text."""
GROUNDS = ("ground", "surface", "sunken", "tint")
TONES = ("good", "warn", "bad")
PAIRS = (
    *(("ink", ground) for ground in (*GROUNDS, "tint-strong", "good-tint", "warn-tint", "bad-tint")),
    *(("muted", ground) for ground in GROUNDS),
    *(("accent", ground) for ground in (*GROUNDS, "tint-strong")),
    *((tone, ground) for tone in TONES for ground in ("ground", "surface", f"{tone}-tint")),
    ("on-primary", "primary"),
    ("on-bad", "bad"),
)
"""Text and what it stands on."""
SHAPES = (("edge", "surface"), ("edge", "ground"), ("accent", "track"), ("focus", "ground"), ("focus", "surface"))
"""What shows a shape, and what it is seen against."""

_LIGHT = {"ground": "#FAF9FA", "sunken": "#F4F2F4", "line": "#E9E5E9", "edge": "#8B848F"}
_LIGHT_TONES = {"good": "#2F7A4F", "warn": "#9A5312", "bad": "#B3303F"}
_DARK = {"ground": "#141216", "surface": "#1E1B21", "sunken": "#29252D", "line": "#353039", "edge": "#857D8A"}
_DARK_TONES = {"good": "#6CC592", "warn": "#E5A763", "bad": "#F0909A"}


@dataclass(frozen=True)
class Look:
    """Of one clinic. `css` sets the custom properties; `version` changes whenever the text does."""

    brand: str
    light: Roles
    dark: Roles
    css: str
    version: str


@lru_cache(maxsize=256)
def look(brand: str) -> Look:
    """Raises ValueError when `brand` is not `#RRGGBB`."""
    light, dark = light_roles(brand), dark_roles(brand)
    css = _stylesheet(light, dark)
    return Look(brand.upper(), light, dark, css, hashlib.sha256(css.encode()).hexdigest()[:10])


def light_roles(brand: str) -> Roles:
    palette = Palette.of(brand)
    roles = {name: mix(color, brand, 0.03) for name, color in _LIGHT.items()} | {"surface": WHITE}
    roles |= {"tint": palette.tint, "tint-strong": palette.tint_strong, "primary": palette.primary}
    roles |= {f"{tone}-tint": mix(color, WHITE, 0.9) for tone, color in _LIGHT_TONES.items()}
    grounds = [roles[ground] for ground in GROUNDS]
    roles["track"] = mix(roles["tint-strong"], roles["line"], 0.5)
    roles["ink"] = INK
    roles["muted"] = darken_until(MUTED, *grounds)
    roles["accent"] = darken_until(brand, *grounds, roles["tint-strong"])
    roles["focus"] = roles["accent"]
    roles["edge"] = darken_until(roles["edge"], roles["surface"], roles["ground"], least=SHAPE)
    roles |= {
        tone: darken_until(color, roles["ground"], WHITE, roles[f"{tone}-tint"]) for tone, color in _LIGHT_TONES.items()
    }
    return roles | {"on-primary": palette.on_primary, "on-bad": WHITE}


def dark_roles(brand: str) -> Roles:
    """On a dark ground a dark colour would be lost, so what is filled with it is the colour as text, and text on that
    is the ground's own."""
    roles = {name: mix(color, brand, 0.03) for name, color in _DARK.items()}
    roles |= {"tint": mix(roles["surface"], brand, 0.14), "tint-strong": mix(roles["surface"], brand, 0.24)}
    roles |= {f"{tone}-tint": mix(roles["surface"], color, 0.13) for tone, color in _DARK_TONES.items()}
    grounds = [roles[ground] for ground in GROUNDS]
    roles["track"] = roles["line"]
    roles["ink"] = "#F1EDF1"
    roles["muted"] = lighten_until("#A9A1AD", *grounds)
    roles["accent"] = lighten_until(brand, *grounds, roles["tint-strong"], roles["track"])
    roles["focus"] = roles["primary"] = roles["accent"]
    roles["edge"] = lighten_until(roles["edge"], roles["surface"], roles["ground"], least=SHAPE)
    roles |= {
        tone: lighten_until(color, roles["surface"], roles[f"{tone}-tint"]) for tone, color in _DARK_TONES.items()
    }
    return roles | {"on-primary": roles["ground"], "on-bad": roles["ground"]}


def metal_of(tier: str) -> str:
    """What a tier's card is made of; one that a clinic has named itself is of the first."""
    return tier if tier in TIER_METALS else next(iter(TIER_METALS))


def metal_roles(metal: Metal) -> Roles:
    """What a card of the tier is drawn with; the same in both looks."""
    track = mix(mix(metal.start, metal.end, 0.5), metal.on, 0.2)
    return {
        "metal-start": metal.start, "metal-end": metal.end, "on-metal": metal.on,
        "metal-shine": metal.shine, "metal-track": track,
    }  # fmt: skip


def _stylesheet(light: Roles, dark: Roles) -> str:
    rules = [
        _rule(":root", {"color-scheme": "light dark"}, light, {"shadow": "0 1px 2px #1e142808, 0 6px 20px #1e14280d"}),
        *(_rule(f".metal-{name}", {}, metal_roles(one), {"metal": on_light(one, light)}) for name, one in _metals()),
        "@media (prefers-color-scheme: dark) {",
        _rule(":root", {}, dark, {"shadow": "0 1px 2px #00000040"}),
        *(_rule(f".metal-{name}", {}, {"metal": on_dark(one, dark)}) for name, one in _metals()),
        "}",
    ]
    return "\n".join(rules) + "\n"


def on_light(metal: Metal, light: Roles) -> str:
    """The name of a tier as text on the grounds of a light look."""
    return darken_until(metal.accent, *(light[ground] for ground in GROUNDS))


def on_dark(metal: Metal, dark: Roles) -> str:
    """The same on those of a dark one."""
    return lighten_until(metal.accent, *(dark[ground] for ground in GROUNDS))


def _metals() -> list[tuple[str, Metal]]:
    return list(TIER_METALS.items())


def _rule(selector: str, plain: Roles, *named: Roles) -> str:
    said = [f"{name}:{value}" for name, value in plain.items()]
    said += [f"--{name}:{value}" for roles in named for name, value in roles.items()]
    return f"{selector}{{{';'.join(said)}}}"
