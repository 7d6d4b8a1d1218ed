"""How a word of a name sounds, roughly enough that เคน and Ken are the same: in Thai a name has one spelling, in Latin
letters as many as people write.

Left of a word are its consonants as classes, the first one finer than the rest. What people write or leave out (ว, ย
and ห inside, silenced letters, an r before a consonant) makes another key. Two words are alike where they have a key in
common, and their first vowels may be one.

After the cross-language soundex of Suwanvisat and Prasitjutrakul ("Thai-English Cross-Language Transliterated Word
Retrieval using Soundex Technique", 1998), made for Thai first names and what ends their syllables.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product

MOST = 12
"""Keys of a word."""
LONGEST = 40
"""Letters of one that are looked at, and half as many sounds."""

Sound = tuple[str, ...]
"""What one letter may be in a key: a symbol, or nothing."""
_CLASSES = {
    "K": "กขฃคฅฆ", "C": "จฉชฌ", "S": "ซศษส", "T": "ฎฏฐฑฒดตถทธ", "P": "บปผพภ", "F": "ฝฟ", "N": "นณ", "G": "ง", "M": "มำ",
    "R": "รฤ", "L": "ลฬ", "Y": "ยญ", "W": "ว", "H": "หฮ", "A": "อ",
}  # fmt: skip
_THAI = {letter: symbol for symbol, letters in _CLASSES.items() for letter in letters}
_INSIDE = {"C": "T", "S": "T", "F": "P", "W": "", "Y": "", "H": "", "A": ""}
"""Behind the first letter: there Thai has one t and one p, and ว and ย are halves of its vowels."""
_SOUNDS = """
    tch:C ch:C,K sh:C,S th:T ph:P,F kh:K gh:K ck:K ng:G,NK wh:W qu:K ts:S
    b:P c:K d:T f:F g:K h:H j:C k:K l:L m:M n:N p:P q:K r:R s:S t:T v:W w:W x:S y:Y z:S
