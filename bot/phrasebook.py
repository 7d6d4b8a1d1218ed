"""The words by which phrases are heard, over all languages, checked before anybody speaks."""

import re
from collections.abc import Iterable, Mapping

from bot.words import asked, plain, worn
from runtime import codes

_BEFORE = r"(?:[\s:-]+|(?<=[^\x00-\x7f])(?=[0-9a-z]))"
CODE = re.compile(_BEFORE + r"([0-9a-z][0-9a-z-]*)")
"""What may follow a prefix: one code of Latin letters and digits. Thai needs no space before it; `reference` is not
`ref` with a code."""
GROUP_CODE = re.compile(_BEFORE + rf"([0-9a-z][0-9a-z{codes.BETWEEN}]*)")
"""In a group the code may stand in pieces, as it is shown: `7KQM 2XRA`; or as people write that."""
_AT_ONCE = re.compile(_BEFORE + r"((?=[a-z-]*\d)[0-9a-z][0-9a-z-]{5,})(?![0-9a-z])")
_ANOTHER_WORD = re.compile(r"[a-z]+(?![a-z0-9])")
CODES = {"prefix": CODE, "group_prefix": GROUP_CODE}
PLACES = (("text", "prefix"), ("group_text", "group_prefix"))
"""The events that are heard by their words: in a chat of two, and in a group."""
OPENINGS = "group_opening"
"""What is heard in a group by the words that it begins with."""

Words = Mapping[str, tuple[str, ...]]
"""Phrase → the words by which it is heard in one language."""


def codes_behind(opening: str, said: str) -> set[str]:
    """The codes that stand somewhere behind `opening` in plain words: at once behind it, or shaped as we make them."""
    before = "(?<![0-9a-z])" if opening[:1].isascii() else ""
    places = [match.end() for match in re.finditer(before + re.escape(opening) + r"(?![a-z])", said)]
    if not places:
        return set()
    shaped = {code.lower() for code in codes.among(said[places[0] :]) if codes.read(code)}
    return shaped or {at_once[1] for place in places if (at_once := _AT_ONCE.match(said, place)) is not None}


def goes_on(opening: str, rest: str) -> bool:
    """Whether words that begin with an opening are another word: `finder`, and not `find0812345678` or `undoA7K2`."""
    return opening[-1].isascii() and _ANOTHER_WORD.match(rest) is not None


class BadRoute(Exception):
    """The table cannot be built; the message says which file to mend and how."""


def phrasebook(routes: Iterable[tuple[str, str]], languages: Mapping[str, Words]) -> Mapping[str, Mapping[str, str]]:
    """Event type (of `PLACES`) → plain words → phrase, the longest words first. `routes` are (event type, name).

    Raises `BadRoute` for words missing, unused or unclear.
    """
    routes = list(routes)
    kinds = (*(kind for place in PLACES for kind in place), OPENINGS)
    names = {kind: {name for event_type, name in routes if event_type == kind and name} for kind in kinds}
    _complete(set().union(*names.values()), languages)
    heard = sorted(_meanings(languages).items(), key=lambda each: -len(each[0]))
    book = {kind: {word: phrase for word, phrase in heard if phrase in names[kind]} for kind in names}
    for texts, prefixes in PLACES:
        if both := names[texts] & names[prefixes]:
            raise BadRoute(
                f"{', '.join(sorted(both))} is heard as a text and as a prefix; give the prefix another name"
            )
        _told_apart(book[prefixes], book[texts] | book[prefixes], CODES[prefixes])
    if both := names[OPENINGS] & (names["group_text"] | names["group_prefix"]):
        raise BadRoute(f"{', '.join(sorted(both))} is heard as an opening, which is heard alone too")
    return book


LONGEST = 60
"""Characters of plain words that ask for something by its name and say nothing else."""
DONE_AT_ONCE = frozenset({"cancel", "skip"})
"""What ends an open question is heard by its own words alone: who asks to cancel may mean an appointment."""


def worn_words(book: Mapping[str, str]) -> Mapping[str, str]:
    """A book for words that are not quite those of this one: worn → phrase, where that is one phrase."""
    meanings: dict[str, set[str]] = {}
    for word, phrase in book.items():
        meanings.setdefault(worn(word), set()).add(phrase)
    return {word: min(phrases) for word, phrases in meanings.items() if len(phrases) == 1}


def nearly(book: Mapping[str, str], said: str) -> str | None:
    """The phrase of worn words that plain words are, or ask for; None where there is none."""
    if len(said) > LONGEST:
        return None
    forms = map(worn, (said, *asked(said)))
    phrase = next((book[form] for form in forms if form in book), None)
    return None if phrase in DONE_AT_ONCE else phrase


def _complete(names: set[str], languages: Mapping[str, Words]) -> None:
    for language, words in languages.items():
        if missing := names - {phrase for phrase, synonyms in words.items() if synonyms}:
            raise BadRoute(f"runtime/locales/{language}/hear.po has no words for {', '.join(sorted(missing))}")
        if unused := words.keys() - names:
            raise BadRoute(
                f"runtime/locales/{language}/hear.po has words that nobody hears: {', '.join(sorted(unused))}"
            )


def _meanings(languages: Mapping[str, Words]) -> dict[str, str]:
    """Plain words → phrase."""
    heard: dict[str, str] = {}
    for language, words in languages.items():
        for phrase, synonyms in words.items():
            for synonym in synonyms:
                if heard.setdefault(plain(synonym), phrase) != phrase:
                    raise BadRoute(f"{synonym!r} ({language}) means both {phrase} and {heard[plain(synonym)]}")
    return heard


def _told_apart(openings: Mapping[str, str], heard: Mapping[str, str], code: re.Pattern[str]) -> None:
    """No words of one place may be read as another phrase's prefix and a code."""
    for opening, phrase in openings.items():
        for word, other in heard.items():
            if other != phrase and word.startswith(opening) and code.match(word, len(opening)):
                raise BadRoute(f"{word!r} of {other} would be heard as {phrase}, which begins with {opening!r}")
