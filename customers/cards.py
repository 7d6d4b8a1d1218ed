"""The card: the number of a member, and a code that lives some minutes. Both say who a customer is.

The number is given at joining and never changes: `M`, seven digits, and a check digit after Damm, which finds every
single wrong digit and every two that were swapped (H. M. Damm, 2004). With its letter it is no amount and no phone,
with nine signs no code of a reward. Others may know it, so it is shown with the first name, to be confirmed.

The code is the number and five signs more, out of a keyed hash of clinic, number and time: nobody makes one without
the key. While it lives it may be read as often as somebody likes, by several tills too: it only says who. What then
changes something has a key of its own. After its life it says no more than the number in it. Whom five signs were shown
is kept for two days, for who types these alone; where two people have the same ones at once, they say nobody.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from customers.people import vault_of
from models.base import new_id
from models.cards import CardCode
from models.clinics import Clinic
from models.customers import Customer
from runtime.clock import DATABASE_NOW
from runtime.codes import ALPHABET, BETWEEN, folded

STEP = timedelta(minutes=5)
"""A code lives until the end of the step after the one in which it was made: five to ten minutes."""
LIVING = 2
REMEMBERED = timedelta(days=1)
"""For how long a code that is over is told from one that never was."""

Proof = Literal["living", "over", "wrong", "none"]
"""What the living part of a card proves: it is theirs now; it was; it never was, or is mistyped; there was none."""

_LETTER = "M"
_DIGITS = 7
_LETTERS = "".join(sign for sign in ALPHABET if sign.isalpha())
_FIGURES = "".join(sign for sign in ALPHABET if sign.isdigit())
_SHAPE = (_LETTERS, _FIGURES, ALPHABET, ALPHABET, ALPHABET)
"""Of the living part. A digit in the second place: neither an amount nor a word behind a number is taken for one."""
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip
_APART = re.compile(rf"[{BETWEEN}]+")
_LIVING = "".join(f"[{signs}]" for signs in _SHAPE)
_WHOLE = re.compile(rf"({_LETTER}[0-9]{{8}})({_LIVING})?")
_AMONG = re.compile(
    rf"(?<![0-9A-Z])(?P<number>{_LETTER}[{BETWEEN}]{{0,2}}[0-9]{{4}}[{BETWEEN}]{{0,2}}[0-9]{{4}})"
    rf"(?:[{BETWEEN}]{{0,2}}(?P<living>{_LIVING}))?(?![0-9A-Z])",
    re.IGNORECASE,
)
_ALONE = re.compile(rf"(?<![0-9A-Z]){_LIVING}(?![0-9A-Z])", re.IGNORECASE)


@dataclass(frozen=True)
class Card:
    """What somebody showed: a number in one piece and the living part; either is empty where the other was alone."""

    number: str
    living: str = ""

    @property
    def mistyped(self) -> bool:
        """Whether the check digit does not fit: it is nobody's number, in any clinic."""
        return _check(self.number[1:]) != 0


@dataclass(frozen=True)
class LivingCode:
    """A code as it is typed and stands in a QR code, and the first moment at which it is over."""

    text: str
    until: datetime


@dataclass(frozen=True)
class Holder:
    """Whose card it is, as they stand today, and what its living part proves."""

    customer: Customer
    proof: Proof
    until: datetime | None = None
    """Of a living part that stood alone: the first moment at which it is over."""


def give_number(session: Session, customer: Customer) -> str:
    """The number of a customer who joins; who has one keeps it. Somebody who is given the same one at the same moment
    meets the unique key."""
    while customer.member_number is None:
        number = new_number()
        if not session.scalar(select(exists().where(*_has(customer.clinic_id, number)))):
            customer.member_number = number
    return customer.member_number


def new_number() -> str:
    """Drawn, not counted: nobody's number tells another's, nor how many members there are."""
    drawn = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    return f"{_LETTER}{drawn}{_check(drawn)}"


def living_code(session: Session, customer: Customer, now: datetime) -> LivingCode:
    """The code of a member's card for these minutes."""
    number, step = give_number(session, customer), _step(now)
    return LivingCode(
        f"{number}-{_living(session, customer.clinic_id, number, step)}",
        datetime.fromtimestamp((step + LIVING) * STEP.total_seconds(), UTC),
    )


