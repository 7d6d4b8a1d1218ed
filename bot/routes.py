"""The table of what the bot hears.

A chat file names the event, the function is the answer:

    @hear.text("points")           # a phrase of runtime/locales/*/hear.po
    @hear.subject("points")        # a sentence about a subject of bot/subjects.py
    @hear.postback("points")       # button data `points`
    def show(chat: Chat) -> Reply: ...

What is heard in a group is said apart, and its handler is given the group; unless `unbound=True`, only groups that are
the clinic's own are heard:

    @hear.prefix("bind", group=True, unbound=True)
    @hear.opening("allow")                  # in a group: the words of a phrase, and whatever follows them
    @hear.postback("claim", group=True)     # LINE need not tell who tapped: `group.user_id` may be None
    def claim(group: GroupChat, task: UUID) -> Reply: ...

Arguments of a button are taken by name and type; one of type `date` is what a date picker adds to its button. A
prefix is a phrase followed by a code, such as `CHECKIN-3F9A`: links and pictures make people send it.

Whatever could go wrong in front of a customer and can be known before, fails when the table is built: a trigger taken
twice, an untyped argument, words that mean two things.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal, get_args, get_type_hints

from bot.arguments import converter
from bot.chat import Chat, GroupChat, StaleAction
from bot.phrasebook import CODES, LONGEST, BadRoute, codes_behind, goes_on, nearly, phrasebook, worn_words
from bot.subjects import SUBJECTS
from bot.understand import Understanding, Understood
from bot.words import asked, plain
from channels.line.messages import Reply
from channels.message import Action, MalformedData
from runtime.language import LANGUAGES, hearing_words, kinds_of_words

Handler = Callable[..., Reply]
NAMED = ("text", "subject", "prefix", "postback", "step", "opening")
IN_GROUPS = (
    "join", "leave", "member_joined", "member_left", "group_text", "group_prefix", "group_postback", "group_opening",
    "group_quoted",
)  # fmt: skip
"""What is heard in a group; these handlers take a `GroupChat`."""
PlainEvent = Literal[
    "follow", "unfollow", "sticker", "location", "audio", "image", "video", "file", "join", "leave", "member_joined",
    "member_left", "group_text", "group_quoted",
]  # fmt: skip
"""What is heard without a name and carries no arguments. `group_text` is a group's text that has no other route,
`group_quoted` whatever quotes what the staff were told."""


@dataclass(frozen=True)
class Route:
    """One thing that is heard, the handler that answers it, and how its arguments are read."""

    event_type: str
    """text, prefix, postback, the same with `group_` before it, subject, step, or a `PlainEvent`."""
    name: str
    """The phrase, the action or the step; empty for the others."""
    handler: Handler
    converters: Mapping[str, Callable[[str], object]]
    required: frozenset[str]
    picked: Mapping[str, Callable[[str], object]] = field(default_factory=dict)
    """Arguments that a date picker fills in; never part of a button's data."""
    unbound: bool = False
    """Heard in groups that are not the clinic's own, too."""

    @property
    def group(self) -> bool:
        """Whether it is heard in groups, and not in a chat of two."""
        return self.event_type in IN_GROUPS

    @property
    def place(self) -> str:
        return _place(self.handler)

    def answer(self, chat: Chat, **arguments: object) -> Reply:
        """The answer of its handler to a customer, who is then known to have been answered by it."""
        chat.answered.add(self.name)
        return self.handler(chat, **arguments)

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
        self.collected: list[tuple[str, str, Handler, bool]] = []
        """(event type, name, handler, unbound)"""

    def _on(
        self, event_type: str, name: str, *, group: bool = False, unbound: bool = False
    ) -> Callable[[Handler], Handler]:
        def collect(handler: Handler) -> Handler:
            self.collected.append((_at(event_type, group=group), name, handler, unbound))
            return handler

        return collect

    def text(self, phrase: str, *, group: bool = False, unbound: bool = False) -> Callable[[Handler], Handler]:
        return self._on("text", phrase, group=group, unbound=unbound)

    def subject(self, name: str) -> Callable[[Handler], Handler]:
        """A sentence that is no phrase and is understood to be about this."""
        return self._on("subject", name)

    def prefix(self, phrase: str, *, group: bool = False, unbound: bool = False) -> Callable[[Handler], Handler]:
        """The words of a phrase followed by a code; the handler takes `text: str`, in lower case, empty without one.

        In a group the code may have spaces in it.
        """
        return self._on("prefix", phrase, group=group, unbound=unbound)

    def postback(self, action: str, *, group: bool = False, unbound: bool = False) -> Callable[[Handler], Handler]:
        return self._on("postback", action, group=group, unbound=unbound)

    def opening(self, phrase: str) -> Callable[[Handler], Handler]:
        """In a group: the words of a phrase and whatever follows them, such as a name or the code of a button
        (`flex.message(wording(…))`); the handler takes `text: str`, in plain words (`bot/words.py`), perhaps empty.
        It raises `NotMeant` where the words go on otherwise."""
        return self._on("opening", phrase, group=True)

    def step(self, name: str) -> Callable[[Handler], Handler]:
        """A free text while `chat.ask(name)` waits; the handler takes `text: str`, and raises `NotMeant` where that is
        no answer. Nobody is asked in a group."""
        return self._on("step", name)

    def event(self, event_type: PlainEvent, *, unbound: bool = False) -> Callable[[Handler], Handler]:
        return self._on(event_type, "", unbound=unbound)


