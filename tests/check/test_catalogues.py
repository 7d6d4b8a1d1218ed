"""Every text a person sees is in every catalogue, complete and polite; every word heard means one thing."""

import ast
import io
import re
import string
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from bot.words import plain
from runtime.language import LANGUAGES, hearing_words, named_words
from tests.check.tree import ROOT, sources

SPOKEN = (
    "app.py", "bot/*.py", "runtime/*.py", "channels/*.py", "customers/*.py", "followups/*.py", "loyalty/*.py",
    "privacy/*.py", "richmenus/*.py", "facts/*.py", "web/*.py", "webhooks/*.py", "workers/*.py",
)  # fmt: skip
WRITTEN = "web/templates/*.html"
KEYWORDS = {"t": None, "n": (1, 2), "N_": None}
PARTICLES = {"ka", "kha"}
FIRST, SOURCE = LANGUAGES[0], "en"
# A statement ends in ค่ะ, a question and a plea in คะ; the clinic's persona fills both in, so neither is written out.
IMPOLITE = {
    "a question or plea takes {kha}": r"(?:ไหม|มั้ย|หรือเปล่า|หรือยัง|(?<!ช)นะ|ล่ะ|สิ)\s*(?:ค่ะ|\{ka\})",
    "the particle is the persona's: {ka} or {kha}": r"ค่ะ|ค๊ะ|คร้าบ|(?<!ส)ครับ|คะ(?!แนน)",
    "a speaker without gender": r"ดิฉัน|กระผม",
}
# Thai has no spaces between words, so what is no Thai, or may be none, stands apart from it: names, figures, quotes.
# Names of tiers are Thai words (of others `runtime/language.py` knows); after the title คุณ no space is written.
_FILLED = r"\{(?!ka\}|kha\}|tier\})\w+\}"
_THAI = "[\u0e00-\u0e7f]"
UNSPACED = {
    "a space between Thai and Latin letters or figures": rf"{_THAI}[A-Za-z0-9]|[A-Za-z0-9]{_THAI}",
    "one space, not two": r"\S {2,}\S",
    "a space before a quote and behind it": rf"(?:{_THAI}|\}})“|”(?:{_THAI}|\{{(?!ka\}}|kha\}}))",
    "a space around what is filled in": rf"{_THAI}(?<!คุณ){_FILLED}|{_FILLED}{_THAI}",
    "a space behind the particle": rf"\{{kh?a\}}{_THAI}",
    "a space between a code or a bracket and the particle": r"(?:\{code\}|\))\{kh?a\}",
    "a space behind ๆ": r"ๆ[^\s”’),.:;!?]",
}
Said = str | tuple[str, str]


def extracted(files: Mapping[str, str]) -> dict[Said, str]:
    """What the code says → where. A plural is a pair."""
    found: dict[Said, str] = {}
    for path, text in files.items():
        for line, said, _comments, _context in extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS):
            key: Said = said if isinstance(said, str) else (str(said[0]), str(said[1]))
            found.setdefault(key, f"{path}:{line}")
    return found


def unextractable(files: Mapping[str, str]) -> Iterator[str]:
    """Calls whose text is put together at run time: no catalogue can hold it."""
    for path, text in files.items():
        for node in ast.walk(ast.parse(text, path)):
            match node:
                case ast.Call(args=[ast.JoinedStr() | ast.BinOp(), *_]) if (name := _texts(node)) is not None:
                    yield f"{path}:{node.lineno}: the text of {name}() is not one constant"
                case ast.JoinedStr() if any(map(_texts, ast.walk(node))):
                    yield f"{path}:{node.lineno}: inside an f-string no text is found"


def written(files: Mapping[str, str]) -> dict[Said, str]:
    """What the templates say → where. Raises ValueError for a text that is put together."""
    found: dict[Said, str] = {}
    for path, text in files.items():
        for call in Environment(autoescape=True).parse(text).find_all(nodes.Call):
            match call.node:
                case nodes.Name(name="t"):
                    texts = call.args[:1]
                case nodes.Getattr(node=nodes.Name(name="t"), attr="n"):
                    texts = call.args[:2]
                case _:
                    continue
            said = [one.value for one in texts if isinstance(one, nodes.Const)]
            if not said or len(said) != len(texts):
                raise ValueError(f"{path}:{call.lineno}: the text of t() is not one constant")
            found.setdefault(said[0] if len(said) == 1 else (said[0], said[1]), f"{path}:{call.lineno}")
    return found


