"""What customers are called, and finding them by it.

Names are sealed: beside one stand keyed hashes of the whole name, of each of its words, and of how each word begins and
sounds (`customers/sounds.py`). Whoever is called as it was written is found, and in the other letters: เคน for Ken;
only where nobody is, whoever's words begin so, and sound so. Titles count for nothing, on either side: Thai writes them
to the name, and people write them or not.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from customers import sounds
from customers.people import vault_of
from models.clinics import Clinic
from models.customers import Customer
from models.names import CustomerName
from runtime.codes import folded

BEGINNINGS = (3, 4, 5)
"""Of so many first letters a word is found: each more is a row for every word of every customer."""
WORDS = 4
"""Of a name that is looked for."""
ROWS = 2_000
"""Of one word that are looked at, in the order of an index: however many people have it, it costs no more."""
MOST = 100
"""People whose name is opened to see whether they are meant."""

_LATIN = "mrs?|ms|miss|dr|khun|nong|phi|k"
_SHORT = rf"(?:น\.\s?ส|ด\.\s?ช|ด\.\s?ญ|ดร|นพ|พญ|ทพญ|ทพ|นส|{_LATIN}|[pn])[.'’]"
_SPELLED = re.compile(rf"(?<![^\W\d_])(?:{_SHORT}|(?:{_LATIN})(?=\s))\s*")
_THAI = ("เด็กชาย", "เด็กหญิง", "นางสาว", "นาง", "นาย", "คุณ", "น้อง", "พี่")
"""Longest first. Written to the name, where it may be the beginning of one (คุณธรรม): so both are looked for."""


Fits = Callable[[str, str], bool]
"""Whether a word of a name is meant by one that was said."""


@dataclass(frozen=True)
class Found:
    """In the order in which the clinic came to know them; `all_of_them` is False where more were not looked at."""

    people: Sequence[Customer]
    all_of_them: bool = True


def call(session: Session, customer: Customer, name: str) -> None:
    """From now on this is the customer's name. What came over with a record that became theirs stays."""
    mine = CustomerName.clinic_id == customer.clinic_id, CustomerName.customer_id == customer.id
    before = _indexes(session, customer, customer.display_name or "")
    session.execute(delete(CustomerName).where(*mine, CustomerName.word_index.in_(before)))
    customer.display_name = name
    session.flush()
    there = set(session.scalars(select(CustomerName.word_index).where(*mine)))
    session.add_all(
        CustomerName(clinic_id=customer.clinic_id, customer_id=customer.id, word_index=each)
        for each in sorted(_indexes(session, customer, name) - there)
    )


def _indexes(session: Session, customer: Customer, name: str) -> set[bytes]:
    words = _words(name)
    written = {part for each in words for word in each for part in (word, *_beginnings(word))}
    parts = {_whole(words), _all_of_it(name), *written, *(part for each in words for part in _sounds(each))} - {"", "="}
    return {_index(session, customer.clinic, part) for part in parts}


def has_had(session: Session, customer: Customer, name: str) -> bool:
    """Whether this is the customer's name, or was that of a record which has become theirs: who is called by a nickname
    in LINE stands under another name with the clinic."""
    mine = CustomerName.clinic_id == customer.clinic_id, CustomerName.customer_id == customer.id
    whole = _index(session, customer.clinic, _all_of_it(name))
    return session.scalar(select(CustomerName.id).where(*mine, CustomerName.word_index == whole)) is not None


def without_titles(said: str) -> str:
    """A name as it was written, without the titles before it; empty for a title alone."""
    words = _SPELLED.sub(" ", folded(said).casefold()).split()
    while words and words[0] in _THAI:
        words = words[1:]
    return " ".join([_without_title(words[0]), *words[1:]]) if words else ""


def found(session: Session, clinic: Clinic, said: str, *, closely: bool = False) -> Found:
    """Those who are called so; `closely`: by the words themselves alone, in these letters or the others. None who was
    merged, or is called otherwise by now. Of a word of fewer letters than a beginning has, only the word itself."""
    wanted = _words(said)[:WORDS]
    if not wanted:
        return Found([])
    written = _written(session, clinic, wanted, closely=closely)
    if not written.all_of_them:
        return written
    fits = _in_other_letters if written.people or closely else sounds.alike
    heard = _people(session, clinic, [_sounds(each) for each in wanted], wanted, fits)
    people = {one.id: one for one in (*written.people, *heard.people)}
    return Found([people[each] for each in sorted(people)], heard.all_of_them)


