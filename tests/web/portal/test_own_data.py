"""What somebody asks about their own data: kept with its date and deadline, told to the staff, and taken back."""

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import privacy as cards
from models.clinics import Clinic
from models.consents import Notice, PrivacyRequest, RequestKind
from models.customers import Customer, LineLink
from models.staff_notices import StaffNotice
from runtime.language import Language
from tests.web.portal.conftest import Browser, member

AT = "/me/data"
EN = Language("en")


def asked(session: Session) -> Sequence[PrivacyRequest]:
    session.expire_all()
    return session.scalars(select(PrivacyRequest).order_by(PrivacyRequest.id)).all()


@pytest.mark.parametrize("kind", ["copy", "correction", "erasure"])
def test_a_request_stands_there_with_its_dates_until_it_is_taken_back(
    session: Session, mine: Browser, mali: LineLink, kind: RequestKind
) -> None:
    assert "Asked on" not in mine.page(AT).said
    for _ in range(2):
        assert mine.send(f"{AT}/{kind}", of=AT).headers["Location"].endswith(f"{AT}?done=asked")
    (one,) = asked(session)
    assert (one.kind, one.state, one.source, one.customer_id) == (kind, "open", "portal", mali.customer_id)
    page = mine.page(AT)
    assert f"Asked on {EN.date(one.asked_at)}" in page.said
    assert f"You hear from our team by {EN.date(one.due_at)}." in page.said
    assert [told.kind for told in session.scalars(select(StaffNotice))] == ["privacy_request"]
    assert mine.send(f"{AT}/{kind}/withdraw", of=AT).headers["Location"].endswith(f"{AT}?done=taken_back")
    assert [one.state for one in asked(session)] == ["withdrawn"]
    assert mine.send(f"{AT}/{kind}/withdraw", of=AT).headers["Location"].endswith(AT)
    assert "Asked on" not in mine.page(AT).said


def test_erasure_is_asked_for_after_it_was_said_what_it_takes(session: Session, clinic: Clinic, mine: Browser) -> None:
    assert not [form for form in mine.page(AT).forms if form["action"].endswith(f"{AT}/erasure")]
    page = mine.page(f"{AT}/erasure")
    assert cards.erase_text(clinic, EN) in page.said
    assert [form["action"] for form in page.forms] == [f"/portal/aura{AT}/erasure"]
    assert asked(session) == []


def test_what_is_wrong_is_written_in_the_chat(session: Session, clinic: Clinic, mine: Browser) -> None:
    clinic.line_basic_id = "@aura"
    session.commit()
    mine.send(f"{AT}/correction", of=AT)
    assert "https://line.me/R/oaMessage/%40aura/?correct%20my%20data" in mine.page(AT).links


def test_that_the_notice_was_shown_is_kept_once(
    session: Session, clinic: Clinic, mali: LineLink, mine: Browser
) -> None:
    for _ in range(2):
        assert cards.notice_text(clinic, EN).split("\n\n")[0] in mine.page(AT).said
    notices = session.scalars(select(Notice)).all()
    assert [(one.customer_id, one.language) for one in notices] == [(mali.customer_id, "en")]


def test_nobody_sees_or_takes_back_what_another_has_asked(
    session: Session, clinic: Clinic, mine: Browser, browser_of: Callable[[Customer], Browser]
) -> None:
    his = browser_of(member(session, clinic, "b").customer)
    mine.send(f"{AT}/copy", of=AT)
    assert "Asked on" not in his.page(AT).said
    his.send(f"{AT}/copy/withdraw", of=AT)
    assert [one.state for one in asked(session)] == ["open"]
    assert his.send(f"{AT}/everything", of=AT).status_code == 405
