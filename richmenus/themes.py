"""The colours of each look of a menu."""

from typing import Any

from channels.palette import INK, TIER_METALS, WHITE, Metal, Palette, mix


def theme(look: str, brand_color: str) -> dict[str, Any]:
    """The colours of a look. Guests see the clinic's own; the two highest tiers turn the lights down."""
    brand = Palette.of(brand_color)
    light_text = brand.on_primary == WHITE
    hero = {
        "hero_start": brand.primary,
        "hero_end": mix(brand.primary, "#000000" if light_text else WHITE, 0.28),
        "hero_text": brand.on_primary,
    }
    if look == "guest":
        return {**hero, **_light(brand.primary, brand.accent), **_guest_head(brand)}
    metal = TIER_METALS[look]
    head = {
        "head_start": metal.start, "head_end": metal.end, "shine": metal.shine,
        "head_text": metal.on, "head_small": metal.on, "head_mark": metal.on,
    }  # fmt: skip
    if look in ("platinum", "diamond"):
        return {**hero, **_dark(mix(metal.end if look == "platinum" else metal.start, "#000000", 0.5), metal), **head}
    return {**hero, **_light(metal.end, metal.accent), **head}


def _guest_head(brand: Palette) -> dict[str, str]:
    return {
        "head_start": WHITE, "head_end": brand.tint, "shine": WHITE,
        "head_text": brand.ink, "head_small": brand.accent, "head_mark": brand.accent,
    }  # fmt: skip


def _light(hue: str, accent: str) -> dict[str, Any]:
    return {
        "ground_top": mix(hue, WHITE, 0.9), "ground_end": mix(hue, WHITE, 0.78), "tile": WHITE, "edge": WHITE,
        "label": INK, "disc": mix(hue, WHITE, 0.85), "icon": accent,
        "shadow": mix(accent, "#000000", 0.3), "shadow_strength": 0.022,
    }  # fmt: skip


def _dark(ground: str, metal: Metal) -> dict[str, Any]:
    return {
        "ground_top": mix(ground, metal.shine, 0.06), "ground_end": ground, "tile": mix(ground, metal.shine, 0.12),
        "edge": mix(ground, metal.shine, 0.26), "label": WHITE, "disc": mix(ground, metal.shine, 0.24),
        "icon": metal.shine, "shadow": "#000000", "shadow_strength": 0.07,
    }  # fmt: skip
