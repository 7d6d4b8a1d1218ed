"""Who is found by a name: with a title or without, among thousands, and at what price."""

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from customers import names
from customers.people import new_customer
from models.clinics import Clinic
from models.customers import Customer
from models.names import CustomerName
from tests.fixtures.clinic import NOW


def called(session: Session, clinic: Clinic, name: str) -> Customer:
    customer = new_customer(session, clinic, NOW)
    session.flush()
    names.call(session, customer, name)
    session.flush()
    return customer


def by(session: Session, clinic: Clinic, said: str) -> list[str | None]:
    return [one.display_name for one in names.found(session, clinic, said).people]


@pytest.mark.parametrize(
    "name",
    [
        "มะลิ", "คุณมะลิ", "คุณ มะลิ", "มะลิ ศรีสุข", "คุณมะลิ ศรีสุข", "นางสาวมะลิ ศรีสุข", "น.ส. มะลิ ศรีสุข", "น.ส.มะลิ",
        "นาง มะลิ", "ด.ญ.มะลิ", "🌸มะลิ🌸", "Khun มะลิ", "ดร.มะลิ",
    ],
)  # fmt: skip
@pytest.mark.parametrize("said", ["มะลิ", "คุณมะลิ", "คุณ มะลิ", "น.ส.มะลิ", "น.ส. มะลิ", "นางสาวมะลิ", "Khun มะลิ"])
def test_a_title_counts_for_nothing(session: Session, clinic: Clinic, name: str, said: str) -> None:
    called(session, clinic, "มะนาว ใจดี")
    called(session, clinic, name)
    assert by(session, clinic, said) == [name]


@pytest.mark.parametrize(
    "name", ["Mali Srisuk", "Ms. Mali Srisuk", "คุณMali Srisuk", "K.Mali Srisuk", "mali✨srisuk", "MISS MALI"]
)
@pytest.mark.parametrize("said", ["Mali", "Khun Mali", "K. Mali", "k mali", "Mr Mali", "mrs. mali", "คุณMali", "Mal"])
def test_latin_ones_too(session: Session, clinic: Clinic, name: str, said: str) -> None:
    called(session, clinic, "Mark Jaidee")
    called(session, clinic, name)
    assert by(session, clinic, said) == [name]


def test_what_looks_like_a_title_may_be_the_name(session: Session, clinic: Clinic) -> None:
    called(session, clinic, "คุณธรรม ดีงาม")
    called(session, clinic, "นายน์")
    assert by(session, clinic, "คุณธรรม") == by(session, clinic, "ธรรม") == ["คุณธรรม ดีงาม"]
    assert by(session, clinic, "นายน์") == ["นายน์"]
    assert by(session, clinic, "คุณ") == []


def test_somebody_is_found_among_thousands_whose_names_begin_so(
    session: Session, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than are looked at, and older, begin with the same letters."""
    monkeypatch.setattr(names, "ROWS", 20)
    monkeypatch.setattr(names, "MOST", 10)
    for number in range(25):
        called(session, clinic, f"Malinee{'abcdefghijklmnopqrstuvwxy'[number]} Jaidee")
    mali, malisa = called(session, clinic, "Mali Srisuk"), called(session, clinic, "Malisa Sirikul")
    twin = called(session, clinic, "Malineea Srisuk")
    session.expire_all()
    assert by(session, clinic, "Mali") == [mali.display_name]
    assert by(session, clinic, "malis") == [malisa.display_name]
    assert by(session, clinic, "Mali Sri") == [mali.display_name, twin.display_name]
    assert by(session, clinic, "malineea srisuk") == [twin.display_name]
    assert by(session, clinic, "malineec") == ["Malineec Jaidee"]
    many = names.found(session, clinic, "malinee")
    assert not many.all_of_them
    assert len(many.people) == 10


def test_the_whole_name_is_found_where_each_word_is_everybodys(
    session: Session, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "ROWS", 5)
    for last in "abcdefgh":
        called(session, clinic, f"Somchai Last{last}")
        called(session, clinic, f"First{last} Jaidee")
    somchai = called(session, clinic, "Somchai Jaidee")
    assert by(session, clinic, "คุณ Somchai Jaidee") == [somchai.display_name]


def test_what_is_read_is_bound_whoever_is_called_so(session: Session, clinic: Clinic) -> None:
    for number in range(150):
        called(session, clinic, f"Mali {'abcdefghij'[number // 15]}{'abcdefghijklmno'[number % 15]}")
    session.expire_all()
    said: list[str] = []
    bind = session.get_bind()
    event.listen(bind, "before_cursor_execute", heard := lambda *given: said.append(given[2]))
    try:
        found = names.found(session, clinic, "mali")
    finally:
        event.remove(bind, "before_cursor_execute", heard)
    assert (len(found.people), found.all_of_them) == (names.MOST, False)
    named = [one for one in said if "customer_names" in one]
    assert named
    assert all("LIMIT" in one for one in named)


def test_a_new_name_leaves_nothing_of_the_old_one(session: Session, clinic: Clinic) -> None:
    mali = called(session, clinic, "Mali Srisuk")
    names.call(session, mali, "Ken")
    session.flush()
    assert by(session, clinic, "mali") == by(session, clinic, "Mali Srisuk") == []
    assert len(session.scalars(select(CustomerName)).all()) == 4  # the word, all of it, its beginning and its sound


@pytest.mark.parametrize(
    ("name", "said"),
    [("Ken Tanaka", "เคน"), ("เคน ทานากะ", "Ken"), ("คุณมะลิ", "Mali"), ("Ms. Mali Srisuk", "คุณมะลิ ศรีสุข")],
)
def test_a_thai_spelling_finds_a_latin_name_and_the_other_way_round(
    session: Session, clinic: Clinic, name: str, said: str
) -> None:
    for other in ("Kan", "เก่ง", "นก", "Mana", "มานะ"):
        called(session, clinic, other)
    called(session, clinic, name)
    assert by(session, clinic, said) == by(session, clinic, f"Khun {said}") == [name]


def test_who_is_called_so_in_either_letters_is_listed_and_sounds_of_the_same_ones_only_where_nobody_is(
    session: Session, clinic: Clinic
) -> None:
    for name in ("Ken Tanaka", "เคน ใจดี", "Kenn Smith"):
        called(session, clinic, name)
    assert by(session, clinic, "เคน") == ["Ken Tanaka", "เคน ใจดี", "Kenn Smith"]
    assert by(session, clinic, "Kenn") == ["เคน ใจดี", "Kenn Smith"]
    assert by(session, clinic, "Khen") == ["Ken Tanaka", "เคน ใจดี", "Kenn Smith"]
    assert by(session, clinic, "เค็น ทานากะ") == ["Ken Tanaka"]
    assert by(session, clinic, "Karn") == []


def test_how_a_name_sounds_is_kept_as_a_hash_and_read_by_its_key(session: Session, clinic: Clinic) -> None:
    ken = called(session, clinic, "Ken")
    assert not [one for one in session.scalars(select(CustomerName)) if b"KN" in one.word_index]
    index = session.info["vault"].index(clinic.id, "name", "~KN")
    assert [one.customer_id for one in session.scalars(select(CustomerName)) if one.word_index == index] == [ken.id]
    other = session.info["vault"].index(ken.id, "name", "~KN")
    assert other != index  # another clinic's is another
