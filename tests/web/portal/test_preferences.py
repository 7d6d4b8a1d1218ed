"""When and how somebody is written to, chosen on their own page."""

from datetime import time, timedelta

import pytest
from sqlalchemy.orm import Session

from customers.people import identify
from followups import preferences
from models.customers import LineLink
from models.preferences import CustomerPreferences
from runtime.clock import real
from tests.web.portal.conftest import Browser

AT = "/me/preferences"


def chosen(session: Session, mali: LineLink) -> CustomerPreferences:
    session.expire_all()
    found = preferences.of(session, mali.customer)
    assert found is not None
    return found


def test_with_one_way_there_is_nothing_to_choose(mine: Browser) -> None:
    page = mine.page(AT)
    assert "Where we know your phone or e-mail, you can choose here what comes first." in page.said
    assert not [form for form in page.forms if form["action"].endswith("/first")]
    assert mine.send(f"{AT}/first", of=AT, channel="call").status_code == 422
    assert mine.send(f"{AT}/first", of=AT, channel="pigeon").status_code == 400


def test_the_way_that_comes_first_is_chosen_and_given_up(session: Session, mali: LineLink, mine: Browser) -> None:
    identify(session, mali.customer, "phone", "+66812345678", real())
    session.commit()
    assert "As it fits each message: LINE › a call" in mine.page(AT).said
    assert mine.send(f"{AT}/first", of=AT, channel="call").headers["Location"].endswith(f"{AT}?done=first")
    assert chosen(session, mali).channels == ["call"]
    assert "You have chosen: first a call › LINE" in mine.page(AT).said
    mine.send(f"{AT}/first", of=AT, channel="any")
    assert chosen(session, mali).channels == []


def test_quiet_hours_are_kept_and_those_of_the_clinic_again(session: Session, mali: LineLink, mine: Browser) -> None:
    assert mine.send(f"{AT}/quiet", of=AT, begins="19:30", ends="10:00").headers["Location"].endswith("?done=quiet")
    assert preferences.quiet(chosen(session, mali)) == (time(19, 30), time(10))
    assert "Your own quiet hours: 19:30 to 10:00." in mine.page(AT).said
    mine.send(f"{AT}/quiet-as-clinic", of=AT)
    assert preferences.quiet(chosen(session, mali)) is None
    assert "Your own quiet hours" not in mine.page(AT).said


@pytest.mark.parametrize(
    ("begins", "ends", "why"),
    [
        ("", "", "Please give two times"), ("25:00", "10:00", "Please give two times"),
        ("10:00", "10:00", "Please give two times"), ("08:00", "07:59", "That would leave no hour of the day."),
    ],
)  # fmt: skip
def test_hours_that_are_none_are_refused_in_words(
    session: Session, mali: LineLink, mine: Browser, begins: str, ends: str, why: str
) -> None:
    answer = mine.send(f"{AT}/quiet", of=AT, begins=begins, ends=ends)
    assert answer.status_code == 422
    assert why in answer.text
    assert preferences.of(session, mali.customer) is None


def test_treatments_are_not_suggested_for_a_while(session: Session, mali: LineLink, mine: Browser) -> None:
    assert "no further treatments for 60 days" in mine.page(AT).said
    mine.send(f"{AT}/not-now", of=AT)
    until = chosen(session, mali).no_upsell_until
    assert until is not None
    assert timedelta(days=59) < until - real() < timedelta(days=61)
    assert "we suggest no further treatments to you" in mine.page(AT).said
    mine.send(f"{AT}/suggest-again", of=AT)
    assert chosen(session, mali).no_upsell_until is None
