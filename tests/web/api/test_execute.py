"""What is due is said at once: over `/execute`, and by a scheduler, with its key or with the server's secret."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import Engine, bindparam, event, select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from channels.base import channels
from channels.line.channel import LineChannel
from channels.line.client import Line
from customers.people import meet_on_line
from facts import appointments
from facts.told import AppointmentTold, Details, Person
from followups import dispatch, planner, rules
from followups.due import of as due_of
from followups.rules import Draft
from loyalty import points
from models.clinics import BusinessClock, Clinic
from models.conversations import Send
from models.customers import LineLink
from models.followups import FollowupExecution
from models.loyalty import LoyaltyProfile, PointTransaction
from runtime.clock import real
from runtime.context import Runtime
from runtime.settings import Settings
from tests.fixtures.clinic import NOW, At, make_clinic
from tests.web.api.conftest import Caller, body_of
from web.api.followup import execute
from web.http import everywhere

SECRET = "drawn-by-chance-4711"
DAY = timedelta(days=1)
AT = NOW + 3 * DAY
LINE = channels(LineChannel(Line()))


def pass_to(session: Session, at: datetime) -> None:
    """Business time is then, as the application sees it."""
    clock = session.scalars(select(BusinessClock)).one_or_none() or BusinessClock()
    clock.offset_seconds = int((at - real()).total_seconds())
    session.add(clock)
    session.commit()


def reminded(session: Session, runtime: Runtime, clinic: Clinic, link: LineLink, name: str = "A") -> None:
    """An appointment, of which its customer is to be reminded a day before."""
    if not rules.of_clinic(session, clinic):
        draft = Draft(name="Reminder", channels=["line"], active=True)
        rules.make(session, clinic, "appointment_reminder", draft, NOW)
    told = AppointmentTold(name, "booked", 1, NOW, Details(Person(ours=link.customer_id), AT))
    appointments.told(session, clinic, "standard", told, NOW)
    session.commit()
    while planner.step(replace(runtime, clock=At(NOW)), clinic.id):
        pass


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    for bounds in (execute, everywhere):
        monkeypatch.setattr(bounds, "SECONDS", 60.0)
        monkeypatch.setattr(bounds, "PER_MINUTE", 10_000)


@pytest.fixture
def due(session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink) -> LineLink:
    """Mali is to be reminded now."""
    reminded(session, runtime, clinic, mali)
    pass_to(session, AT - DAY + timedelta(minutes=1))
    return mali


@pytest.fixture
def two(session: Session, runtime: Runtime, clinic: Clinic, due: LineLink) -> LineLink:
    """And so is somebody else."""
    other = meet_on_line(session, clinic, "U" + "c" * 32, NOW)
    session.flush()
    reminded(session, runtime, clinic, other, "B")
    return other


@pytest.fixture
def followup(aura: Caller) -> Caller:
    return replace(aura, room="followup")


def fates(session: Session) -> list[tuple[str, str | None]]:
    session.expire_all()
    return sorted((one.status, one.reason) for one in session.scalars(select(FollowupExecution)))


def test_what_is_due_is_said_once(followup: Caller, session: Session, due: LineLink) -> None:
    assert body_of(followup.post("execute")) == {"executed": 1}
    assert fates(session) == [("sent", None)]
    assert body_of(followup.post("execute")) == {"executed": 0}
    assert session.scalars(select(Send.state)).all() == ["queued"]


def test_what_a_gate_holds_back_is_not_counted(followup: Caller, session: Session, due: LineLink) -> None:
    pass_to(session, AT - DAY + timedelta(hours=11))  # 22:30
    assert body_of(followup.post("execute")) == {"executed": 0}
    assert fates(session) == [("planned", "quiet_hours")]


def test_sent_again_with_its_key_it_gets_the_first_answer(
    followup: Caller, session: Session, runtime: Runtime, clinic: Clinic, due: LineLink
) -> None:
    assert body_of(followup.post("execute", once="one")) == {"executed": 1}
    reminded(session, runtime, clinic, due, "B")
    assert body_of(followup.post("execute", once="one")) == {"executed": 1}
    assert fates(session) == [("planned", None), ("sent", None)]


def test_what_a_worker_has_in_hand_is_left_to_it(
    followup: Caller, session: Session, clinic: Clinic, runtime: Runtime, due: LineLink
) -> None:
    with runtime.sessions() as worker:
        assert due_of(worker, clinic.id, AT, most=1)
        assert body_of(followup.post("execute")) == {"executed": 0}
    at_work = replace(runtime, clock=At(AT - DAY + timedelta(minutes=1)))
    assert dispatch.step(at_work, LINE, clinic.id) == 1
    assert fates(session) == [("sent", None)]


def test_one_that_raises_is_put_off_and_the_others_are_said(
    followup: Caller, session: Session, clinic: Clinic, two: LineLink
) -> None:
    broken = select(FollowupExecution).where(FollowupExecution.customer_id == two.customer_id)
    rule = rules.make(session, clinic, "post_treatment", Draft(name="Care", channels=["line"], active=True), NOW)
    rule.type = "no_such_kind"
    session.scalars(broken).one().rule_id = rule.id
    session.commit()
    assert body_of(followup.post("execute")) == {"executed": 1}
    assert fates(session) == [("planned", "Unknown"), ("sent", None)]


def test_many_cost_no_more_statements_than_a_few(
    followup: Caller, session: Session, runtime: Runtime, clinic: Clinic, due: LineLink
) -> None:
    asked: list[int] = []
    for many in (2, 20):
        for n in range(many):
            link = meet_on_line(session, clinic, f"U{many:016x}{n:016x}", NOW)
            session.flush()
            reminded(session, runtime, clinic, link, f"{many}/{n}")
        with statements() as said:
            assert body_of(followup.post("execute"))["executed"] == many + (not asked)
        asked.append(len(said))
    assert asked[1] <= asked[0]


def test_of_many_the_one_that_raises_is_found_and_each_other_is_said_once(
    followup: Caller, session: Session, runtime: Runtime, clinic: Clinic, two: LineLink
) -> None:
    for n in range(5):
        link = meet_on_line(session, clinic, f"U{n:032x}", NOW)
        session.flush()
        reminded(session, runtime, clinic, link, str(n))
    two.customer.display_name_sealed = b"nobody's seal"
    session.commit()
    assert body_of(followup.post("execute")) == {"executed": 6}
    assert fates(session) == [("planned", "CannotOpen"), *[("sent", None)] * 6]
    assert len(session.scalars(select(Send)).all()) == 6


@contextmanager
def statements() -> Iterator[list[str]]:
    """That anybody in this process says to the database."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_it_is_bounded_in_number(
    followup: Caller, session: Session, two: LineLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "MOST", 1)
    assert [body_of(followup.post("execute"))["executed"] for _ in range(3)] == [1, 1, 0]