"""
_LATIN: dict[str, Sound] = {
    letters: tuple(sounds.split(",")) for letters, _, sounds in (one.partition(":") for one in _SOUNDS.split())
}
_PIECES = re.compile("|".join([*sorted(_LATIN, key=len, reverse=True), "[aeiou]+"]))
_TONES = re.compile("[\u0e47-\u0e4b\u0e4d\u0e4e]")
_SILENCED = re.compile("(?:[ทต](?=ร์)|ษ(?=ณ์))?[ก-ฮ][ิุ]?์")
_DOUBLE_R = re.compile("รร(?=[ก-ฮ])")
_LEADING_H = re.compile("ห(?=[งญณนมยรลว])(?!รร)")
_BEHIND, _BEFORE = "ะัาำิีึืุูอ", "เแโใไ"
_CLUSTER = re.compile("(?:[กขคตปผพบฟท][รล]|[กขค]ว)(?=[ะัาำิีึืุูอ])")
_VOWELS = (
    (re.compile("เ[ก-ฮ]{1,2}[ิ]"), "EOIA"), (re.compile("เ[ก-ฮ]{1,2}ี"), "I"), (re.compile("เ[ก-ฮ]{1,2}ื"), "O"),
    (re.compile("เ[ก-ฮ]{1,2}า"), "A"), (re.compile("เ[ก-ฮ]{1,2}[ยอ]"), "EO"), (re.compile("เ"), "E"),
    (re.compile("แ"), "AE"), (re.compile("โ"), "O"), (re.compile("[ใไ]"), "A"),
    (re.compile("[ก-ฮ]{1,2}?ัว"), "AO"), (re.compile("[ก-ฮ][ะัาำ]"), "A"), (re.compile("[ก-ฮ][ิี]"), "I"),
    (re.compile("[ก-ฮ][ึืุูอ]"), "O"), (re.compile("[ก-ฮ]รร"), "A"), (re.compile("[ก-ฮ]{2}$"), "O"),
    (re.compile("[ก-ฮ]"), "AO"),
)  # fmt: skip
_LATIN_VOWELS = (
    (re.compile("[aeiou][bcdfgjklmnpqstvwxz][ei]"), {"a": "AE", "e": "EI", "i": "IA", "o": "O", "u": "AO"}),
    (re.compile("a[eiy]"), "AE"), (re.compile("a[ouw]"), "AO"), (re.compile("a"), "A"), (re.compile("ee"), "IE"),
    (re.compile("ea"), "IEA"), (re.compile("e[iy]"), "EAI"), (re.compile("eu"), "O"), (re.compile("e[or]"), "EO"),
    (re.compile("e"), "E"), (re.compile("ir"), "IEO"), (re.compile("[iy]"), "IA"), (re.compile("oe"), "OE"),
    (re.compile("o"), "O"), (re.compile("ue"), "O"), (re.compile("u"), "AO"),
)  # fmt: skip


def alike(one: str, other: str) -> bool:
    """Whether two words, in small letters, may be one name."""
    return not keys(one).isdisjoint(keys(other)) and not _first_vowel(one).isdisjoint(_first_vowel(other))


@lru_cache(maxsize=10_000)
def keys(word: str) -> frozenset[str]:
    """By which a word is looked for; none for what is neither Thai nor Latin. Of a word of one consonant its vowel is
    part of them, for there are too many of those."""
    word = word[:LONGEST]
    found = [f"{key}{vowel}" for key in _keys(word) for vowel in (_first_vowel(word) if len(key) == 1 else ("",))]
    return frozenset(islice(dict.fromkeys(found), MOST))


def is_thai(word: str) -> bool:
    return any("ก" <= letter <= "ฮ" for letter in word)


def _keys(word: str) -> Iterator[str]:
    for sounds in _of_thai(word) if is_thai(word) else [_of_latin(_ascii(word))]:
        yield from ("".join(symbols) for symbols in islice(product(*sounds[: LONGEST // 2]), MOST) if any(symbols))


def _ascii(word: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", word) if "a" <= sign <= "z")


def _inside(sound: Sound) -> Sound:
    return tuple(dict.fromkeys(_INSIDE.get(symbol, symbol) for symbol in sound))


def _of_latin(word: str) -> list[Sound]:
    bare = word[:-1] if word.endswith("e") and len(word) > 2 and word[-2] not in "aeiou" else word
    pieces = [match[0] for match in _PIECES.finditer(bare)]
    sounds: list[Sound] = [("A",)] if pieces and pieces[0][0] in "aeiou" else []
    before = ""
    for place, piece in enumerate(pieces):
        after = pieces[place + 1] if place + 1 < len(pieces) else ""
        if piece[0] not in "aeiou":
            sound = _of_piece(piece, (after or word[len(bare) :])[:1], first=not sounds, last=not after)
            if not before or sound != sounds[-1]:
                sounds.append(sound)
            if not after and before not in ("", "r", "l") and len(sounds) > 2:
                sounds[-1] = (*sounds[-1], "")  # of two at the end Thai speaks one: Gift, Bank
            before = piece
        else:
            before = ""
    return sounds


def _of_piece(piece: str, after: str, *, first: bool, last: bool) -> Sound:
    """`after`: the letter behind it."""
    sound, soft = _LATIN[piece], bool(after) and after in "eiy"
    if piece in ("c", "g") and soft:
        sound = ("S",) if piece == "c" else ("K", "C")
    if first:
        return ("G",) if piece == "ng" else sound
    if piece == "n" and after and after in "kgcq":
        return ("N", "G")
    if piece == "x":
        return ("KT", "K")
    if piece == "v" and last:
        return ("P", "")
    if piece in ("r", "l") and (last or after not in "aeiouy"):
        return ("R", "") if piece == "r" else ("L", "N", "")
    return _inside(sound)


def _of_thai(word: str) -> Iterator[list[Sound]]:
    spoken = _LEADING_H.sub("", _TONES.sub("", word))
    for letters in dict.fromkeys((_SILENCED.sub("", spoken), spoken.replace("์", ""))):
        yield _of_letters(re.sub("รร$", "น", _DOUBLE_R.sub("ั", letters)))


def _of_letters(letters: str) -> list[Sound]:
    sounds: list[Sound] = []
    for place, letter in enumerate(letters):
        if letter not in _THAI:
            continue
        before, after = letters[max(place - 1, 0) : place], letters[place + 1 : place + 2]
        if not sounds:
            sounds.append(("S", "T") if letters[place : place + 2] == "ทร" else (_THAI[letter],))
            continue
        if len(sounds) == 1 and letter == "ร" and before in ("ท", "ส", "ศ"):
            sounds.append(("", "R"))
            continue
        spoken = (bool(after) and after in _BEHIND) or before in tuple(_BEFORE)
        sound = _of_letter(letter, spoken=spoken, last=not after, cluster=letters[max(place - 2, 0)] in _BEFORE)
        again = sound == sounds[-1] and letters[max(place - 2, 0)] not in _BEFORE
        if again and before in _THAI and len(sounds) > 1 and sound not in (("N",), ("M",), ("G",)):
            continue
        if again and (before in _THAI or before in tuple(_BEFORE)):
            sound = (*sound, "")  # one, as in แอปเปิ้ล; or two with a vowel between them that is not written
        sounds.append(sound)
    return sounds


def _of_letter(letter: str, *, spoken: bool, last: bool, cluster: bool) -> Sound:
    """`spoken`: a vowel stands at it; what ends a syllable sounds otherwise."""
    if letter == "ญ":
        return ("",) if spoken else ("N",)
    if letter in "รล" and not spoken:
        own = _THAI[letter]
        if last:
            return (own, "N", "") if cluster else ("N", "") if letter == "ร" else ("N", "L")
        return (own, "N")
    return _inside((_THAI[letter],))


@lru_cache(maxsize=10_000)
def _first_vowel(word: str) -> frozenset[str]:
    """Which the first vowel may be, of A, E, I and O."""
    if is_thai(word):
        spoken = _LEADING_H.sub("", _TONES.sub("", word))
        spoken = _CLUSTER.sub(lambda pair: pair[0][0], spoken.replace("์", ""), count=1)
        return next((frozenset(said) for form, said in _VOWELS if form.match(spoken)), frozenset())
    letters = _ascii(word)
    start = re.search("[aeiou]|(?<=.)y", letters)
    if start is None:
        return frozenset()
    for form, said in _LATIN_VOWELS:
        if form.match(letters, start.start()):
            return frozenset(said[start[0]] if isinstance(said, dict) else said)
    return frozenset()
