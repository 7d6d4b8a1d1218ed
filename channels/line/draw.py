"""A message of any channel, drawn as a LINE card."""

from channels.line.flex import (
    GAP,
    GAP_LARGE,
    Flex,
    bubble,
    button,
    caption,
    column,
    figure,
    postback,
    separator,
    text,
    title,
    uri,
)  # fmt: skip
from channels.line.messages import Card
from channels.message import Action, Button, Message, Paragraph
from channels.palette import Palette


def card(message: Message, palette: Palette) -> Card:
    """One bubble: the title and what it means, then each piece of news apart from the others, the buttons below."""
    parts: list[Flex] = [title(message.title)]
    parts += [figure(one.value, one.label, margin=GAP) for one in message.figures]
    for paragraph in message.paragraphs:
        parts += _paragraph(paragraph, palette)
    parts += [_picture(address) for address in message.pictures]
    return Card(message.plain, bubble(*parts, buttons=[_button(one, palette) for one in message.buttons]))


def _paragraph(paragraph: Paragraph, palette: Palette) -> list[Flex]:
    if not paragraph.lead:
        return [caption(paragraph.text, margin=GAP)]
    below = [caption(paragraph.text)] if paragraph.text else []
    lead = text(paragraph.lead, bold=True, color=palette.accent)
    return [separator(GAP_LARGE), column(lead, *below, margin=GAP, spacing="4px")]


def _picture(address: str) -> Flex:
    return {"type": "image", "url": address, "size": "full", "aspectMode": "cover", "margin": GAP_LARGE}


def _button(one: Button, palette: Palette) -> Flex:
    action = postback(one.target.data, one.label) if isinstance(one.target, Action) else uri(one.target)
    return button(one.label, action, palette, "secondary")
