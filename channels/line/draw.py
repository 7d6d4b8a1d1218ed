"""A message of any channel, drawn as a LINE card."""

from channels.line import festive
from channels.line.flex import (
    CLOSE,
    GAP,
    GAP_LARGE,
    GAP_SMALL,
    PADDING,
    SMALL,
    Flex,
    bubble,
    button,
    caption,
    column,
    figure,
    postback,
    row,
    separator,
    text,
    title,
    uri,
)  # fmt: skip
from channels.line.messages import Card
from channels.message import Action, Answer, Button, Link, Message, Paragraph
from channels.palette import Palette


def card(message: Message, palette: Palette) -> Card:
    """One bubble: the title and what it means, then each piece of news apart from the others, answers, buttons."""
    if message.festive:
        return festive.card(message, palette)
    parts: list[Flex] = [title(message.title)]
    parts += [figure(one.value, one.label, margin=GAP) for one in message.figures]
    for paragraph in message.paragraphs:
        parts += _paragraph(paragraph, palette)
    parts += [_picture(address) for address in message.pictures]
    parts += [_answer(one, palette) for one in message.answers]
    parts += [caption(message.note, margin=GAP)] if message.note else []
    padding = CLOSE if message.answers else PADDING  # so many lines are to be seen above an open menu
    buttons = [_button(one, palette) for one in message.buttons]
    return Card(message.locked or message.plain, bubble(*parts, buttons=buttons, padding=padding))


def _paragraph(paragraph: Paragraph, palette: Palette) -> list[Flex]:
    if not paragraph.lead:
        return [caption(paragraph.text, margin=GAP)]
    below = [caption(paragraph.text)] if paragraph.text else []
    lead = text(paragraph.lead, bold=True, color=palette.accent)
    return [separator(GAP_LARGE), column(lead, *below, margin=GAP, spacing="4px")]


def _picture(address: str) -> Flex:
    return {"type": "image", "url": address, "size": "full", "aspectMode": "cover", "margin": GAP_LARGE}


def _answer(one: Answer, palette: Palette) -> Flex:
    """A line that is one button; what is tapped stands in the chat as it was drawn."""
    said = f"{one.mark} {one.label}"
    return row(
        text(one.mark, color=palette.accent, wrap=False, flex=0),
        text(one.label, size=SMALL, align="end", wrap=False),
        margin=GAP_SMALL,
        padding="10px",
        radius="8px",
        background=palette.tint,
        align="center",
        action={**postback(one.target.data, said), "label": said},
    )


def _button(one: Button, palette: Palette) -> Flex:
    if isinstance(one.target, Action):
        action = postback(one.target.data, one.label)
    else:
        action = uri(one.target.to if isinstance(one.target, Link) else one.target)
    return button(one.label, action, palette, "quiet" if one.quiet else "secondary")
