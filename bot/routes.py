"""The table of what the bot hears.

A chat file names the stimulus, the function is the answer:

    @hear.text("points")           # a phrase of locales/*/hear.po
    @hear.postback("points")       # button data `points`
    def show(chat: Chat) -> Reply: ...

Arguments of a button are taken by name and type. Whatever could go wrong in front of a customer and can be known
before, fails when the table is built: a trigger taken twice, an untyped argument, words that mean two things.
"""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin, get_type_hints
from uuid import UUID

from bot.chat import GrownOld
from bot.words import plain
from channels.message import Action, MalformedData, Reply
from locales.language import LANGUAGES, hearing_words

Handler = Callable[..., Reply]
PLAIN_STIMULI = ("follow", "unfollow", "sticker", "location", "audio", "image", "join", "member_joined")


class BadRoute(Exception):
    """The table cannot be built; the message says which file to mend and how."""


@dataclass(frozen=True)
class Route:
    stimulus: str
    """text, postback, step or one of PLAIN_STIMULI."""
    name: str
    """The phrase, the action or the step; empty for the others."""
    handler: Handler
    converters: Mapping[str, Callable[[str], object]]
    required: frozenset[str]

    @property
    def place(self) -> str:
        return f"{self.handler.__module__}.{self.handler.__qualname__}"

    def arguments(self, given: Mapping[str, str]) -> dict[str, object]:
        """The handler's arguments from button data. Raises `GrownOld` for missing, unknown or unreadable ones."""
        if not self.required <= given.keys() <= self.converters.keys():
            raise GrownOld(f"arguments {sorted(given)} do not fit {self.place}")
        try:
            return {name: self.converters[name](value) for name, value in given.items()}
        except ValueError as error:
            raise GrownOld(str(error)) from error


class Hear:
    """The decorators. Each collects; nothing is decided until `build`."""

    def __init__(self) -> None:
        self.collected: list[tuple[str, str, Handler]] = []

    def _on(self, stimulus: str, name: str) -> Callable[[Handler], Handler]:
        def collect(handler: Handler) -> Handler:
            self.collected.append((stimulus, name, handler))
            return handler

        return collect

    def text(self, phrase: str) -> Callable[[Handler], Handler]:
        return self._on("text", phrase)

    def postback(self, action: str) -> Callable[[Handler], Handler]:
        return self._on("postback", action)

    def step(self, name: str) -> Callable[[Handler], Handler]:
        """A free text while `chat.ask(name)` waits; the handler takes `text: str`."""
        return self._on("step", name)

    def __getattr__(self, stimulus: str) -> Callable[[], Callable[[Handler], Handler]]:
        if stimulus not in PLAIN_STIMULI:
            raise AttributeError(f"nothing is heard by the name {stimulus!r}; there are {', '.join(PLAIN_STIMULI)}")
        return lambda: self._on(stimulus, "")


hear = Hear()
"""Where the files of `bot/chats/` hang their routes."""


@dataclass(frozen=True)
class Table:
    routes: Mapping[tuple[str, str], Route]
    phrases: Mapping[str, str]
    """Plain words → phrase, over all languages."""
    languages: Mapping[str, Mapping[str, tuple[str, ...]]] = field(repr=False)

    def __iter__(self) -> Iterator[Route]:
        return iter(sorted(self.routes.values(), key=lambda route: (route.stimulus, route.name)))

    def plain(self, stimulus: str) -> Route:
        return self.routes[stimulus, ""]

    def phrase(self, text: str) -> Route | None:
        """The route of a text that is, word for word, in the phrase book."""
        name = self.phrases.get(plain(text))
        return self.routes["text", name] if name else None

    def step(self, name: str) -> Route | None:
        return self.routes.get(("step", name))

    def button(self, data: str) -> tuple[Route, dict[str, object]]:
        """The route and arguments of button data. Raises `GrownOld` for a button we no longer know, or never made."""
        try:
            action = Action.parse(data)
        except MalformedData as error:
            raise GrownOld(str(error)) from error
        route = self.routes.get(("postback", action.name))
        if route is None:
            raise GrownOld(f"no action {action.name!r}")
        return route, route.arguments(action.args)


def build(collected: Hear = hear, package: str = "bot.chats") -> Table:
    """The table of all chat files. Raises `BadRoute`."""
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        importlib.import_module(f"{package}.{module.name}")
    routes: dict[tuple[str, str], Route] = {}
    for stimulus, name, handler in collected.collected:
        route = _route(stimulus, name, handler)
        taken = routes.setdefault((stimulus, name), route)
        if taken is not route:
            raise BadRoute(f"{stimulus} {name!r} is heard by {taken.place} and by {route.place}")
    languages = {language: hearing_words(language) for language in LANGUAGES}
    return Table(routes, _phrases(routes, languages), languages)


def _route(stimulus: str, name: str, handler: Handler) -> Route:
    hints = get_type_hints(handler)
    converters: dict[str, Callable[[str], object]] = {}
    required: set[str] = set()
    for parameter in list(inspect.signature(handler).parameters.values())[1:]:
        if parameter.name not in hints:
            raise BadRoute(f"{handler.__module__}.{handler.__qualname__}: argument {parameter.name!r} has no type")
        converters[parameter.name] = _converter(hints[parameter.name], handler, parameter.name)
        if parameter.default is inspect.Parameter.empty:
            required.add(parameter.name)
    if stimulus == "step" and set(converters) != {"text"}:
        raise BadRoute(f"{handler.__module__}.{handler.__qualname__}: a step takes exactly `text: str`")
    if stimulus not in ("postback", "step") and required:
        raise BadRoute(f"{handler.__module__}.{handler.__qualname__}: only buttons and steps carry arguments")
    return Route(stimulus, name, handler, converters, frozenset(required))


def _converter(hint: Any, handler: Handler, name: str) -> Callable[[str], object]:
    options = [option for option in get_args(hint) if option is not type(None)]
    if get_origin(hint) is Literal:
        return _one_of(options)
    if options and type(None) in get_args(hint) and len(options) == 1:
        return _converter(options[0], handler, name)
    if hint in (str, int, UUID):
        return typing.cast("Callable[[str], object]", hint)
    raise BadRoute(f"{handler.__module__}.{handler.__qualname__}: a button cannot carry {name}: {hint}")


def _one_of(options: list[str]) -> Callable[[str], object]:
    def choose(value: str) -> str:
        if value not in options:
            raise ValueError(f"{value!r} is none of {options}")
        return value

    return choose


def _phrases(
    routes: Mapping[tuple[str, str], Route], languages: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> dict[str, str]:
    heard: dict[str, str] = {}
    wanted = {name for stimulus, name in routes if stimulus == "text"}
    for language, words in languages.items():
        if missing := wanted - {phrase for phrase, synonyms in words.items() if synonyms}:
            raise BadRoute(f"locales/{language}/hear.po has no words for {', '.join(sorted(missing))}")
        if unused := words.keys() - wanted:
            raise BadRoute(f"locales/{language}/hear.po has words that nobody hears: {', '.join(sorted(unused))}")
        for phrase, synonyms in words.items():
            for synonym in synonyms:
                if heard.setdefault(plain(synonym), phrase) != phrase:
                    raise BadRoute(f"{synonym!r} ({language}) means both {phrase} and {heard[plain(synonym)]}")
    return heard