def test_it_is_not_asked_for_all_the_time(followup: Caller, nobody: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute, "PER_MINUTE", 1)
    # A minute may end between two of the requests: the window then begins anew.
    refused = [answer for _ in range(4) if (answer := followup.post("execute")).status_code == 429]
    assert body_of(refused[0], 429)["retryAfter"] >= 1
    assert body_of(replace(nobody, room="followup").post("execute")) == {"executed": 0}


@pytest.fixture
def scheduler(
    settings: Settings, session: Session, make_app: Callable[[Settings], Flask]
) -> Callable[..., TestResponse]:
    app = make_app(settings.model_copy(update={"cron_secret": SecretStr(SECRET)}))

    def ask(path: str, authorization: str = f"Bearer {SECRET}", method: str = "GET") -> TestResponse:
        address = f"/api/{path}" if "/" in path else f"/api/cron/{path}"
        return app.test_client().open(address, method=method, headers={"Authorization": authorization})

    return ask


@pytest.fixture
def elsewhere(session: Session, runtime: Runtime, due: LineLink) -> Clinic:
    """Another clinic, with somebody to remind too."""
    other = make_clinic(session, "other", "Other Clinic")
    link = meet_on_line(session, other, "U" + "d" * 32, NOW)
    session.flush()
    reminded(session, runtime, other, link)
    return other


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_key_of_the_scheduler_does_it_for_its_clinic(
    aura: Caller, session: Session, secret_of: Callable[..., str], clinic: Clinic, elsewhere: Clinic, method: str
) -> None:
    cron = replace(aura, room="cron", secret=secret_of(clinic, "cron"))
    assert body_of(cron.send(method, "process-followups")) == {"executed": 1}
    assert fates(session) == [("planned", None), ("sent", None)]
    assert body_of(cron.send(method, "process-followups")) == {"executed": 0}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_secret_of_the_server_does_it_for_all_clinics(
    session: Session, scheduler: Callable[..., TestResponse], elsewhere: Clinic, method: str
) -> None:
    assert body_of(scheduler("process-followups", method=method)) == {"executed": 2}
    assert fates(session) == [("sent", None), ("sent", None)]
    assert body_of(scheduler("process-followups", method=method)) == {"executed": 0}