hear = Hear()
"""Where the files of `bot/chats/` hang their routes."""


@dataclass(frozen=True)
class Table:
    """Everything that is heard, looked up by what came in. `build` makes and checks it."""

    routes: Mapping[tuple[str, str], Route]
    words: Mapping[str, Mapping[str, str]]
    """Event type (text, prefix, and theirs in groups) → plain words → phrase, over all languages."""
    languages: Mapping[str, Mapping[str, tuple[str, ...]]] = field(repr=False)

    def __iter__(self) -> Iterator[Route]:
        return iter(sorted(self.routes.values(), key=lambda route: (route.event_type, route.name)))

    def plain(self, event_type: str) -> Route:
        return self.routes[event_type, ""]

    @cached_property
    def worn(self) -> Mapping[str, Mapping[str, str]]:
        return {event_type: worn_words(book) for event_type, book in self.words.items()}

    def phrase(self, text: str, *, group: bool = False) -> Route | None:
        """The route of a text that is a phrase of the book, or asks for it and nothing else."""
        event_type, said = _at("text", group=group), plain(text)
        name = self.words[event_type].get(said) or nearly(self.worn[event_type], said)
        return self.routes[event_type, name] if name else None

    @cached_property
    def understanding(self) -> Understanding:
        return Understanding(map(kinds_of_words, self.languages))

    def understand(self, text: str, own: Understanding | None = None) -> Understood:
        """What a text is about: by the phrase book, else by the words in it, `own` ones of the clinic's among them."""
        route = self.phrase(text)
        if route is None:
            return (own or self.understanding)(text)
        about = [each.name for each in self if each.event_type == "subject" and each.handler is route.handler]
        found = self.understanding(text).subjects if len(about) > 1 else ()
        subject = next((name for name in found if name in about), (about or [route.name])[0])
        return Understood((subject,), True, f"the phrase {route.name}")

    def subject(self, name: str) -> Route | None:
        """None: people answer it."""
        return self.routes.get(("subject", name))

    def prefixed(self, text: str, *, group: bool = False) -> tuple[Route, str] | None:
        """The route of a text that is a prefix and a code, and the code."""
        event_type, said = _at("prefix", group=group), plain(text)
        openings = self.words[event_type]
        if said in openings:
            return self.routes[event_type, openings[said]], ""
        for opening, name in openings.items():
            code = CODES[event_type].fullmatch(said, len(opening)) if said.startswith(opening) else None
            if code is not None:
                return self.routes[event_type, name], code[1]
        return None

    def among(self, text: str, *, group: bool = False) -> tuple[Route, str] | None:
        """The route of a text that has a prefix and its code somewhere among other words; None when it has several."""
        event_type, said = _at("prefix", group=group), plain(text)
        found = {
            (name, code) for opening, name in self.words[event_type].items() for code in codes_behind(opening, said)
        }
        if len(found) != 1:
            return None
        ((name, code),) = found
        return self.routes[event_type, name], code

    def opened(self, text: str) -> tuple[Route, str] | None:
        """The route of a group's text that begins with the words of a phrase, or asks for them, and what follows."""
        said = plain(text)
        for words in (said, *(asked(said) if len(said) <= LONGEST else ())):
            for opening, name in self.words["group_opening"].items():
                if words.startswith(opening) and not goes_on(opening, words[len(opening) :]):
                    return self.routes["group_opening", name], words[len(opening) :].strip(" :-")
        return None

    def step(self, name: str) -> Route | None:
        return self.routes.get(("step", name))

    def button(
        self, data: str, params: Mapping[str, str] | None = None, *, group: bool = False
    ) -> tuple[Route, dict[str, object]]:
        """The route and arguments of button data, and of what a picker added to it.

        Raises `StaleAction` for a button we no longer know, or never made.
        """
        try:
            action = Action.parse(data).bare
        except MalformedData as error:
            raise StaleAction(str(error)) from error
        route = self.routes.get((_at("postback", group=group), action.name))
        if route is None:
            raise StaleAction(f"no action {action.name!r}")
        return route, route.arguments(action.args, params)

    def action(self, data: str) -> str:
        """The action's name if anybody hears it, else `unknown`: what is counted by it stays few."""
        name = data.partition("?")[0]
        return name if {("postback", name), ("group_postback", name)} & self.routes.keys() else "unknown"


