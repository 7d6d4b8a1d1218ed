"""Flex primitives: plain dicts in LINE's own words, so that every card of the product is of one family.

The family: white, generous space, one idea a bubble, figures large, colour used once, at most three buttons.
Dicts, not the SDK's objects: those take 4 ms a bubble and drop what they do not know.
Reference: https://developers.line.biz/en/reference/messaging-api/#flex-message
"""

from datetime import date
from typing import Any, Literal

from channels.line.lengths import truncate
from channels.line.limits import BUTTONS, FLEX_LABEL, LimitExceeded, check, check_action
from channels.palette import INK, LINE, MUTED, TIER_METALS, TRACK, Metal, Palette

__all__ = [
    "BODY", "CAPTION", "CLOSE", "FIGURE", "FIGURE_SMALL", "GAP", "GAP_LARGE", "GAP_SMALL", "PADDING", "RADIUS", "SMALL",
    "TIER_METALS", "TITLE", "Flex", "LimitExceeded", "Metal", "Palette", "badge", "baseline", "box",
    "bubble", "button", "caption", "carousel", "check", "clipboard", "column", "date_picker", "figure", "key_value",
    "message", "postback", "progress", "row", "separator", "text", "title", "uri",
]  # fmt: skip

Flex = dict[str, Any]
Align = Literal["start", "center", "end"]

# The type scale, in LINE's sizes (px at the default setting): 13, 14, 16, 19, 29, 48.
CAPTION, SMALL, BODY, TITLE, FIGURE_SMALL, FIGURE = "xs", "sm", "md", "lg", "xxl", "4xl"
# Space: between lines of one thought, between thoughts, between sections; and around everything.
GAP_SMALL, GAP, GAP_LARGE, PADDING = "6px", "12px", "20px", "20px"
CLOSE = "14px"
"""Around a card all of which is to be seen above an open menu."""
RADIUS = "12px"


def text(
    value: str,
    *,
    size: str = BODY,
    color: str = INK,
    bold: bool = False,
    align: Align = "start",
    wrap: bool = True,
    flex: int | None = None,
    margin: str | None = None,
    lines: int | None = None,
) -> Flex:
    """A run of text. `lines` cuts it (with an ellipsis) after so many; `flex=0` takes only the width it needs."""
    return _slim(
        type="text",
        text=value,
        size=size,
        color=color,
        weight="bold" if bold else None,
        align=None if align == "start" else align,
        wrap=wrap or None,
        lineSpacing="4px" if wrap and size in (SMALL, BODY) else None,
        flex=flex,
        margin=margin,
        maxLines=lines,
    )


def title(value: str, *, color: str = INK, margin: str | None = None) -> Flex:
    """The one heading of a bubble."""
    return text(value, size=TITLE, color=color, bold=True, margin=margin)


def caption(value: str, *, color: str = MUTED, align: Align = "start", margin: str | None = None) -> Flex:
    """Small print: what a figure means, when something happened."""
    return text(value, size=CAPTION, color=color, align=align, margin=margin)


def figure(value: str, unit: str = "", *, color: str = INK, size: str = FIGURE, margin: str | None = None) -> Flex:
    """The number that the bubble is about, large, with its unit small on the same base line."""
    number = text(value, size=size, color=color, bold=True, wrap=False, flex=0)
    if not unit:
        return {**number, **_slim(margin=margin)}
    return baseline(number, text(unit, size=BODY, color=MUTED, wrap=False, margin="8px"), margin=margin)


def box(
    layout: Literal["vertical", "horizontal", "baseline"],
    contents: list[Flex],
    *,
    spacing: str | None = None,
    margin: str | None = None,
    padding: str | None = None,
    background: str | None = None,
    gradient: tuple[str, str] | None = None,
    border: str | None = None,
    radius: str | None = None,
    width: str | None = None,
    height: str | None = None,
    flex: int | None = None,
    align: Literal["flex-start", "center", "flex-end"] | None = None,
    justify: Literal["flex-start", "center", "flex-end", "space-between"] | None = None,
    action: Flex | None = None,
) -> Flex:
    """A box. `gradient` runs from its first colour (top left) to its second; `action` makes the whole box a button."""
    return _slim(
        type="box",
        layout=layout,
        contents=contents,
        spacing=spacing,
        margin=margin,
        paddingAll=padding,
        backgroundColor=background,
        background=gradient
        and {"type": "linearGradient", "angle": "135deg", "startColor": gradient[0], "endColor": gradient[1]},
        borderColor=border,
        borderWidth=border and "1px",
        cornerRadius=radius,
        width=width,
        height=height,
        flex=flex,
        alignItems=align,
        justifyContent=justify,
        action=action,
    )


def column(*contents: Flex, **style: Any) -> Flex:
    """Things under each other; `style` as in `box`."""
    return box("vertical", list(contents), **style)


def row(*contents: Flex, **style: Any) -> Flex:
    """Things side by side; `style` as in `box`."""
    return box("horizontal", list(contents), **style)