def test_a_clinic_that_cannot_be_read_stops_no_other(
    session: Session, scheduler: Callable[..., TestResponse], elsewhere: Clinic
) -> None:
    session.execute(text('UPDATE clinics SET settings = \'{"voice": {"zone": "Mars/Base"}}\' WHERE slug = \'other\''))
    session.commit()
    assert body_of(scheduler("process-followups")) == {"executed": 1}


@pytest.mark.parametrize("path", ["process-followups", "expire-points"])
@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", f"Bearer {SECRET}x", f"Basic {SECRET}", SECRET, "Bearer aura_x"]
)
def test_nobody_else_does(
    session: Session, scheduler: Callable[..., TestResponse], due: LineLink, path: str, authorization: str
) -> None:
    assert body_of(scheduler(path, authorization), 401)["code"] == "unauthorized"
    assert fates(session) == [("planned", None)]


def test_where_no_secret_is_set_none_is_right(aura: Caller, due: LineLink) -> None:
    for told in ("Bearer", "Bearer ", "Bearer  "):
        answer = aura.client.get("/api/cron/process-followups", headers={"Authorization": told})
        assert body_of(answer, 401)["code"] == "unauthorized"


def test_the_secret_opens_nothing_else(
    session: Session, scheduler: Callable[..., TestResponse], clinic: Clinic
) -> None:
    session.commit()
    for path, method in (("followup/execute", "POST"), ("followup/rules", "GET"), ("loyalty/rewards", "GET")):
        assert body_of(scheduler(path, method=method), 401)["code"] == "unauthorized"


def test_the_secret_is_not_shown_all_the_time(
    session: Session, scheduler: Callable[..., TestResponse], monkeypatch: pytest.MonkeyPatch
) -> None:
    session.commit()
    monkeypatch.setattr(everywhere, "PER_MINUTE", 1)
    refused = [answer for _ in range(4) if (answer := scheduler("expire-points")).status_code == 429]
    assert body_of(refused[0], 429)["code"] == "too_many_requests"


def test_points_that_have_expired_are_posted_once(
    aura: Caller, session: Session, clinic: Clinic, mali: LineLink, scheduler: Callable[..., TestResponse]
) -> None:
    points.award_points(session, mali.customer, 150, "test", now=NOW)
    session.commit()
    cron = replace(aura, room="cron")
    pass_to(session, NOW + DAY)
    assert body_of(cron.get("expire-points")) == {"executed": 0}
    pass_to(session, NOW + 3 * 366 * DAY)
    assert body_of(cron.post("expire-points")) == {"executed": 1}
    assert body_of(cron.get("expire-points")) == {"executed": 0}
    assert body_of(scheduler("expire-points")) == {"executed": 0}
    session.expire_all()
    entries = session.scalars(select(PointTransaction).where(PointTransaction.type == "expired")).all()
    assert [one.amount for one in entries] == [-150]
    assert session.scalars(select(LoyaltyProfile.available_points)).one() == 0


def test_one_whose_points_cannot_be_posted_stops_no_other(
    aura: Caller, session: Session, clinic: Clinic, mali: LineLink
) -> None:
    other = meet_on_line(session, clinic, "U" + "c" * 32, NOW)
    session.flush()
    for link in (mali, other):
        points.award_points(session, link.customer, 150, "test", now=NOW)
    session.commit()
    session.execute(
        text("ALTER TABLE point_lots ADD CONSTRAINT broken CHECK (customer_id <> :id OR remaining > 0)").bindparams(
            bindparam("id", str(mali.customer_id), literal_execute=True)
        )
    )
    session.commit()
    pass_to(session, NOW + 3 * 366 * DAY)
    try:
        assert body_of(replace(aura, room="cron").post("expire-points")) == {"executed": 1}
    finally:
        session.execute(text("ALTER TABLE point_lots DROP CONSTRAINT broken"))
        session.commit()
