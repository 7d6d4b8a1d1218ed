"""The table refuses at start whatever would fail in front of a customer."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest

from bot.chat import Chat, GroupChat, StaleAction
from bot.phrasebook import BadRoute
from bot.routes import Hear, Table, _route, build
from bot.words import wording
from channels.line.messages import Reply, silence
from channels.message import Action
from runtime.language import LANGUAGES, Language
from runtime.settings import Settings
from tests.bot.pretend import beside_the_product
from tests.check.tree import sources

EMPTY = "tests.bot.no_chats"


def answer(chat: Any) -> Reply:
    return silence("test")


def in_group(group: GroupChat) -> Reply:
    return silence("test")


def claim(group: GroupChat, task: UUID) -> Reply:
    return silence("test")


SHIPPED = {
    path: source
    for path, source in sources("*.py").items()
    if not path.startswith(("tests/", "benchmarks/", "simulator/"))
}


def test_every_button_that_any_card_or_menu_carries_is_heard(table: Table) -> None:
    """No dead button can ship: what each one tells or says has a route that takes it."""
    found = {name for path, source in SHIPPED.items() for name, _, _ in _actions(path, source)}
    assert found >= {"join", "points", "history", "tiers", "language", "offers"}
    assert dead(table, SHIPPED) == []


def dead(table: Table, files: Mapping[str, str]) -> list[str]:
    """Buttons that nobody hears where they are shown: what the staff's cards carry is tapped in a group."""
    found: list[str] = []
    for path, source in files.items():
        group = path.startswith("bot/cards/staff")
        for name, arguments, place in _actions(path, source):
            route = table.routes.get(("group_postback" if group else "postback", name))
            if route is None:
                found.append(f"{place}: nobody hears the button {name!r}")
            elif not route.required <= arguments <= route.converters.keys():
                found.append(f"{place}: {name} does not take {arguments}")
        for phrase, code, place in _messages(path, source):
            kind = "prefix" if code else "text"
            opened = group and code and ("group_opening", phrase) in table.routes
            if not opened and (f"group_{kind}" if group else kind, phrase) not in table.routes:
                found.append(f"{place}: nobody hears the {kind} {phrase!r}")
    return found


