"""Flex containers and components."""

import json
import re
from typing import Any

from simulator.rules.actions import flex_action, flex_button_action, video_action
from simulator.rules.checks import (
    Field,
    Findings,
    Path,
    anything,
    array,
    boolean,
    by_type,
    fields,
    https,
    integer,
    one_of,
    pattern,
    shape,
    text,
)

BUBBLE_BYTES = 30 * 1024
CAROUSEL_BYTES = 50 * 1024
BUBBLES = 12
ANIMATED = 10

_SPACES = ("none", "xs", "sm", "md", "lg", "xl", "xxl")
_FONTS = ("xxs", "xs", "sm", "md", "lg", "xl", "xxl", "3xl", "4xl", "5xl")
_PX, _PERCENT = r"\d+(\.\d+)?px", r"(100(\.0+)?|\d{1,2}(\.\d+)?)%"


def _measure(*keywords: str, percent: bool = False) -> Field:
    forms = [*map(re.escape, keywords), _PX, *([_PERCENT] if percent else [])]
    named = f"[{', '.join(keywords)}] or " if keywords else ""
    return pattern("|".join(forms), f"must be {named}a number of px{' or %' if percent else ''}")


_color = pattern(r"#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})", "invalid color: must be #RRGGBB or #RRGGBBAA")
_flex = integer(0, 2**31 - 1)
_space = _measure(*_SPACES)
_padding = _measure(*_SPACES, percent=True)
_length = _measure(percent=True)
_words = text(100_000)

_PLACED: dict[str, Field] = {
    "margin": _space,
    "position": one_of("relative", "absolute"),
    **{f"offset{side}": _padding for side in ("Top", "Bottom", "Start", "End")},
}
_gravity = one_of("top", "bottom", "center")
_align = one_of("start", "end", "center")
_FONT: dict[str, Field] = {
    "size": _measure(*_FONTS),
    "color": _color,
    "weight": one_of("regular", "bold"),
    "style": one_of("normal", "italic"),
    "decoration": one_of("none", "underline", "line-through"),
}


def _ratio(findings: Findings, path: Path, value: Any) -> None:
    match = re.fullmatch(r"(\d{1,6}):(\d{1,6})", value) if isinstance(value, str) else None
    if match is None or not all(1 <= int(side) <= 100_000 for side in match.groups()):
        findings.bad(path, "must be {width}:{height}, each between 1 and 100000")
    elif int(match[2]) > 3 * int(match[1]):
        findings.bad(path, "height must not be more than three times the width")


_gradient = shape(
    {
        "type": one_of("linearGradient"),
        "angle": pattern(r"(\d|[1-9]\d|[12]\d\d|3[0-5]\d)(\.\d+)?deg", "must be between 0deg and 360deg"),
        "startColor": _color,
        "endColor": _color,
        "centerColor": _color,
        "centerPosition": pattern(_PERCENT, "must be a number of %"),
    },
    ("type", "angle", "startColor", "endColor"),
)

_button = shape(
    {
        "type": anything,
        **_PLACED,
        "flex": _flex,
        "color": _color,
        "style": one_of("primary", "secondary", "link"),
        "action": flex_button_action,
        "gravity": _gravity,
        "height": one_of("md", "sm"),
        "adjustMode": one_of("shrink-to-fit"),
        "scaling": boolean,
    },
    ("action",),
)
_image = shape(
    {
        "type": anything,
        **_PLACED,
        "url": https,
        "flex": _flex,
        "align": _align,
        "gravity": _gravity,
        "size": _measure(*_FONTS, "full", percent=True),
        "aspectRatio": _ratio,
        "aspectMode": one_of("fit", "cover"),
        "backgroundColor": _color,
        "action": flex_action,
        "animated": boolean,
    },
    ("url",),
)
_icon = shape(
    {
        "type": anything,
        **_PLACED,
        "url": https,
        "size": _measure(*_FONTS, percent=True),
        "aspectRatio": _ratio,
        "scaling": boolean,
    },
    ("url",),
)
_span = shape({"type": one_of("span"), "text": _words, **_FONT}, ("type", "text"))
_separator = shape({"type": anything, "margin": _space, "color": _color})
_filler = shape({"type": anything, "flex": _flex})

_TEXT: dict[str, Field] = {
    "type": anything,
    **_PLACED,
    **_FONT,
    "flex": _flex,
    "text": _words,
    "align": _align,
    "gravity": _gravity,
    "wrap": boolean,
    "lineSpacing": _measure(),
    "action": flex_action,
    "maxLines": integer(0, 2**31 - 1),
    "contents": array(_span, 1, 1000),
    "adjustMode": one_of("shrink-to-fit"),
    "scaling": boolean,
}


