"""Template messages and imagemaps."""

from typing import Any

from simulator.rules.actions import default_action, image_carousel_action, template_action
from simulator.rules.checks import (
    Field,
    Findings,
    Path,
    anything,
    array,
    by_type,
    fields,
    graphemes,
    https,
    integer,
    one_of,
    pattern,
    shape,
    text,
)

_color = pattern(r"#[0-9A-Fa-f]{6}", "invalid color: must be #RRGGBB")
_PICTURE: dict[str, Field] = {"thumbnailImageUrl": https, "imageBackgroundColor": _color}
_FRAME: dict[str, Field] = {
    "imageAspectRatio": one_of("rectangle", "square"),
    "imageSize": one_of("cover", "contain"),
}


def _card(most_text: int, most_actions: int, extra: dict[str, Field]) -> Field:
    """A picture, a title, a text (shorter beside a title or picture) and buttons."""
    known: dict[str, Field] = {
        **_PICTURE,
        **extra,
        "title": text(40, count=graphemes),
        "defaultAction": default_action,
        "actions": array(template_action, 1, most_actions),
    }

    def look(findings: Findings, path: Path, value: Any) -> None:
        decorated = isinstance(value, dict) and (value.get("title") or value.get("thumbnailImageUrl"))
        longest = text(60 if decorated else most_text, count=graphemes)
        fields(findings, path, value, known | {"text": longest}, ("text", "actions"))

    return look


_column = _card(120, 3, {})
_columns = array(_column, 1, 10)
_image_column = shape({"imageUrl": https, "action": image_carousel_action}, ("imageUrl", "action"))


def _carousel(findings: Findings, path: Path, value: Any) -> None:
    fields(findings, path, value, {"type": anything, "columns": _columns, **_FRAME}, ("columns",))
    columns = [one for one in value.get("columns") or [] if isinstance(one, dict)]
    counts = {len(one["actions"]) for one in columns if isinstance(one.get("actions"), list)}
    if len(counts) > 1:
        findings.bad((*path, "columns"), "the number of actions must be the same for all columns")


template = by_type(
    {
        "buttons": _card(160, 4, {"type": anything, **_FRAME}),
        "confirm": shape(
            {"type": anything, "text": text(240, count=graphemes), "actions": array(template_action, 2, 2)},
            ("text", "actions"),
        ),
        "carousel": _carousel,
        "image_carousel": shape({"type": anything, "columns": array(_image_column, 1, 10)}, ("columns",)),
    }
)

_side = integer(0, 10_000)
_area = shape(dict.fromkeys(("x", "y", "width", "height"), _side), ("x", "y", "width", "height"))
_label = text(100)
_imagemap_action = by_type(
    {
        "message": shape({"type": anything, "area": _area, "text": text(400), "label": _label}, ("area", "text")),
        "uri": shape({"type": anything, "area": _area, "linkUri": text(1000), "label": _label}, ("area", "linkUri")),
        "clipboard": shape(
            {"type": anything, "area": _area, "clipboardText": text(1000), "label": _label}, ("area", "clipboardText")
        ),
    }
)
IMAGEMAP: dict[str, Field] = {
    "baseUrl": https,
    "baseSize": shape({"width": integer(1040, 1040), "height": integer(1, 10_000)}, ("width", "height")),
    "actions": array(_imagemap_action, 0, 50),
    "video": shape(
        {
            "originalContentUrl": https,
            "previewImageUrl": https,
            "area": _area,
            "externalLink": shape({"linkUri": text(1000), "label": text(30)}, ("linkUri", "label")),
        },
        ("originalContentUrl", "previewImageUrl", "area"),
    ),
}
