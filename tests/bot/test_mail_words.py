"""A button of a mail opens the chat with words already written: whoever sends them is heard as if they had tapped."""

import pytest

import followups.kinds  # noqa: F401
from bot import routes
from channels.message import Action
from followups.kind import kinds
from runtime.language import LANGUAGES, Language, hearing_words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tap_of_a_follow_up_has_words(language: str) -> None:
    t, table = Language(language), routes.build()
    taps = {
        button.target.name
        for name in kinds
        if "email" in kinds[name].channels
        for button in kinds[name].buttons(t)
        if isinstance(button.target, Action)
    }
    assert taps
    for name in taps:
        heard = table.phrase(hearing_words(language)[name][0])
        assert heard is not None and heard.name == name
