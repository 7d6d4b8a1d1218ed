"""Action objects: what a button may do, depending on where it stands."""

import re
from collections.abc import Mapping
from typing import Any

from simulator.rules.checks import (
    Field,
    Findings,
    Path,
    anything,
    by_type,
    fields,
    graphemes,
    one_of,
    pattern,
    shape,
    text,
    utf16,
)

_DATE = {
    "date": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])",
    "time": r"([01]\d|2[0-3]):[0-5]\d",
    "datetime": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d",
}


def _uri(findings: Findings, path: Path, value: Any) -> None:
    if not isinstance(value, str) or not value:
        findings.bad(path, "May not be empty")
    elif utf16(value) > 1000:
        findings.bad(path, "Length must be between 1 and 1000")
    elif not re.match(r"(https?://[^/\s]+|line://\S|tel:\+?[\d*#-]+$)", value) or re.search(r"\s", value):
        findings.bad(path, "invalid uri scheme")


def _postback(label: Field, required: tuple[str, ...]) -> Field:
    known: dict[str, Field] = {
        "type": anything,
        "label": label,
        "data": text(300, least=0),
        "displayText": text(300, count=graphemes),
        "text": text(300, count=graphemes),
        "inputOption": one_of("closeRichMenu", "openRichMenu", "openKeyboard", "openVoice"),
        "fillInText": text(300, count=graphemes),
    }

    def look(findings: Findings, path: Path, value: Any) -> None:
        fields(findings, path, value, known, ("data", *required))
        if "displayText" in value and "text" in value:
            findings.bad((*path, "text"), "cannot be set together with displayText")
        if "fillInText" in value and value.get("inputOption") != "openKeyboard":
            findings.bad((*path, "fillInText"), "needs inputOption openKeyboard")

    return look


def _datetimepicker(label: Field, required: tuple[str, ...]) -> Field:
    known: dict[str, Field] = {
        "type": anything,
        "label": label,
        "data": text(300, least=0),
        "mode": one_of(*_DATE),
        "initial": anything,
        "min": anything,
        "max": anything,
    }

    def look(findings: Findings, path: Path, value: Any) -> None:
        fields(findings, path, value, known, ("data", "mode", *required))
        form = _DATE.get(str(value.get("mode")), "")
        for name in ("initial", "min", "max"):
            given = value.get(name)
            if given is not None and form and not (isinstance(given, str) and re.fullmatch(form, given)):
                findings.bad((*path, name), f"invalid format for mode {value['mode']}")
        low, high = value.get("min"), value.get("max")
        if isinstance(low, str) and isinstance(high, str) and low >= high:
            findings.bad((*path, "max"), "must be later than min")

    return look


def _actions(longest_label: int, *, label_needed: bool, extra: Mapping[str, Field] | None = None) -> Field:
    label = text(longest_label, count=graphemes)
    required = ("label",) if label_needed else ()
    base: dict[str, Field] = {"type": anything, "label": label}
    alt = shape({"desktop": _uri})
    kinds: dict[str, Field] = {
        "postback": _postback(label, required),
        "message": shape(base | {"text": text(300, count=graphemes)}, ("text", *required)),
        "uri": shape(base | {"uri": _uri, "altUri": alt}, ("uri", *required)),
        "datetimepicker": _datetimepicker(label, required),
        "clipboard": shape(base | {"clipboardText": text(1000)}, ("clipboardText", *required)),
        **(extra or {}),
    }
    return by_type(kinds)


_quick_label = text(20, count=graphemes)
_bare = shape({"type": anything, "label": _quick_label}, ("label",))
_alias = pattern(r"[a-z0-9_-]{1,32}", "must match ^[a-z0-9_-]{1,32}$")

# Camera, camera roll and location live in quick replies only; the menu switch in rich menus only.
quick_reply_action = _actions(
    20, label_needed=True, extra={"camera": _bare, "cameraRoll": _bare, "location": _bare}
)  # fmt: skip
template_action = _actions(20, label_needed=True)
default_action = _actions(20, label_needed=False)
image_carousel_action = _actions(12, label_needed=False)
flex_action = _actions(40, label_needed=False)
flex_button_action = _actions(40, label_needed=True)
menu_action = _actions(
    20,
    label_needed=False,
    extra={
        "richmenuswitch": shape(
            {
                "type": anything,
                "label": text(20, count=graphemes),
                "richMenuAliasId": _alias,
                "data": text(300, least=0),
            },
            ("richMenuAliasId", "data"),
        )
    },
)


def video_action(findings: Findings, path: Path, value: Any) -> None:
    """A Flex video knows only the URI action."""
    if isinstance(value, dict) and value.get("type") != "uri":
        findings.bad((*path, "type"), "Must be one of the following values: [uri]")
    else:
        flex_action(findings, path, value)
