"""The table of what the bot hears.

A chat file names the event, the function is the answer:

    @hear.text("points")           # a phrase of runtime/locales/*/hear.po
    @hear.postback("points")       # button data `points`
    def show(chat: Chat) -> Reply: ...

Arguments of a button are taken by name and type; one of type `date` is what a date picker adds to its button. A
prefix is a phrase followed by a code, such as `CHECKIN-3F9A`: links and pictures make people send it.

Whatever could go wrong in front of a customer and can be known before, fails when the table is built: a trigger taken
twice, an untyped argument, words that mean two things.
"""

import importlib
import inspect
import pkgutil
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, get_args, get_origin, get_type_hints
from uuid import UUID

from bot.chat import StaleAction
from bot.words import plain
from channels.line.messages import Reply
from channels.message import Action, MalformedData
from runtime.language import LANGUAGES, hearing_words

Handler = Callable[..., Reply]
CODE = re.compile(r"(?:[\s:-]+|(?<=[^\x00-\x7f])(?=[0-9a-z]))([0-9a-z][0-9a-z-]*)")
"""What may follow a prefix: one code of Latin letters and digits. Thai needs no space before it; `reference` is not
`ref` with a code."""
IN_GROUPS = ("join", "leave", "member_joined", "group_text")
"""What is heard in a group; these handlers take a `GroupChat`."""
NAMED = ("text", "prefix", "postback", "step")
PlainEvent = Literal[
    "follow", "unfollow", "sticker", "location", "audio", "image", "join", "leave", "member_joined", "group_text"
]
"""What is heard without a name and carries no arguments."""


class BadRoute(Exception):
    """The table cannot be built; the message says which file to mend and how."""


@dataclass(frozen=True)
class Route:
    """One thing that is heard, the handler that answers it, and how its arguments are read."""

    event_type: str
    """text, prefix, postback, step or a `PlainEvent`."""
    name: str
    """The phrase, the action or the step; empty for the others."""
    handler: Handler
    converters: Mapping[str, Callable[[str], object]]
    required: frozenset[str]
    picked: Mapping[str, Callable[[str], object]] = field(default_factory=dict)
    """Arguments that a date picker fills in; never part of a button's data."""

    @property
    def place(self) -> str:
        return _place(self.handler)

    def arguments(self, given: Mapping[str, str], params: Mapping[str, str] | None = None) -> dict[str, object]:
        """The handler's arguments from button data, and from what a picker added to it.

        Raises `StaleAction` for missing, unknown or unreadable ones. Params that no argument asks for say nothing.
        """
        if not self.required <= given.keys() <= self.converters.keys():
            raise StaleAction(f"arguments {sorted(given)} do not fit {self.place}")
        if not self.picked.keys() <= (params or {}).keys():
            raise StaleAction(f"{self.place} needs {', '.join(self.picked)} from a picker")
        try:
            picked = {name: convert((params or {})[name]) for name, convert in self.picked.items()}
            return {name: self.converters[name](value) for name, value in given.items()} | picked
        except ValueError as error:
            raise StaleAction(str(error)) from error


class Hear:
    """The decorators. Each collects; nothing is decided until `build`."""

    def __init__(self) -> None:
        self.collected: list[tuple[str, str, Handler]] = []

    def _on(self, event_type: str, name: str) -> Callable[[Handler], Handler]:
        def collect(handler: Handler) -> Handler:
            self.collected.append((event_type, name, handler))
            return handler

        return collect

    def text(self, phrase: str) -> Callable[[Handler], Handler]:
        return self._on("text", phrase)

    def prefix(self, phrase: str) -> Callable[[Handler], Handler]:
        """The words of a phrase followed by a code; the handler takes `text: str`, in lower case, empty without one."""
        return self._on("prefix", phrase)

    def postback(self, action: str) -> Callable[[Handler], Handler]:
        return self._on("postback", action)

    def step(self, name: str) -> Callable[[Handler], Handler]:
        """A free text while `chat.ask(name)` waits; the handler takes `text: str`."""
        return self._on("step", name)

    def event(self, event_type: PlainEvent) -> Callable[[Handler], Handler]:
        return self._on(event_type, "")


hear = Hear()
"""Where the files of `bot/chats/` hang their routes."""


@dataclass(frozen=True)
class Table:
    """Everything that is heard, looked up by what came in. `build` makes and checks it."""

    routes: Mapping[tuple[str, str], Route]
    phrases: Mapping[str, str]
    """Plain words → phrase, over all languages."""
    prefixes: Mapping[str, str]
    """The same for the words that a code may follow."""
    languages: Mapping[str, Mapping[str, tuple[str, ...]]] = field(repr=False)

    def __iter__(self) -> Iterator[Route]:
        return iter(sorted(self.routes.values(), key=lambda route: (route.event_type, route.name)))

    def plain(self, event_type: str) -> Route:
        return self.routes[event_type, ""]

    def phrase(self, text: str) -> Route | None:
        """The route of a text that is, word for word, in the phrase book."""
        name = self.phrases.get(plain(text))
        return self.routes["text", name] if name else None

    def prefixed(self, text: str) -> tuple[Route, str] | None:
        """The route of a text that is a prefix and a code, and the code."""
        words = plain(text)
        if words in self.prefixes:
            return self.routes["prefix", self.prefixes[words]], ""
        for prefix, name in self.prefixes.items():
            code = CODE.fullmatch(words, len(prefix)) if words.startswith(prefix) else None
            if code is not None:
                return self.routes["prefix", name], code[1]
        return None

    def step(self, name: str) -> Route | None:
        return self.routes.get(("step", name))

    def button(self, data: str, params: Mapping[str, str] | None = None) -> tuple[Route, dict[str, object]]:
        """The route and arguments of button data, and of what a picker added to it.

        Raises `StaleAction` for a button we no longer know, or never made.
        """
        try:
            action = Action.parse(data)
        except MalformedData as error:
            raise StaleAction(str(error)) from error
        route = self.routes.get(("postback", action.name))
        if route is None:
            raise StaleAction(f"no action {action.name!r}")
        return route, route.arguments(action.args, params)


