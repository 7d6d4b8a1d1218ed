"""What is stuck waits for a person, who has it done after all or gives it up with a reason."""

from collections.abc import Callable
from datetime import time, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app import Aura
from models.calendar import CalendarRun
from models.conversations import OutgoingReply, Send
from runtime.clock import real
from runtime.settings import Settings
from tests.fixtures.clinic import Talk
from tests.workers.conftest import only
from workers.daily import Daily
from workers.jobs import drains


@pytest.fixture
def aura(settings: Settings, make_aura: Callable[..., Aura]) -> Aura:
    """Nobody listens where LINE is: what was never tried goes as a push, which waits."""
    return make_aura(settings.model_copy(update={"line_bot_token": SecretStr("x")}))


def flask(aura: Aura, *command: str) -> tuple[int, str]:
    result = aura.flask.test_cli_runner().invoke(args=["work", *command])
    return result.exit_code, result.output


def an_answer(session: Session, talk: Talk) -> OutgoingReply:
    """To somebody who wrote two minutes ago, never tried: it will go as a push."""
    talk.say("แต้ม")
    who, then = talk.row.customer, real() - timedelta(minutes=2)
    assert who is not None
    reply = OutgoingReply(
        clinic_id=talk.clinic.id, clinic=talk.clinic, customer_id=who.id, customer=who, inbox_id=talk.row.id,
        body=b"[]", token="t", recipient=talk.user_id, received_at=then, state="open", attempts=0, lease_until=then,
    )  # fmt: skip
    session.add(reply)
    talk.row.state = "done"
    session.commit()
    return reply


def test_an_answer_that_cannot_be_opened_stops_no_other_and_goes_on_when_it_can(
    session: Session, aura: Aura, talks: Callable[[str], Talk]
) -> None:
    broken, sound = (an_answer(session, talks("U" + letter * 32)) for letter in "bc")
    good = broken.body_sealed
    session.execute(update(OutgoingReply).where(OutgoingReply.id == broken.id).values(body_sealed=b"nobody's seal"))
    session.commit()
    drains["chat"](aura.context)
    session.expire_all()
    assert (broken.state, broken.attempts, sound.state) == ("open", 0, "pushed")
    assert (broken.error or "").startswith("CannotOpen at ")
    assert broken.lease_until - real() > timedelta(minutes=1), "it waits as long as it has waited"

    broken.body_sealed, broken.lease_until = good, real()
    session.commit()
    drains["chat"](aura.context)
    session.expire_all()
    assert broken.state == "pushed"
    assert len(session.scalars(select(Send)).all()) == 2


def test_an_answer_that_is_given_up_keeps_the_reason(session: Session, aura: Aura, talk: Talk) -> None:
    reply = an_answer(session, talk)
    session.execute(text("UPDATE replies SET state = 'failed', error = 'refused'"))
    session.commit()
    assert str(reply.id) in flask(aura, "show", "replies")[1]
    status, said = flask(aura, "drop", "replies", str(reply.id))
    assert (status, "--reason" in said) == (2, True)
    assert flask(aura, "drop", "replies", str(reply.id), "--reason", "told by telephone")[0] == 0
    session.expire_all()
    assert (reply.state, reply.error) == ("dropped", "dropped: told by telephone")
    assert "replies" not in flask(aura)[1]


@pytest.mark.parametrize(
    ("queue", "given", "status", "word"),
    [
        ("inbox", "1A2B3C4D", 1, "Nothing that is stuck"),
        ("sends", "12", 2, "is no id"),
        ("sends", "not-an-id%", 2, "is no id"),
        ("letters", "1A2B3C4D", 2, "is not one of"),
    ],
)
def test_what_cannot_be_meant_is_refused(aura: Aura, queue: str, given: str, status: int, word: str) -> None:
    found, said = flask(aura, "retry", queue, given)
    assert (found, word in said) == (status, True), said


def test_what_waits_is_not_a_persons_to_drop(session: Session, aura: Aura, talk: Talk) -> None:
    reply = an_answer(session, talk)
    status, said = flask(aura, "drop", "replies", str(reply.id), "--reason", "impatience")
    assert (status, "Nothing that is stuck" in said) == (1, True)


def test_how_far_a_clinic_set_aside_is_behind_is_told_and_counted(
    session: Session, aura: Aura, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, Daily(time(0, 0), lambda *_: 0, each_day=True))
    today = real().astimezone(talk.clinic.settings.voice.zone).date()
    session.add(
        CalendarRun(clinic_id=talk.clinic.id, job="test", local_date=today - timedelta(days=3), finished_at=real())
    )
    session.flush()
    session.execute(text("""UPDATE clinics SET settings = '{"voice": {"zone": "Nowhere"}}'"""))
    session.commit()
    drains["calendar"](aura.context)
    told = flask(aura)[1]
    assert "aura is set aside since" in told
    assert f"aura is behind: test of {today - timedelta(days=2)} and 2 more days" in told
    assert "Nowhere" not in told
    assert "aura_calendar_behind 3.0" in aura.flask.test_client().get("/metrics").text