def _written(session: Session, clinic: Clinic, wanted: Sequence[Sequence[str]], *, closely: bool) -> Found:
    if len(wanted) > 1:
        whole = _people(session, clinic, [[_whole(wanted)]], wanted, str.__eq__)
        if whole.people:
            return whole
    exact = _people(session, clinic, wanted, wanted, str.__eq__)
    if exact.people or not exact.all_of_them or closely or all(each[0] in _THAI for each in wanted):
        return exact
    return _people(session, clinic, [[_key(word) for word in each] for each in wanted], wanted, _begins)


def _people(
    session: Session, clinic: Clinic, keys: Sequence[Sequence[str]], wanted: Sequence[Sequence[str]], fits: Fits
) -> Found:
    """Who has one of each of these keys, and is called as is wanted."""
    if not all(keys):
        return Found([])
    indexes = [[_index(session, clinic, part) for part in each] for each in keys]
    rows = [_having(session, clinic, each) for each in indexes]
    rarest = min(range(len(rows)), key=lambda at: len(rows[at]))
    ids, complete = rows[rarest], len(rows[rarest]) < ROWS
    for at, each in enumerate(indexes):
        if at != rarest and ids:
            ids = _having(session, clinic, each, among=ids)
    looked_at = sorted(ids)[:MOST]
    known = Customer.clinic_id == clinic.id, Customer.merged_into.is_(None), Customer.data_key.is_not(None)
    people = session.scalars(select(Customer).where(*known, Customer.id.in_(looked_at)).order_by(Customer.id))
    meant = [one for one in people if _called(one, wanted, fits)]
    return Found(meant, complete and len(looked_at) == len(ids))


def _having(
    session: Session, clinic: Clinic, indexes: Iterable[bytes], among: Iterable[UUID] | None = None
) -> set[UUID]:
    """Customers with one of these, of a few, or the first of all in the order of the index."""
    ids: set[UUID] = set()
    for index in indexes:
        this = select(CustomerName.customer_id).where(
            CustomerName.clinic_id == clinic.id, CustomerName.word_index == index
        )
        if among is not None:
            this = this.where(CustomerName.customer_id.in_(among))
        ids.update(session.scalars(this.order_by(CustomerName.customer_id).limit(ROWS)))
    return ids


def _called(customer: Customer, wanted: Sequence[Sequence[str]], fits: Fits) -> bool:
    own = [word for each in _words(customer.display_name or "") for word in each]
    return all(any(fits(word, said) for word in own for said in each) for each in wanted)


def _begins(word: str, said: str) -> bool:
    return word == said or (len(said) >= BEGINNINGS[0] and word.startswith(said))


def _in_other_letters(word: str, said: str) -> bool:
    return sounds.is_thai(word) != sounds.is_thai(said) and sounds.alike(word, said)


def _words(text: str) -> list[list[str]]:
    """The words of a name, each without a title that may be written to it, and as it is where it was. A title alone is
    none, unless it is all there is."""
    bare = _SPELLED.sub(" ", folded(text).casefold())
    words = _split(bare) or _split(folded(text).casefold())
    kept = [word for word in words if word not in _THAI] or words
    return [list(dict.fromkeys((_without_title(word), word))) for word in kept]


def _split(text: str) -> list[str]:
    """Letters, marks and digits; what stands between them, such as a picture, parts words."""
    return "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in text).split()


def _without_title(word: str) -> str:
    title = next((one for one in _THAI if word.startswith(one)), "")
    rest = word.removeprefix(title)
    # No word begins with a mark, or with a vowel that stands behind its letter.
    return rest if rest and unicodedata.category(rest[0])[0] != "M" and rest[0] not in "ะาำๅ" else word


def _whole(words: Sequence[Sequence[str]]) -> str:
    return " ".join(each[0] for each in words)


def _all_of_it(name: str) -> str:
    """In any order of its words."""
    return f"={' '.join(sorted(without_titles(name).split()))}"


def _key(word: str) -> str:
    """By which a word is looked for of which perhaps not all is known."""
    letters = max((one for one in BEGINNINGS if one <= len(word)), default=0)
    return f"{word[:letters]}*" if letters else word


def _beginnings(word: str) -> list[str]:
    return [f"{word[:letters]}*" for letters in BEGINNINGS if letters <= len(word)]


def _sounds(spellings: Sequence[str]) -> list[str]:
    """Of a word, without its title: a name that looks like one is found as it is written."""
    return [f"~{key}" for key in sorted(sounds.keys(spellings[0]))]


def _index(session: Session, clinic: Clinic, part: str) -> bytes:
    return vault_of(session).index(clinic.id, "name", part)