def build(collected: Hear = hear, package: str = "bot.chats") -> Table:
    """The table of all chat files. Raises `BadRoute`."""
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        importlib.import_module(f"{package}.{module.name}")
    routes: dict[tuple[str, str], Route] = {}
    for event_type, name, handler in collected.collected:
        route = _route(event_type, name, handler)
        taken = routes.setdefault((event_type, name), route)
        if taken is not route:
            raise BadRoute(f"{event_type} {name!r} is heard by {taken.place} and by {route.place}")
    languages = {language: hearing_words(language) for language in LANGUAGES}
    phrases, prefixes = _words(routes, languages)
    return Table(routes, phrases, prefixes, languages)


def _route(event_type: str, name: str, handler: Handler) -> Route:
    if event_type not in NAMED and event_type not in get_args(PlainEvent):
        known = ", ".join((*NAMED, *get_args(PlainEvent)))
        raise BadRoute(f"{_place(handler)}: nothing is heard by the name {event_type!r}; there are {known}")
    hints = get_type_hints(handler)
    converters: dict[str, Callable[[str], object]] = {}
    picked: dict[str, Callable[[str], object]] = {}
    required: set[str] = set()
    for parameter in list(inspect.signature(handler).parameters.values())[1:]:
        if parameter.name not in hints:
            raise BadRoute(f"{_place(handler)}: argument {parameter.name!r} has no type")
        if hints[parameter.name] is date and event_type == "postback":
            picked[_picked(handler, parameter)] = date.fromisoformat
            continue
        converters[parameter.name] = _converter(hints[parameter.name], handler, parameter.name)
        if parameter.default is inspect.Parameter.empty:
            required.add(parameter.name)
    if event_type in ("prefix", "step") and set(converters) != {"text"}:
        raise BadRoute(f"{_place(handler)}: a {event_type} takes exactly `text: str`")
    if event_type not in ("prefix", "postback", "step") and required:
        raise BadRoute(f"{_place(handler)}: only buttons, prefixes and steps carry arguments")
    return Route(event_type, name, handler, converters, frozenset(required), picked)


def _place(handler: Handler) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"


def _picked(handler: Handler, parameter: inspect.Parameter) -> str:
    """LINE calls what was picked `date`, so the argument is called that too."""
    if parameter.name != "date" or parameter.default is not inspect.Parameter.empty:
        raise BadRoute(f"{_place(handler)}: what a picker gives is called `date`, no default")
    return parameter.name


def _converter(hint: Any, handler: Handler, name: str) -> Callable[[str], object]:
    options = [option for option in get_args(hint) if option is not type(None)]
    if get_origin(hint) is Literal:
        return _one_of(options)
    if options and type(None) in get_args(hint) and len(options) == 1:
        return _converter(options[0], handler, name)
    if hint in (str, int, UUID):
        return typing.cast("Callable[[str], object]", hint)
    raise BadRoute(f"{_place(handler)}: a button cannot carry {name}: {hint}")


def _one_of(options: list[str]) -> Callable[[str], object]:
    def choose(value: str) -> str:
        if value not in options:
            raise ValueError(f"{value!r} is none of {options}")
        return value

    return choose


def _words(
    routes: Mapping[tuple[str, str], Route], languages: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Plain words → phrase, of texts and of prefixes. Raises `BadRoute` for words missing, unused or unclear."""
    heard: dict[str, str] = {}
    texts, prefixes = ({name for event_type, name in routes if event_type == kind} for kind in ("text", "prefix"))
    if both := texts & prefixes:
        raise BadRoute(f"{', '.join(sorted(both))} is heard as a text and as a prefix; give the prefix another name")
    for language, words in languages.items():
        if missing := (texts | prefixes) - {phrase for phrase, synonyms in words.items() if synonyms}:
            raise BadRoute(f"runtime/locales/{language}/hear.po has no words for {', '.join(sorted(missing))}")
        if unused := words.keys() - texts - prefixes:
            raise BadRoute(
                f"runtime/locales/{language}/hear.po has words that nobody hears: {', '.join(sorted(unused))}"
            )
        for phrase, synonyms in words.items():
            for synonym in synonyms:
                if heard.setdefault(plain(synonym), phrase) != phrase:
                    raise BadRoute(f"{synonym!r} ({language}) means both {phrase} and {heard[plain(synonym)]}")
    openings = {word: phrase for word, phrase in heard.items() if phrase in prefixes}
    _check_openings(openings, heard)
    return {word: phrase for word, phrase in heard.items() if phrase in texts}, openings


def _check_openings(openings: Mapping[str, str], heard: Mapping[str, str]) -> None:
    """Raises `BadRoute` where a whole text could be taken for a prefix with its code."""
    for opening, phrase in openings.items():
        for word, other in heard.items():
            if other != phrase and word.startswith(opening) and CODE.match(word, len(opening)):
                raise BadRoute(f"{word!r} of {other} would be heard as {phrase}, which begins with {opening!r}")