def show(session: Session, customer: Customer, now: datetime) -> LivingCode:
    """The same, as it is shown to the member: by the living part alone they are found as long as it lives."""
    code = living_code(session, customer, now)
    row = {
        "id": new_id(),
        "clinic_id": customer.clinic_id,
        "customer_id": customer.id,
        "code_index": _code_index(session, customer.clinic_id, code.text.partition("-")[2]),
        "until": code.until,
        "created_at": DATABASE_NOW,
    }
    session.flush()
    session.execute(insert(CardCode).values(row).on_conflict_do_nothing())
    return code


def read(text: str) -> Card | None:
    """The card that is all of a text, or its living part alone, as it is read out; in any case, with Thai or full-width
    digits, spaces, dashes or dots in it."""
    said = _APART.sub("", folded(text)).upper()
    if (found := _WHOLE.fullmatch(said)) is not None:
        return Card(found[1], found[2] or "")
    return Card("", said) if re.fullmatch(_LIVING, said) else None


def among(text: str) -> list[Card]:
    """The cards among other words, in one piece or as they are shown, each once, in the order of the text."""
    return list(dict.fromkeys(_card(match) for match in _AMONG.finditer(folded(text))))


def without(text: str) -> str:
    """The other words of a text in which there are cards; a space stands in the place of each."""
    return _AMONG.sub(" ", folded(text))


def alone(text: str) -> list[str]:
    """What may be the living part of a card among other words, without its number, each once."""
    return list(dict.fromkeys(match[0].upper() for match in _ALONE.finditer(folded(text))))


def without_alone(text: str) -> str:
    return _ALONE.sub(" ", folded(text))


def holder(session: Session, clinic: Clinic, card: Card, now: datetime) -> Holder | None:
    """Who has this card in this clinic. The number of a record that was merged leads to the one that goes on.

    None where it is nobody's, or that of somebody who was forgotten.
    """
    if card.mistyped:
        return None
    if not card.number:
        return _shown(session, clinic, card.living, now)
    customer = today(session, session.scalars(select(Customer).where(*_has(clinic.id, card.number))).one_or_none())
    return None if customer is None else Holder(customer, _proof(session, clinic, card, now))


def _shown(session: Session, clinic: Clinic, living: str, now: datetime) -> Holder | None:
    """Who was shown it. None also where two have it at once: who stands there is not guessed."""
    this = CardCode.clinic_id == clinic.id, CardCode.code_index == _code_index(session, clinic.id, living)
    lately = select(CardCode).where(*this, CardCode.until > now - REMEMBERED).order_by(CardCode.until.desc()).limit(2)
    found = session.scalars(lately).all()
    lives = [one for one in found if one.until > now]
    if not found or len(lives) > 1:
        return None
    customer = today(session, found[0].customer)
    return None if customer is None else Holder(customer, "living" if lives else "over", found[0].until)


def today(session: Session, customer: Customer | None) -> Customer | None:
    """The person as they stand today: after a merge the record that goes on. None who was forgotten."""
    if customer is not None and customer.merged_into is not None:
        customer = session.get(Customer, (customer.merged_into, customer.clinic_id))
    return customer if customer is not None and customer.data_key is not None else None


def spaced(number: str) -> str:
    """As it is shown: `M 4829 1375`."""
    return f"{number[0]} {number[1:5]} {number[5:]}"


def _has(clinic_id: UUID, number: str) -> tuple[ColumnElement[bool], ...]:
    return (Customer.clinic_id == clinic_id, Customer.member_number == number)


def _proof(session: Session, clinic: Clinic, card: Card, now: datetime) -> Proof:
    if not card.living:
        return "none"
    for back in range(LIVING + REMEMBERED // STEP):
        expected = _living(session, clinic.id, card.number, _step(now) - back)
        if secrets.compare_digest(expected, card.living):
            return "living" if back < LIVING else "over"
    return "wrong"


def _living(session: Session, clinic_id: UUID, number: str, step: int) -> str:
    drawn = int.from_bytes(vault_of(session).index(clinic_id, "card", f"{number} {step}"))
    signs = []
    for choice in _SHAPE:
        drawn, place = divmod(drawn, len(choice))
        signs.append(choice[place])
    return "".join(signs)


def _code_index(session: Session, clinic_id: UUID, living: str) -> bytes:
    return vault_of(session).index(clinic_id, "card_code", living)


def _step(now: datetime) -> int:
    return int(now.timestamp() // STEP.total_seconds())


def _check(digits: str) -> int:
    """The digit to put behind these; 0 for digits that end in theirs."""
    found = 0
    for digit in digits:
        found = int(_DAMM[found][int(digit)])
    return found


def _card(match: re.Match[str]) -> Card:
    return Card(_APART.sub("", match["number"]).upper(), (match["living"] or "").upper())