def baseline(*contents: Flex, **style: Any) -> Flex:
    """Texts of different sizes on one line; `style` as in `box`."""
    return box("baseline", list(contents), **style)


def separator(margin: str = GAP) -> Flex:
    return {"type": "separator", "color": LINE, "margin": margin}


def progress(percent: float, color: str, *, track: str = TRACK, margin: str | None = None) -> Flex:
    """A bar, `percent` (cut to 0..100) of it in `color`. The least progress still shows."""
    share = min(100.0, max(0.0, percent))
    filled = [column(background=color, height="8px", radius="4px", width=f"{max(3, round(share))}%")] if share else []
    return column(*filled, background=track, height="8px", radius="4px", margin=margin)


def badge(value: str, *, background: str, color: str, margin: str | None = None) -> Flex:
    """A pill around a word or two, as wide as its text."""
    label = text(value, size=CAPTION, color=color, bold=True, wrap=False, flex=0)
    pill = _slim(**column(label, background=background, radius="20px", flex=0))
    pill.update(paddingStart="12px", paddingEnd="12px", paddingTop="4px", paddingBottom="4px")
    return row(pill, margin=margin)


def key_value(label: str, value: str, *, color: str = INK, margin: str | None = None) -> Flex:
    """A line of a list: what it is on the left, how much on the right."""
    return row(
        text(label, size=SMALL, color=MUTED, flex=3),
        text(value, size=SMALL, color=color, bold=True, align="end", flex=2),
        spacing=GAP,
        margin=margin,
    )


def postback(data: str, said: str | None = None) -> Flex:
    """An action that tells the bot `data`; `said` appears in the chat as the person's own words."""
    return _slim(type="postback", data=data, displayText=said)


def message(words: str) -> Flex:
    """An action that sends `words` as the person's own message, so that LINE says who it was, in a group too.

    What is sent is heard as if it had been typed (`bot.words.wording` makes it), and everybody in the chat reads it.
    Raises LimitExceeded instead of cutting: a code stands at the end.
    """
    action = {"type": "message", "text": words}
    check_action(action, "action")
    return action


def date_picker(
    data: str, *, initial: date | None = None, earliest: date | None = None, latest: date | None = None
) -> Flex:
    """An action that lets the person pick a day and tells the bot `data` with it."""
    return _slim(
        type="datetimepicker",
        data=data,
        mode="date",
        initial=initial and initial.isoformat(),
        min=earliest and earliest.isoformat(),
        max=latest and latest.isoformat(),
    )


def uri(address: str) -> Flex:
    """An action that opens an address (https, line, tel)."""
    return {"type": "uri", "uri": address}


def clipboard(value: str) -> Flex:
    """An action that copies `value`."""
    return {"type": "clipboard", "clipboardText": value}


def button(
    label: str,
    action: Flex,
    palette: Palette,
    style: Literal["primary", "secondary", "quiet"] = "primary",
    **place: Any,
) -> Flex:
    """A button. `primary` once in a bubble; `secondary` in the clinic's tint beside it; `quiet` is text alone.

    The label is cut to LINE's forty characters. LINE draws white on its `primary` style and near-black on `secondary`,
    so the style sent follows the palette.
    """
    if style == "primary":
        drawn = {"style": "primary" if palette.on_primary == palette.surface else "secondary", "color": palette.primary}
    elif style == "secondary":
        drawn = {"style": "secondary", "color": palette.tint_strong}
    else:
        drawn = {"style": "link", "color": palette.accent}
    return {
        "type": "button",
        "height": "sm",
        **drawn,
        "action": {**action, "label": truncate(label, FLEX_LABEL)},
        **place,
    }


def bubble(
    *body: Flex,
    buttons: list[Flex] | None = None,
    head: Flex | None = None,
    size: Literal["nano", "micro", "deca", "hecto", "kilo", "mega", "giga"] = "mega",
    padding: str = PADDING,
    action: Flex | None = None,
) -> Flex:
    """A card: an optional `head` edge to edge, the body with `padding` around it, at most three `buttons` under it.

    Raises LimitExceeded for a fourth button: that is a second bubble.
    """
    if buttons and len(buttons) > BUTTONS:
        raise LimitExceeded("buttons", "footer", len(buttons), BUTTONS)
    foot = buttons and {**column(*buttons, spacing="8px"), "paddingAll": padding, "paddingTop": "0px"}
    head = head and {"paddingAll": "0px", **head}
    return _slim(
        type="bubble", size=size, header=head, body=column(*body, padding=padding), footer=foot or None, action=action
    )


def carousel(bubbles: list[Flex]) -> Flex:
    """Bubbles side by side; at most twelve, all of one size. `check` measures them."""
    return {"type": "carousel", "contents": bubbles}


def _slim(**fields: Any) -> Flex:
    return {name: value for name, value in fields.items() if value is not None}
