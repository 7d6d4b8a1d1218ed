"""What somebody hears of, decided on their own page: the same words and the same record as in the chat."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import fitting
from bot.cards import messages as message_cards
from bot.cards import privacy as cards
from models.clinics import Clinic
from models.consents import Consent
from models.customers import LineLink
from privacy import ages, consent
from runtime.clock import real
from runtime.language import Language
from tests.web.portal.conftest import Browser

AT = "/me/consents"
EN = Language("en")


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def kept(session: Session) -> Sequence[tuple[str, str, bool, str, str]]:
    """The ledger, in order, without times."""
    session.expire_all()
    rows = session.scalars(select(Consent).order_by(Consent.id)).all()
    return [(one.purpose, one.channel, one.granted, one.text_hash, one.source) for one in rows]


@pytest.fixture
def grown(session: Session, mali: LineLink) -> LineLink:
    """Who has said that she is of age."""
    mali.customer.adult = True
    session.commit()
    return mali


def test_offers_are_agreed_to_by_the_very_words_that_the_page_shows(
    session: Session, clinic: Clinic, grown: LineLink, mine: Browser
) -> None:
    words = cards.offers_question_text(clinic, EN)
    assert f"{AT}/offers" in " ".join(mine.page(AT).links)
    assert words in mine.page(f"{AT}/offers").said
    answer = mine.send(f"{AT}/offers", of=f"{AT}/offers", answer="yes")
    assert answer.headers["Location"].endswith(f"{AT}?done=offers_on")
    assert kept(session) == [("marketing", "line", True, hash_of(words), "portal")]
    assert consent.may_send_offers(session, grown.customer, "line", real())
    said = mine.page(f"{AT}?done=offers_on").said
    assert "We will write only when there is something worth reading." in said
    assert "News and offers on" in said
    # A second tap is the same act.
    mine.send(f"{AT}/offers", of=AT, answer="yes")
    assert len(kept(session)) == 1
    mine.send(f"{AT}/offers", of=AT, answer="no")
    assert not consent.may_send_offers(session, grown.customer, "line", real())


def test_what_fits_a_treatment_is_a_question_of_its_own(
    session: Session, clinic: Clinic, grown: LineLink, mine: Browser
) -> None:
    words = fitting.question_text(clinic, EN)
    assert words in mine.page(f"{AT}/fitting").said
    mine.send(f"{AT}/fitting", of=f"{AT}/fitting", answer="yes")
    mine.send(f"{AT}/fitting", of=AT, answer="no")
    assert kept(session) == [
        ("health_personalisation", "line", granted, hash_of(words), "portal") for granted in (True, False)
    ]


def test_the_age_is_asked_before_and_leads_on_to_the_question(session: Session, mali: LineLink, mine: Browser) -> None:
    asked = mine.page(f"{AT}/offers")
    assert "Are you 20 or older?" in asked.said
    assert "May " not in asked.said
    # An answer to the question that was not shown is none.
    assert mine.send(f"{AT}/offers", of=AT, answer="yes").headers["Location"].endswith(f"{AT}/offers")
    assert kept(session) == []
    answer = mine.send(f"{AT}/age", of=f"{AT}/offers", answer="adult", wish="offers")
    assert answer.headers["Location"].endswith(f"{AT}/offers")
    session.refresh(mali.customer)
    assert mali.customer.adult is True
    assert "May " in mine.page(f"{AT}/offers").said


def test_who_is_younger_is_believed_for_half_a_year(session: Session, mali: LineLink, mine: Browser) -> None:
    answer = mine.send(f"{AT}/age", of=f"{AT}/offers", answer="younger", wish="offers")
    assert answer.headers["Location"].endswith(f"{AT}?done=younger")
    assert "We send offers to nobody under 20." in mine.page(f"{AT}?done=younger").said
    mine.send(f"{AT}/age", of=AT, answer="adult", wish="offers")
    session.refresh(mali.customer)
    assert mali.customer.adult is False
    page = mine.page(f"{AT}/offers")
    until = ages.stands_until(session, mali.customer, real())
    assert until is not None
    assert f"From {EN.date(until)} on you can tell us your age anew." in page.said
    assert not [form for form in page.forms if form.get("method") == "post"]
    mine.send(f"{AT}/offers", of=AT, answer="yes")
    assert kept(session) == []


@pytest.mark.parametrize("what", ["care", "transactional", "survey", "greetings"])
def test_each_kind_comes_until_somebody_says_no(
    session: Session, mali: LineLink, mine: Browser, what: message_cards.Kind
) -> None:
    for answer, on in (("no", False), ("yes", True)):
        words = message_cards.heard_of(EN, what, wanted=on)
        sent = mine.send(f"{AT}/hear", of=AT, what=what, answer=answer)
        done = f"{what}_{'on' if on else 'off'}"
        assert sent.headers["Location"].endswith(f"{AT}?done={done}")
        assert words in mine.page(f"{AT}?done={done}").said
        assert kept(session)[-1] == (what, "line", on, hash_of(words), "portal")
        assert consent.objects(session, mali.customer, what) is not on


def test_all_is_stopped_after_it_was_said_what_that_means_and_begun_again(
    session: Session, clinic: Clinic, grown: LineLink, mine: Browser
) -> None:
    mine.send(f"{AT}/offers", of=AT, answer="yes")
    assert cards.stop_all_text(clinic, EN) in mine.page(f"{AT}/stop-all").said
    mine.send(f"{AT}/stop-all", of=f"{AT}/stop-all")
    session.expire_all()
    assert consent.stopped(session, grown.customer)
    assert not consent.may_send_offers(session, grown.customer, "line", real())
    page = mine.page(f"{AT}?done=stopped")
    assert "You have stopped all messages." in page.said
    assert "Birthday" not in page.said
    answer = mine.send(f"{AT}/write-again", of=AT)
    assert answer.headers["Location"].endswith("?done=again")
    session.expire_all()
    assert not consent.stopped(session, grown.customer)
    assert not consent.may_send_offers(session, grown.customer, "line", real() + timedelta(minutes=2))
    # From a page that was left open.
    assert mine.send(f"{AT}/write-again", of=AT).headers["Location"].endswith(AT)


def test_stopping_offers_stops_them_over_every_channel(session: Session, grown: LineLink, mine: Browser) -> None:
    for channel in ("line", "sms"):
        consent.decide(
            session, grown.customer, purpose="marketing", channel=channel, granted=True, text="x",
            now=real() - timedelta(days=1),
        )  # fmt: skip
    session.commit()
    mine.send(f"{AT}/offers", of=f"{AT}/stop-all", answer="no")
    assert [one[:3] for one in kept(session)[2:]] == [("marketing", "line", False), ("marketing", "sms", False)]


def test_a_channel_that_does_not_reach_is_no_question(mine: Browser, grown: LineLink, session: Session) -> None:
    said = mine.page(AT).said
    for what, label in (("sms", "by SMS"), ("email", "by e-mail")):
        assert label not in said
        mine.page(f"{AT}/{what}", 404)
        assert mine.send(f"{AT}/{what}", of=AT, answer="yes").status_code == 404
    assert kept(session) == []


def test_what_is_none_of_the_answers_is_refused(session: Session, mine: Browser, grown: LineLink) -> None:
    for path, fields in (
        ("/offers", {}), ("/offers", {"answer": "perhaps"}), ("/hear", {"what": "marketing", "answer": "yes"}),
        ("/hear", {"what": "unasked", "answer": "no"}), ("/age", {"answer": "adult", "wish": "https://evil.example"}),
    ):  # fmt: skip
        assert mine.send(f"{AT}{path}", of=AT, **fields).status_code == 400
    mine.page(f"{AT}/nothing", 404)
    assert kept(session) == []
