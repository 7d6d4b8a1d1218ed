"""What customers are called, and finding them by it.

Names are sealed: beside one stand keyed hashes of each of its words and of the first letters of each, so that a name is
found whose beginning somebody remembers.
"""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from customers.people import vault_of
from customers.voice import first_name
from models.clinics import Clinic
from models.customers import Customer
from models.names import CustomerName
from runtime.codes import folded

BEGINNING = 3
"""Letters by which a word is found that is not written to its end."""
MOST = 40
"""People with such a word who are looked at."""


def call(session: Session, customer: Customer, name: str) -> None:
    """From now on this is the customer's name."""
    customer.display_name = name
    session.flush()
    mine = CustomerName.clinic_id == customer.clinic_id, CustomerName.customer_id == customer.id
    session.execute(delete(CustomerName).where(*mine))
    parts = {part for word in _words_of(customer) for part in (word, f"{word[:BEGINNING]}*")}
    indexes = {_index(session, customer.clinic, part) for part in parts}
    session.add_all(
        CustomerName(clinic_id=customer.clinic_id, customer_id=customer.id, word_index=each) for each in sorted(indexes)
    )


def found(session: Session, clinic: Clinic, said: str) -> list[Customer]:
    """Those whose name has all of these words, or words that begin so; of a word of fewer letters than a beginning has,
    the word itself. None who was merged. In the order in which the clinic came to know them."""
    wanted = _words(said)
    if not wanted:
        return []
    longest = max(wanted, key=len)
    part = f"{longest[:BEGINNING]}*" if len(longest) >= BEGINNING else longest
    having = CustomerName.clinic_id == clinic.id, CustomerName.word_index == _index(session, clinic, part)
    people = session.scalars(
        select(Customer)
        .join(CustomerName, (CustomerName.customer_id == Customer.id) & (CustomerName.clinic_id == Customer.clinic_id))
        .where(*having, Customer.merged_into.is_(None), Customer.data_key.is_not(None))
        .order_by(Customer.id)
        .limit(MOST)
    )
    return [one for one in people if all(_has(one, word) for word in wanted)]


def _has(customer: Customer, said: str) -> bool:
    words = _words_of(customer)
    return any(word.startswith(said) if len(said) >= BEGINNING else word == said for word in words)


def _words_of(customer: Customer) -> list[str]:
    """Of the name, and of the first name without a title that was written to it."""
    return list(dict.fromkeys([*_words(customer.display_name or ""), *_words(first_name(customer))]))


def _words(text: str) -> list[str]:
    return [seen for word in folded(text).casefold().split() if (seen := word.strip(".,()\"'"))]


def _index(session: Session, clinic: Clinic, part: str) -> bytes:
    return vault_of(session).index(clinic.id, "name", part)