def build(collected: Hear = hear, package: str = "bot.chats") -> Table:
    """The table of all chat files. Raises `BadRoute`."""
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        importlib.import_module(f"{package}.{module.name}")
    routes: dict[tuple[str, str], Route] = {}
    for each in collected.collected:
        route = _route(*each)
        taken = routes.setdefault((route.event_type, route.name), route)
        if taken is not route:
            raise BadRoute(f"{route.event_type} {route.name!r} is heard by {taken.place} and by {route.place}")
    languages = {language: hearing_words(language) for language in LANGUAGES}
    return Table(routes, phrasebook(routes, languages), languages)


def _at(event_type: str, *, group: bool) -> str:
    return f"group_{event_type}" if group else event_type


def _route(event_type: str, name: str, handler: Handler, unbound: bool = False) -> Route:
    kind = event_type.removeprefix("group_") if name else event_type
    if kind not in NAMED and event_type not in get_args(PlainEvent):
        known = ", ".join((*NAMED, *get_args(PlainEvent)))
        raise BadRoute(f"{_place(handler)}: nothing is heard by the name {event_type!r}; there are {known}")
    hints = get_type_hints(handler)
    converters: dict[str, Callable[[str], object]] = {}
    picked: dict[str, Callable[[str], object]] = {}
    required: set[str] = set()
    first, *parameters = inspect.signature(handler).parameters.values()
    _check_place(event_type, handler, hints.get(first.name), unbound=unbound)
    for parameter in parameters:
        if parameter.name not in hints:
            raise BadRoute(f"{_place(handler)}: argument {parameter.name!r} has no type")
        if hints[parameter.name] is date and kind == "postback":
            picked[_picked(handler, parameter)] = date.fromisoformat
            continue
        converters[parameter.name] = converter(hints[parameter.name], _place(handler), parameter.name)
        if parameter.default is inspect.Parameter.empty:
            required.add(parameter.name)
    if kind == "subject" and name not in SUBJECTS:
        raise BadRoute(f"{_place(handler)}: {name!r} is no subject of bot/subjects.py")
    if kind in ("prefix", "step", "opening") and set(converters) != {"text"}:
        raise BadRoute(f"{_place(handler)}: a {kind} takes exactly `text: str`")
    if kind not in ("prefix", "postback", "step", "opening") and required:
        raise BadRoute(f"{_place(handler)}: only buttons, prefixes and steps carry arguments")
    return Route(event_type, name, handler, converters, frozenset(required), picked, unbound)


def _check_place(event_type: str, handler: Handler, given: object, *, unbound: bool) -> None:
    """A handler is given what its event happens in: a chat of two, or a group."""
    group = event_type in IN_GROUPS
    if given is (Chat if group else GroupChat):
        raise BadRoute(f"{_place(handler)}: {event_type} is heard in {'a group' if group else 'a chat of two'}")
    if unbound and not group:
        raise BadRoute(f"{_place(handler)}: only a group can be unbound")


def _place(handler: Handler) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"


def _picked(handler: Handler, parameter: inspect.Parameter) -> str:
    """LINE calls what was picked `date`, so the argument is called that too."""
    if parameter.name != "date" or parameter.default is not inspect.Parameter.empty:
        raise BadRoute(f"{_place(handler)}: what a picker gives is called `date`, no default")
    return parameter.name
