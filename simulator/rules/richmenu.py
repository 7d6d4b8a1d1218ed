"""Rich menu objects and their pictures."""

from typing import Any

from simulator.answers import Refused, errors_in_body
from simulator.rules.actions import menu_action
from simulator.rules.checks import Findings, array, boolean, fields, graphemes, integer, shape, text

AREAS = 20
IMAGE_BYTES = 1024 * 1024
_BIG = 2**31 - 1

_bounds = shape(
    {"x": integer(0, _BIG), "y": integer(0, _BIG), "width": integer(1, _BIG), "height": integer(1, _BIG)},
    ("x", "y", "width", "height"),
)
_KNOWN = {
    "size": shape({"width": integer(800, 2500), "height": integer(250, _BIG)}, ("width", "height")),
    "selected": boolean,
    "name": text(300, count=graphemes),
    "chatBarText": text(14, count=graphemes),
    "areas": array(shape({"bounds": _bounds, "action": menu_action}, ("bounds", "action")), 0, AREAS),
}


def checked_menu(body: dict[str, Any]) -> dict[str, Any]:
    """The rich menu object itself. Raises Refused 400 with what LINE would object to."""
    findings = Findings()
    fields(findings, (), body, _KNOWN, _KNOWN)
    if not findings.found:
        width, height = body["size"]["width"], body["size"]["height"]
        if width / height < 1.45:
            findings.bad(("size",), "the aspect ratio (width / height) must be at least 1.45")
        for at, area in enumerate(body["areas"]):
            bounds = area["bounds"]
            if bounds["x"] + bounds["width"] > width or bounds["y"] + bounds["height"] > height:
                findings.bad(("areas", at, "bounds"), "must lie inside the rich menu")
    if findings.found:
        raise errors_in_body(findings.dotted())
    return body


def check_image(image: bytes, measured: tuple[str, int, int] | None, mime: str, size: dict[str, int]) -> None:
    """Raises Refused 413 for more than a megabyte, 400 for a picture that does not suit the menu."""
    if len(image) > IMAGE_BYTES:
        raise Refused(413, "The image size exceeds the limit of 1 MB")
    if measured is None or measured[0] != mime:
        raise Refused(400, "The image is not a JPEG or PNG of the announced type")
    _, width, height = measured
    if not 800 <= width <= 2500 or height < 250 or width / height < 1.45:
        raise Refused(
            400, "The image size is invalid: width 800-2500, height at least 250, width / height at least 1.45"
        )
    if (width, height) != (size["width"], size["height"]):
        raise Refused(400, f"The image ({width}x{height}) does not have the size of the rich menu")
