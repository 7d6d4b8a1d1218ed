"""`/u`: the way out of a mail. Looking changes nothing; one click ends it; whoever took it may take it back."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.email.leave import Leaving, address, read
from customers import contacts
from customers.people import identify, vault_of
from models.clinics import Clinic
from models.consents import Consent
from models.customers import Customer, LineLink
from models.followups import Purpose
from privacy import consent, unsubscribed
from runtime.clock import real
from runtime.settings import Settings
from tests.fixtures.clinic import make_clinic
from web.unsubscribe import WRONG

MAIL = "mali@mail.example"
BROWSER = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)", "Accept-Language": "en-GB,en;q=0.8"}


@pytest.fixture
def web(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def mali_mails(session: Session, mali: LineLink) -> Customer:
    """Of age, with a proved address and a yes to offers over it."""
    customer = mali.customer
    customer.adult = True
    identify(session, customer, "email", MAIL, real())
    consent.decide(
        session, customer, purpose="marketing", channel="email", granted=True, text="?",
        now=real() - timedelta(hours=1),
    )  # fmt: skip
    session.commit()
    return customer


def path(settings: Settings, session: Session, clinic: Clinic, purpose: Purpose = "marketing", mail: str = MAIL) -> str:
    index = vault_of(session).index(clinic.id, "email", mail)
    return address(settings, Leaving(clinic.slug, purpose, index)).removeprefix(settings.public_url)


def wants(session: Session, customer: Customer, purpose: str = "marketing") -> bool | None:
    session.expire_all()
    return consent.decision(session, customer, purpose, "email")


def decisions(session: Session) -> int:
    return len(session.scalars(select(Consent)).all())


def test_looking_changes_nothing(settings: Settings, session: Session, web: FlaskClient, mali_mails: Customer) -> None:
    at = path(settings, session, mali_mails.clinic)
    for method in (web.get, web.head):
        answer = method(at, headers=BROWSER)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    assert wants(session, mali_mails) is True


def test_one_click_ends_it(settings: Settings, session: Session, web: FlaskClient, mali_mails: Customer) -> None:
    """RFC 8058, 3.2: without cookies, as a form of either kind."""
    at = path(settings, session, mali_mails.clinic)
    assert web.post(at, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert wants(session, mali_mails) is False
    newest = session.scalars(select(Consent).order_by(Consent.id.desc()).limit(1)).one()
    assert (newest.source, newest.channel, newest.purpose) == (unsubscribed.ONE_CLICK, "email", "marketing")
    web.post(at, data={"do": "back"})
    assert wants(session, mali_mails) is True
    multipart = web.post(at, data={"List-Unsubscribe": "One-Click"}, content_type="multipart/form-data")
    assert multipart.status_code == 200 and wants(session, mali_mails) is False


def test_once_more_is_no_further_decision(
    settings: Settings, session: Session, web: FlaskClient, mali_mails: Customer
) -> None:
    at = path(settings, session, mali_mails.clinic)
    for _ in range(3):
        assert web.post(at, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert decisions(session) == 2


def test_the_page_says_what_still_comes_and_lets_it_be_taken_back(
    settings: Settings, session: Session, web: FlaskClient, mali_mails: Customer
) -> None:
    at = path(settings, session, mali_mails.clinic)
    page = web.get(at, headers=BROWSER).text
    assert "Offers by e-mail" in page and ">No more offers<" in page
    left = web.post(at, data={"do": "leave"}, headers=BROWSER).text
    assert wants(session, mali_mails) is False
    assert "Done: no more offers by e-mail" in left and ">Send me offers again<" in left
    assert "Reminders of appointments and bills" in left and "Questions how you are after a visit" in left
    assert "Offers, if you have said yes" not in left
    back = web.post(at, data={"do": "back"}, headers=BROWSER).text
    assert wants(session, mali_mails) is True
    assert ">No more offers<" in back


@pytest.mark.parametrize("purpose", ["care", "transactional"])
def test_each_purpose_by_itself(
    settings: Settings, session: Session, web: FlaskClient, mali_mails: Customer, purpose: Purpose
) -> None:
    web.post(path(settings, session, mali_mails.clinic, purpose), data={"do": "leave"})
    assert wants(session, mali_mails, purpose) is False
    assert wants(session, mali_mails) is True
    assert consent.decision(session, mali_mails, purpose, "line") is None


def test_in_both_languages(settings: Settings, session: Session, web: FlaskClient, mali_mails: Customer) -> None:
    at = path(settings, session, mali_mails.clinic)
    thai = web.get(at, headers=BROWSER | {"Accept-Language": "th"}).text
    assert '<html lang="th">' in thai and "ข้อเสนอทางอีเมล" in thai and "English" in thai
    english = web.get(f"{at}?in=en", headers=BROWSER | {"Accept-Language": "th"}).text
    assert '<html lang="en">' in english and "ไทย" in english
    assert '<html lang="th">' in web.get(f"{at}?in=xx", headers=BROWSER | {"Accept-Language": "xx"}).text


def test_back_gives_nothing_that_was_not_taken(
    settings: Settings, session: Session, web: FlaskClient, mali: LineLink
) -> None:
    identify(session, mali.customer, "email", MAIL, real())
    session.commit()
    assert web.post(path(settings, session, mali.customer.clinic), data={"do": "back"}).status_code == 200
    assert decisions(session) == 0


def test_all_who_are_written_to_by_the_address(
    settings: Settings, session: Session, web: FlaskClient, mali_mails: Customer
) -> None:
    """Of a family one reads the mail."""
    from customers.people import new_customer

    child = new_customer(session, mali_mails.clinic, real())
    session.flush()
    contacts.tell(session, child, "email", MAIL, source="till", now=real())
    session.commit()
    web.post(path(settings, session, mali_mails.clinic, "care"), data={"List-Unsubscribe": "One-Click"})
    assert wants(session, mali_mails, "care") is False and wants(session, child, "care") is False


def test_of_nobody_nothing_is_ended(settings: Settings, session: Session, web: FlaskClient, clinic: Clinic) -> None:
    session.commit()
    at = path(settings, session, clinic)
    page = web.post(at, data={"do": "leave"}, headers=BROWSER)
    assert page.status_code == 200 and "Nothing comes to this address" in page.text and "<button" not in page.text
    assert decisions(session) == 0


def test_what_one_clinic_has_signed_is_none_of_anothers(
    settings: Settings, session: Session, web: FlaskClient, mali_mails: Customer
) -> None:
    make_clinic(session, "siam")
    session.commit()
    other = path(settings, session, mali_mails.clinic).replace("/u/aura/", "/u/siam/")
    assert web.post(other, data={"List-Unsubscribe": "One-Click"}).status_code == 404
    assert wants(session, mali_mails) is True


@pytest.mark.parametrize("token", ["x", "x.y", "%00", "%f0%9f%98%80", "A" * 5_000, "..", "AAAA.", ".AAAA"])
def test_hostile_addresses_are_all_the_same(web: FlaskClient, clinic: Clinic, token: str) -> None:
    for ask in (web.get, web.post):
        assert ask(f"/u/aura/{token}").status_code in (404, 429)


def test_a_changed_token_is_none(settings: Settings, session: Session, web: FlaskClient, mali_mails: Customer) -> None:
    at = path(settings, session, mali_mails.clinic)
    slug, token = at.removeprefix("/u/").split("/")
    assert read(settings, slug, token) is not None
    for place in range(0, len(token), 7):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert read(settings, slug, changed) is None
    assert wants(session, mali_mails) is True


@pytest.mark.parametrize(
    "form", [{"do": "everything"}, {"List-Unsubscribe": "One-Click "}, {}, {"do": ["leave", "back"], "x": "y" * 100}]
)
def test_only_the_words_that_are_known_do_something(
    settings: Settings, session: Session, web: FlaskClient, mali_mails: Customer, form: dict[str, object]
) -> None:
    at = path(settings, session, mali_mails.clinic)
    assert web.post(at, data=form).status_code == 200
    assert wants(session, mali_mails) is ("x" not in form)


def test_who_tries_addresses_is_held_up(web: FlaskClient, clinic: Clinic) -> None:
    codes = [web.get(f"/u/aura/{number}").status_code for number in range(WRONG + 5)]
    assert codes.count(404) <= WRONG and 429 in codes


def test_nothing_of_the_person_stands_in_it(
    settings: Settings, session: Session, web: FlaskClient, mali_mails: Customer
) -> None:
    at = path(settings, session, mali_mails.clinic)
    page = web.get(at).text
    for told in (MAIL, "mali", mali_mails.id.hex, str(mali_mails.id)):
        assert told not in at and told not in page.lower()
