"""Secrets and tokens as clinics' rows hold them: with a line break at the end, or with one inside."""

import pytest
from sqlalchemy.orm import Session

from channels.line.client import Access, Line
from channels.line.errors import LineError
from models.clinics import Clinic


@pytest.mark.parametrize("around", ["{}\n", " {}", "{}\r\n", "\t{} "])
def test_white_space_around_is_no_part_of_it(session: Session, clinic: Clinic, around: str) -> None:
    clinic.line_channel_id = around.format("1234567890")
    clinic.line_channel_secret, clinic.line_bot_token = around.format("secret"), around.format("token")
    assert Line().access(clinic) == Access("1234567890", "secret", "token")


@pytest.mark.parametrize("token", ["to\nken", "to ken", "โทเค็น", "to\0ken", "\ud83d"])
def test_what_cannot_be_a_token_is_refused_as_line_would(token: str) -> None:
    """A call raises `LineError` and nothing else, and quotes no token. Nobody listens at the address."""
    with pytest.raises(LineError) as refused:
        Line("http://127.0.0.1:9").reply(Access("1", "secret", token), "t" * 32, b'[{"type": "text", "text": "x"}]')
    assert (refused.value.fault, refused.value.permanent) == ("refused", False)
    assert token not in str(refused.value)