def _texts(node: ast.AST) -> str | None:
    """The name by which a text is called for here."""
    name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
    return name if name in KEYWORDS else None


def catalogue(language: str, domain: str = "messages") -> Catalog:
    return read_po(io.BytesIO((ROOT / "runtime" / "locales" / language / f"{domain}.po").read_bytes()), locale=language)


def fields(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


def forms(message: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(what the code says, what the catalogue says), singular first."""
    said = message.id if isinstance(message.id, tuple | list) else (message.id,)
    answer = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return tuple(map(str, said)), tuple(str(form or "") for form in answer)


def faults(book: Catalog, said: Iterable[Said], *, may_be_empty: bool, thai: bool) -> list[str]:
    """What is wrong with a catalogue, given what the code says."""
    entries: dict[Said, Message] = {}
    for message in book:
        if message.id:
            said_here, _ = forms(message)
            entries[said_here[0] if len(said_here) == 1 else (said_here[0], said_here[1])] = message
    wanted = set(said)
    found = [f"missing: {one!r}" for one in wanted - set(entries)] + [
        f"no longer said: {one!r}" for one in set(entries) - wanted
    ]
    found += [f"obsolete: {one!r}" for one in book.obsolete] + [f"fuzzy: {m.id!r}" for m in book if m.id and m.fuzzy]
    for message in entries.values():
        ids, strings = forms(message)
        if not all(strings):
            found += [] if may_be_empty and not any(strings) else [f"not translated: {ids[0]!r}"]
            continue
        for number, form in enumerate(strings):
            original = ids[-1] if len(strings) == 1 else ids[min(number, len(ids) - 1)]
            if fields(form) - PARTICLES != fields(original):
                found.append(f"placeholders of {original!r} differ in {form!r}")
            wrong = IMPOLITE | UNSPACED if thai else {}
            found += [f"{why}: {form!r}" for why, pattern in wrong.items() if re.search(pattern, form)]
    return sorted(found)


def clashes(heard: Mapping[str, Mapping[str, tuple[str, ...]]], same: Mapping[str, str]) -> list[str]:
    """Words that mean two phrases, or stand twice in one phrase. `same` is word → its normal form."""
    meanings: dict[str, set[str]] = defaultdict(set)
    found = []
    for language, phrases in heard.items():
        for phrase, words in phrases.items():
            normal = [same[word] for word in words]
            found += [f"{language}: {phrase} is heard by no word"] if not words else []
            found += [
                f"{language}: {word!r} stands twice in {phrase}" for word in set(normal) if normal.count(word) > 1
            ]
            for word in normal:
                meanings[word].add(phrase)
    return sorted(found) + [
        f"{word!r} means {', '.join(sorted(m))}" for word, m in sorted(meanings.items()) if len(m) > 1
    ]


def test_every_text_can_be_extracted() -> None:
    assert list(unextractable(sources(*SPOKEN))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_are_complete_and_polite(language: str) -> None:
    said = extracted(sources(*SPOKEN)) | written(sources(WRITTEN))
    assert said
    assert faults(catalogue(language), said, may_be_empty=language == SOURCE, thai=language == "th") == []


def test_every_word_heard_means_one_thing() -> None:
    heard = {language: hearing_words(language) for language in LANGUAGES}
    assert {language: set(phrases) for language, phrases in heard.items()} == {
        language: set(heard[FIRST]) for language in LANGUAGES
    }
    every = [word for phrases in heard.values() for words in phrases.values() for word in words]
    assert clashes(heard, {word: plain(word) for word in every}) == []


def test_what_staff_name_has_words_in_each_language_that_mean_one_thing() -> None:
    named = {language: named_words(language) for language in LANGUAGES}
    assert {frozenset(one) for one in named.values()} == {frozenset(named[FIRST])}
    assert all(words for one in named.values() for words in one.values())
    every = [word for one in named.values() for words in one.values() for word in words]
    assert clashes(named, {word: plain(word) for word in every}) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_book_of_heard_words_is_clean(language: str) -> None:
    book = catalogue(language, "hear")
    assert not book.obsolete
    assert [message.id for message in book if message.id and message.fuzzy] == []


CODE = {
    "bot/chats/points.py": 't("Hello, {name}")\nchat.t("Any questions?")\n'
    't.n("{count} point", "{count} points", 2)\nN_("Gold")'
}
GOOD = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=1; plural=0;\\n"

msgid "Hello, {name}"
msgstr "สวัสดี{ka} คุณ{name}"

msgid "Any questions?"
msgstr "มีคำถามไหม{kha}"

msgid "{count} point"
msgid_plural "{count} points"
msgstr[0] "{count} คะแนน"

msgid "Gold"
msgstr "โกลด์"
"""


def thai_faults(po: str) -> list[str]:
    return faults(read_po(io.StringIO(po), locale="th"), extracted(CODE), may_be_empty=False, thai=True)


def test_a_good_catalogue_has_no_faults() -> None:
    assert thai_faults(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('msgid "Gold"\nmsgstr "โกลด์"\n', "", "missing: 'Gold'"),
        ('"โกลด์"', '""', "not translated: 'Gold'"),
        ('"โกลด์"', '"โกลด์"\n\nmsgid "Silver"\nmsgstr "ซิลเวอร์"', "no longer said: 'Silver'"),
        ('"โกลด์"', '"โกลด์"\n\n#~ msgid "Tin"\n#~ msgstr "ดีบุก"', "obsolete: 'Tin'"),
        ('msgid "Gold"', '#, fuzzy\nmsgid "Gold"', "fuzzy: 'Gold'"),
        ("คุณ{name}", "คุณ{nme}", "placeholders of 'Hello, {name}' differ"),
        ("{count} คะแนน", "คะแนน", "placeholders of '{count} points' differ"),
        ("ไหม{kha}", "ไหม{ka}", "a question or plea takes {kha}"),
        ("สวัสดี{ka}", "สวัสดีนะ{ka}", "a question or plea takes {kha}"),
        ("สวัสดี{ka}", "สวัสดีค่ะ", "the particle is the persona's"),
        ("สวัสดี{ka}", "สวัสดีครับ", "the particle is the persona's"),
        ("สวัสดี{ka}", "สวัสดีLINE{ka}", "a space between Thai and Latin letters or figures"),
        ("สวัสดี{ka}", "สวัสดี (LINE){ka}", "a space between a code or a bracket and the particle"),
        ("โกลด์", "3แต้ม", "a space between Thai and Latin letters or figures"),
        ("สวัสดี{ka} คุณ", "สวัสดี{ka}  คุณ", "one space, not two"),
        ("โกลด์", "พิมพ์“เมนู”", "a space before a quote and behind it"),
        ("โกลด์", "พิมพ์ “เมนู”ได้", "a space before a quote and behind it"),
        ("คุณ{name}", "ของ{name}", "a space around what is filled in"),
        ("{count} คะแนน", "{count}คะแนน", "a space around what is filled in"),
        ("สวัสดี{ka} คุณ", "สวัสดี{ka}คุณ", "a space behind the particle"),
        ("สวัสดี{ka}", "สวัสดีทุก ๆ{ka}", "a space behind ๆ"),
    ],
)
def test_each_fault_of_a_catalogue_is_seen(old: str, new: str, said: str) -> None:
    assert old in GOOD
    assert [said in fault for fault in thai_faults(GOOD.replace(old, new))] == [True]


def test_texts_made_at_run_time_are_seen() -> None:
    code = {
        "bot/a.py": 't(f"{x} points")\nt("a" + x)\nt("fine")\nt.n("a" "b", "c", 2)\nother(f"{x}")\n'
        """f"{t('a')}" """
    }
    assert [fault.split(": ")[0] for fault in unextractable(code)] == ["bot/a.py:1", "bot/a.py:2", "bot/a.py:6"]


def test_templates_are_read_as_code_is() -> None:
    template = '{% set title = t("Gold") %}{{ t.n("{count} point", "{count} points", 2) }}{{ t.number(2) }}{{ f("x") }}'
    assert set(written({"a.html": template})) == {"Gold", ("{count} point", "{count} points")}
    assert "Skip to the content" in written(sources(WRITTEN))
    for wrong in ("t(x)", 't("a" ~ x)', 't.n("a", x, 2)'):
        with pytest.raises(ValueError, match=r"b\.html:2"):
            written({"b.html": "\n{{ " + wrong + " }}"})


def test_each_clash_of_words_is_seen() -> None:
    same = {word: word.casefold() for word in ("points", "Points", "แต้ม", "history")}
    assert clashes({"th": {"points": ("แต้ม",)}, "en": {"points": ("points",), "history": ("history",)}}, same) == []
    assert clashes({"th": {"points": ("points",)}, "en": {"history": ("Points",)}}, same) == [
        "'points' means history, points"
    ]
    assert clashes({"en": {"points": ("points", "Points")}}, same) == ["en: 'points' stands twice in points"]
    assert clashes({"en": {"points": ()}}, same) == ["en: points is heard by no word"]