def _text(findings: Findings, path: Path, value: Any) -> None:
    if "contents" in value:
        value = {name: one for name, one in value.items() if name != "text"}
        fields(findings, path, value, _TEXT)
    else:
        fields(findings, path, value, _TEXT, ("text",))


def _box(findings: Findings, path: Path, value: Any) -> None:
    layout = value.get("layout") if isinstance(value, dict) else None
    inside = _IN_BASELINE if layout == "baseline" else _IN_BOX
    fields(findings, path, value, _BOX | {"contents": array(inside, 0, 10_000)}, ("layout", "contents"))


_BOX: dict[str, Field] = {
    "type": one_of("box"),
    **_PLACED,
    "layout": one_of("horizontal", "vertical", "baseline"),
    "flex": _flex,
    "spacing": _space,
    "backgroundColor": _color,
    "borderColor": _color,
    "borderWidth": _measure("none", "light", "normal", "medium", "semi-bold", "bold"),
    "cornerRadius": _space,
    **dict.fromkeys(("width", "maxWidth", "height", "maxHeight"), _length),
    **{f"padding{side}": _padding for side in ("All", "Top", "Bottom", "Start", "End")},
    "action": flex_action,
    "justifyContent": one_of("center", "flex-start", "flex-end", "space-between", "space-around", "space-evenly"),
    "alignItems": one_of("center", "flex-start", "flex-end"),
    "background": _gradient,
}
# What may stand in a box: icons only on a baseline, boxes and the rest only off it; videos only as a hero.
_IN_BASELINE = by_type({"text": _text, "icon": _icon, "filler": _filler})
_IN_BOX = by_type(
    {
        "box": _box,
        "button": _button,
        "image": _image,
        "text": _text,
        "separator": _separator,
        "filler": _filler,
    }
)
_video = shape(
    {
        "type": anything,
        "url": https,
        "previewUrl": https,
        "altContent": by_type({"box": _box, "image": _image}),
        "aspectRatio": _ratio,
        "action": video_action,
    },
    ("url", "previewUrl", "altContent"),
)
_block = by_type({"box": _box})
_style = shape({"backgroundColor": _color, "separator": boolean, "separatorColor": _color})
_BLOCKS = ("header", "hero", "body", "footer")
_BUBBLE: dict[str, Field] = {
    "type": one_of("bubble"),
    "size": one_of("nano", "micro", "deca", "hecto", "kilo", "mega", "giga"),
    "direction": one_of("ltr", "rtl"),
    "header": _block,
    "hero": by_type({"box": _box, "image": _image, "video": _video}),
    "body": _block,
    "footer": _block,
    "styles": shape(dict.fromkeys(_BLOCKS, _style)),
    "action": flex_action,
}


def _bubble(findings: Findings, path: Path, value: Any) -> None:
    fields(findings, path, value, _BUBBLE, ("type",))
    if not isinstance(value, dict):
        return
    if not any(value.get(name) for name in _BLOCKS):
        findings.bad(path, "at least one block must be specified")
    hero = value.get("hero")
    if isinstance(hero, dict) and hero.get("type") == "video" and value.get("size", "mega") not in {
        "kilo", "mega", "giga",
    }:  # fmt: skip
        findings.bad((*path, "size"), "a bubble with a video must be kilo, mega or giga")
    _weigh(findings, path, value, BUBBLE_BYTES)


def _carousel(findings: Findings, path: Path, value: Any) -> None:
    known: dict[str, Field] = {"type": anything, "contents": array(_bubble, 1, BUBBLES)}
    fields(findings, path, value, known, ("contents",))
    bubbles = [one for one in value.get("contents") or [] if isinstance(one, dict)]
    if len({str(one.get("size", "mega")) for one in bubbles}) > 1:
        findings.bad((*path, "contents"), "bubbles of a carousel must have the same size")
    for at, one in enumerate(bubbles):
        if isinstance(one.get("hero"), dict) and one["hero"].get("type") == "video":
            findings.bad((*path, "contents", at, "hero"), "a video cannot stand in a carousel")
    _weigh(findings, path, value, CAROUSEL_BYTES)


def _weigh(findings: Findings, path: Path, value: Any, most: int) -> None:
    # LINE does not say whether it weighs UTF-8 or escaped JSON; the escaped form is never lighter.
    if len(json.dumps(value, separators=(",", ":"))) > most:
        findings.bad(path, f"size must not exceed {most // 1024} KB")


_container = by_type({"bubble": _bubble, "carousel": _carousel})


def container(findings: Findings, value: Any) -> None:
    """Checks a whole container; places are named from its root."""
    _container(findings, (), value)
    if _animated(value) > ANIMATED:
        findings.bad((), f"at most {ANIMATED} animated images in one message")


def _animated(value: Any) -> int:
    if isinstance(value, list):
        return sum(map(_animated, value))
    if isinstance(value, dict):
        return int(value.get("animated") is True) + sum(map(_animated, value.values()))
    return 0
