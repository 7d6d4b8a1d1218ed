"""What a locked phone and a screen reader say: sentences with pauses between."""

import pytest

from channels.message import Message, Paragraph, aloud


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (("You received 120 points", "Thank you for coming."), "You received 120 points. Thank you for coming."),
        (("How can we help?", "Points, Rewards"), "How can we help? Points, Rewards"),
        (("คุณได้รับ 120 แต้ม", "ขอบคุณค่ะ"), "คุณได้รับ 120 แต้ม\nขอบคุณค่ะ"),
        (("ขอบคุณที่มาที่ Aura Clinic", "You are Silver now"), "ขอบคุณที่มาที่ Aura Clinic\nYou are Silver now"),
        (("", "Gift", "  "), "Gift"),
        ((), ""),
    ],
)
def test_parts_are_sentences(parts: tuple[str, ...], said: str) -> None:
    assert aloud(*parts) == said


def test_a_message_is_said_whole_and_in_its_order() -> None:
    message = Message("Title", (Paragraph("", "means this"), Paragraph("More", "of it"), Paragraph("Last")))
    assert message.plain == "Title. means this. More. of it. Last"
    led = Message("Title", (Paragraph("First", "with a lead."),))
    assert led.plain == "Title. First. with a lead."
