"""The table refuses at start whatever would fail in front of a customer."""

import ast
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest

from bot.chat import StaleAction
from bot.routes import BadRoute, Hear, Table, _route, build
from channels.line.messages import Reply, silence
from channels.message import Action
from tests.check.tree import sources

EMPTY = "tests.bot.no_chats"


def answer(chat: Any) -> Reply:
    return silence("test")


def test_every_button_that_any_card_or_menu_carries_is_heard(table: Table) -> None:
    """No dead button can ship: each `Action("name", argument=…)` in the code has a route that takes these arguments."""
    found = list(_actions())
    assert {name for name, _, _ in found} >= {"join", "points", "history", "tiers", "language", "offers"}
    for name, arguments, place in found:
        route = table.routes.get(("postback", name))
        assert route is not None, f"{place}: nobody hears the button {name!r}"
        assert route.required <= arguments <= route.converters.keys(), f"{place}: {name} does not take {arguments}"


def _actions() -> Any:
    for path, source in sources("*.py").items():
        if path.startswith(("tests/", "benchmarks/", "simulator/")):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Action":
                first = node.args[0]
                assert isinstance(first, ast.Constant), f"{path}:{node.lineno}: the name of an action is written out"
                yield first.value, {str(keyword.arg) for keyword in node.keywords}, f"{path}:{node.lineno}"


def test_a_trigger_taken_twice_is_refused() -> None:
    hear = Hear()
    hear.postback("points")(answer)
    hear.postback("points")(lambda chat: silence("other"))
    with pytest.raises(BadRoute, match="points"):
        build(hear, EMPTY)


def test_an_untyped_argument_is_refused() -> None:
    def handler(chat, reward):  # type: ignore[no-untyped-def]
        return silence("test")

    hear = Hear()
    hear.postback("redeem")(handler)
    with pytest.raises(BadRoute, match="reward"):
        build(hear, EMPTY)


def test_a_phrase_without_words_is_refused() -> None:
    hear = Hear()
    hear.text("no such phrase")(answer)
    with pytest.raises(BadRoute, match=r"hear\.po has no words for no such phrase"):
        build(hear, EMPTY)


def test_an_unknown_event_is_refused() -> None:
    hear = Hear()
    hear.event("smell")(answer)  # type: ignore[arg-type]
    with pytest.raises(BadRoute, match=r"nothing is heard by the name 'smell'; there are .*sticker"):
        build(hear, EMPTY)


def test_arguments_are_taken_by_name_and_type() -> None:
    def handler(chat: Any, reward: UUID, size: int = 1, to: Literal["th", "en"] = "th") -> Reply:
        return silence("test")

    hear = Hear()
    hear.postback("redeem")(handler)
    route = _route(*hear.collected[0])
    reward = uuid4()
    assert route.arguments({"reward": str(reward), "size": "2"}) == {"reward": reward, "size": 2}
    for bad in ({}, {"reward": "x"}, {"reward": str(reward), "to": "fr"}, {"reward": str(reward), "other": "1"}):
        with pytest.raises(StaleAction):
            route.arguments(bad)


@pytest.mark.parametrize(
    "data", ["", "?", "unknown", "history?before=x", "history?before", "points?a=1&a=2", "x" * 400]
)
def test_forged_and_forgotten_buttons_have_grown_old(table: Table, data: str) -> None:
    with pytest.raises(StaleAction):
        table.button(data)


def test_a_button_says_what_it_was_made_of(table: Table) -> None:
    before = uuid4()
    route, arguments = table.button(Action("history", before=before).data)
    assert (route.name, arguments) == ("history", {"before": before})


@pytest.mark.parametrize("words", ["แต้มค่ะ", "POINTS", "คะแนนครับ", "my points please"])
def test_phrases_are_heard_in_every_language(table: Table, words: str) -> None:
    route = table.phrase(words)
    assert route is not None
    assert route.name == "points"