def _actions(path: str, source: str) -> Iterator[tuple[str, set[str], str]]:
    """Each `Action("name", argument=…)`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Action":
            first = node.args[0]
            assert isinstance(first, ast.Constant), f"{path}:{node.lineno}: the name of an action is written out"
            yield str(first.value), {str(keyword.arg) for keyword in node.keywords}, f"{path}:{node.lineno}"


def _messages(path: str, source: str) -> Iterator[tuple[str, bool, str]]:
    """Each `message(wording(t, "phrase", code))`: the phrase, and whether a code follows it."""
    for node in ast.walk(ast.parse(source)):
        place = f"{path}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Dict) and path != "channels/line/flex.py":
            pairs = [
                (ast.unparse(key), ast.unparse(value)) for key, value in zip(node.keys, node.values, strict=True) if key
            ]
            assert ("'type'", "'message'") not in pairs, f"{place}: a message action is made by flex.message"
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("message", "flex.message"):
            said = ast.unparse(node)
            call = node.args[0]
            assert isinstance(call, ast.Call) and ast.unparse(call.func) == "wording", f"{place}: {said}: use wording()"
            phrase = call.args[1]
            assert isinstance(phrase, ast.Constant), f"{place}: the phrase of a message is written out"
            yield str(phrase.value), len(call.args) > 2, place


@pytest.mark.parametrize(
    ("path", "source", "why"),
    [
        ("bot/cards/points.py", 'Action("nowhere")', "nobody hears the button 'nowhere'"),
        ("bot/cards/points.py", 'Action("points", day=1)', "points does not take {'day'}"),
        ("bot/cards/staff.py", 'Action("points")', "nobody hears the button 'points'"),
        ("bot/cards/points.py", 'Action("claim", task=task.id)', "nobody hears the button 'claim'"),
        ("bot/cards/staff.py", 'Action("claim")', "claim does not take set()"),
        ("bot/cards/points.py", 'message(wording(t, "nowhere"))', "nobody hears the text 'nowhere'"),
        ("bot/cards/points.py", 'flex.message(wording(t, "points", code))', "nobody hears the prefix 'points'"),
        ("bot/cards/staff.py", 'message(wording(t, "points"))', "nobody hears the text 'points'"),
        ("bot/cards/staff.py", 'message(wording(t, "bind"))', "nobody hears the text 'bind'"),
    ],
)
def test_a_button_that_nobody_hears_is_found(path: str, source: str, why: str) -> None:
    assert dead(_with_claim(), {path: source}) == [f"{path}:1: {why}"]


@pytest.mark.parametrize(
    "source", ['message("สวัสดี")', "message(wording(t, phrase))", '{"type": "message", "text": "x"}']
)
def test_what_a_button_says_is_a_phrase(source: str) -> None:
    with pytest.raises(AssertionError, match=r"points\.py:1"):
        dead(_with_claim(), {"bot/cards/points.py": source})


def test_a_button_of_the_staff_is_heard_in_their_group() -> None:
    source = 'Action("claim", task=task.id)\nmessage(wording(t, "bind", code))'
    assert dead(_with_claim(), {"bot/cards/staff.py": source}) == []


def _with_claim() -> Table:
    """The product's table, and a button in the staff's group."""
    hear = beside_the_product()
    hear.postback("claim", group=True)(claim)
    return build(hear)


def test_what_a_button_says_is_heard_in_every_language(table: Table) -> None:
    for route in table:
        for t in map(Language, LANGUAGES):
            if route.event_type in ("text", "group_text") and route.name:
                assert table.phrase(wording(t, route.name), group=route.group) == route
            if route.event_type in ("prefix", "group_prefix"):
                said = wording(t, route.name, "A7K2")
                assert table.prefixed(said, group=route.group) == (route, "a7k2")
            if route.event_type == "group_opening":
                said = wording(t, route.name, "A7K2")
                assert table.opened(said) == (route, "a7k2")
                assert (table.prefixed(said, group=True), table.phrase(said, group=True)) == (None, None)


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


@pytest.mark.parametrize("number", ["2147483648", "-2147483649", "9" * 200, "1_0", " 7", "+7", "٧", "7.0", "", "1e3"])
@pytest.mark.parametrize("button", ["birthday_set?day=1&month", "rewards?page", "achievements?page"])
def test_a_number_that_no_button_of_ours_carries_has_grown_old(table: Table, button: str, number: str) -> None:
    with pytest.raises(StaleAction):
        table.button(f"{button}={quote(number)}")


@pytest.mark.parametrize(
    "data",
    [
        *("", "?", "unknown", "history?before=x", "history?before", "points?a=1&a=2", "x" * 400),
        f"redeem?reward={UUID(int=1)}&points=1&nonce=%00",
        f"redeem?reward={UUID(int=1)}&points=1&nonce=\ud83d",
    ],
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


def test_a_group_hears_apart_from_a_chat_of_two(table: Table) -> None:
    """What a customer says in their own chat is talk in a group, and the other way round."""
    assert table.phrase("points", group=True) is None
    with pytest.raises(StaleAction):
        table.button("points", group=True)
    with pytest.raises(StaleAction):
        _with_claim().button(f"claim?task={uuid4()}")
    bound = table.prefixed("BIND 7kqm 2xra", group=True)
    assert bound is not None
    assert (bound[0].event_type, bound[0].unbound, bound[1]) == ("group_prefix", True, "7kqm 2xra")
    assert table.prefixed("BIND 7kqm 2xra") is None


def test_the_longer_words_of_a_prefix_are_not_taken_for_its_code(table: Table) -> None:
    bound = table.prefixed("bind group 7KQM 2XRA", group=True)
    assert bound is not None
    assert bound[1] == "7kqm 2xra"


def test_names_that_are_counted_are_names_of_routes(table: Table) -> None:
    assert [table.action(data) for data in ("points", "history?before=x", "x" * 400, "", "?")] == [
        "points", "history", "unknown", "unknown", "unknown",
    ]  # fmt: skip
    assert _with_claim().action("claim") == "claim"


@pytest.mark.parametrize("place", ["postback", "text"])
def test_a_handler_is_given_what_its_event_happens_in(place: Literal["postback", "text"]) -> None:
    def of_two(chat: Chat) -> Reply:
        return silence("test")

    for handler, group in ((of_two, True), (in_group, False)):
        hear = Hear()
        getattr(hear, place)("points", group=group)(handler)
        with pytest.raises(BadRoute, match="is heard in a"):
            build(hear, EMPTY)


def test_only_a_group_can_be_unbound() -> None:
    hear = Hear()
    hear.postback("points", unbound=True)(answer)
    with pytest.raises(BadRoute, match="only a group can be unbound"):
        build(hear, EMPTY)


def test_the_command_prints_what_a_group_hears(settings: Settings, make_app: Any) -> None:
    printed = make_app(settings).test_cli_runner().invoke(args=["bot", "routes"]).output.splitlines()
    (bind,) = [line for line in printed if line.startswith("group_prefix")]
    assert bind.split()[:3] == ["group_prefix", "bind", "bot.chats.staff.bind"]
    assert bind.endswith("en: bind | bind group  (in unbound groups too)")
