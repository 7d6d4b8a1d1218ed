"""What a rule would say before it does: to one customer, in the next days, and to the staff."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, inspect, select
from sqlalchemy.orm import Session

from channels.base import channels
from channels.line.channel import LineChannel
from channels.line.client import Line
from customers import staff, staff_members
from customers.people import meet_on_line
from facts import appointments
from facts.told import AppointmentTold, Details, Person
from followups import dispatch, forecast, planner
from models.appointments import Appointment
from models.base import new_id
from models.clinics import BusinessClock, Clinic
from models.conversations import Send
from models.customers import LineLink
from models.followups import FollowupExecution, FollowupRule
from privacy import consent
from runtime.clock import real
from runtime.context import Runtime
from tests.fixtures.clinic import NOW, At
from tests.web.api.conftest import Caller, body_of
from tests.web.api.test_isolation import everything_of

DAY = timedelta(days=1)
AT = NOW + 3 * DAY
RULE = {"name": "Reminder", "type": "appointment_reminder", "channels": ["line", "sms"]}
LINE = channels(LineChannel(Line()))


def pass_to(session: Session, at: datetime) -> None:
    clock = session.scalars(select(BusinessClock)).one_or_none() or BusinessClock()
    clock.offset_seconds = round((at - real()).total_seconds())
    session.add(clock)
    session.commit()


def booked(session: Session, clinic: Clinic, link: LineLink, at: datetime, name: str = "A") -> None:
    told = AppointmentTold(name, "booked", 1, NOW, Details(Person(ours=link.customer_id), at))
    appointments.told(session, clinic, "standard", told, NOW)
    session.commit()


@pytest.fixture
def followup(aura: Caller, session: Session) -> Caller:
    pass_to(session, NOW)
    return replace(aura, room="followup")


@pytest.fixture
def rule(followup: Caller, session: Session, clinic: Clinic, mali: LineLink) -> str:
    """A draft; Mali has an appointment in three days."""
    booked(session, clinic, mali, AT)
    return str(body_of(followup.post("rules", RULE))["id"])


@pytest.fixture
def colleague(session: Session, clinic: Clinic, mali: LineLink) -> LineLink:
    """Mali works here."""
    group = staff.bind(session, clinic, staff.make_code(session, clinic, NOW), "C" + "1" * 32, NOW)
    assert group is not None and mali.user_id is not None
    staff_members.allow(session, staff_members.meet(session, group, mali.user_id, NOW), "staff", NOW, by="staff")
    session.commit()
    return mali


def asked(followup: Caller, rule: str, link: LineLink) -> dict[str, Any]:
    return body_of(followup.post(f"rules/{rule}/preview", {"customerId": str(link.customer_id)}))


def test_it_is_seen_in_each_channel_and_language(followup: Caller, session: Session, rule: str, mali: LineLink) -> None:
    before = everything_of(session)
    seen = asked(followup, rule, mali)
    assert (seen["active"], seen["end"], seen["held"]) == (False, None, [])
    assert seen["at"] == seen["dueAt"] and seen["anchor"].startswith("appointment:")
    ways = [(one["channel"], one["language"], one["chosen"], one["whyNot"]) for one in seen["says"]]
    assert ways[:2] == [("line", "th", True, None), ("line", "en", False, None)]
    assert ways[2:] == [("sms", "th", False, "no_sms"), ("sms", "en", False, "no_sms")]
    thai, english = seen["says"][0], seen["says"][1]
    assert "11:30" in thai["title"] and "11:30" in english["message"] and thai["message"] != english["message"]
    assert english["buttons"] == ["My appointments"] and thai["buttons"] != english["buttons"]
    assert thai["drawn"][0]["type"] in ("flex", "text") and "11:30" in str(thai["drawn"])
    assert everything_of(session) == before


def test_what_a_channel_does_not_take_is_told_and_where(
    followup: Caller, session: Session, rule: str, mali: LineLink
) -> None:
    """Each part is within its bounds; what is filled in is not."""
    mali.customer.display_name = None
    session.commit()
    long = {"message": "{customerName} " * 60, "fallbacks": {"customerName": "x" * 200}}
    body_of(followup.patch(f"rules/{rule}", {"template": long}))
    refused = body_of(followup.post(f"rules/{rule}/preview", {"customerId": str(mali.customer_id)}), 422)
    assert (refused["code"], refused["field"]) == ("bad_rule", "template")
    assert "in th it does not fit into what line takes: " in refused["detail"]


def test_what_is_seen_is_what_is_said(
    followup: Caller, session: Session, runtime: Runtime, clinic: Clinic, rule: str, mali: LineLink
) -> None:
    seen = asked(followup, rule, mali)
    body_of(followup.patch(f"rules/{rule}", {"active": True}))
    while planner.step(replace(runtime, clock=At(NOW)), clinic.id):
        pass
    at = datetime.fromisoformat(seen["at"])
    assert dispatch.step(replace(runtime, clock=At(at - timedelta(seconds=1))), LINE, clinic.id) == 0
    assert dispatch.step(replace(runtime, clock=At(at)), LINE, clinic.id) == 1

    def drawn(body: str) -> Any:
        """Each says under which execution it stands, and what is looked at is none that is kept."""
        return json.loads(re.sub(r"execution=[0-9a-f]{32}", "execution=", body))

    said = (session.scalars(select(Send)).one().body or b"").decode()
    execution = session.scalars(select(FollowupExecution)).one()
    assert execution.id.hex in said
    assert drawn(said) == drawn(json.dumps(seen["says"][0]["drawn"]))


def test_the_gate_that_holds_it_back_is_named_with_its_time(
    followup: Caller, session: Session, clinic: Clinic, mali: LineLink
) -> None:
    rule = body_of(followup.post("rules", {**RULE, "triggerConditions": {"hoursBefore": 37}}))["id"]  # 22:30
    booked(session, clinic, mali, AT)
    seen = asked(followup, rule, mali)
    (held,) = seen["held"] or [None]
    assert held["reason"] == "quiet_hours" and seen["at"] == held["until"] > seen["dueAt"]
    assert seen["end"] is None


def test_what_ends_it_is_named(followup: Caller, session: Session, rule: str, mali: LineLink) -> None:
    consent.decide(session, mali.customer, purpose=consent.UNASKED, channel="line", granted=False, text="x", now=NOW)
    session.commit()
    assert asked(followup, rule, mali)["end"] == {"status": "skipped", "reason": "stopped"}


def test_a_hole_in_the_words_is_named(followup: Caller, rule: str, mali: LineLink) -> None:
    body_of(followup.patch(f"rules/{rule}", {"template": {"message": "ที่ {branchName}"}}))
    seen = asked(followup, rule, mali)
    assert seen["end"] == {"status": "skipped", "reason": "missing_variable:branchName"}
    assert seen["says"][0]["whyNot"] == "missing_variable:branchName" and seen["says"][0]["drawn"] is None


def test_of_who_has_nothing_ahead_nothing_is_seen(
    followup: Caller, session: Session, clinic: Clinic, rule: str
) -> None:
    other = meet_on_line(session, clinic, "U" + "c" * 32, NOW)
    session.commit()
    refused = followup.post(f"rules/{rule}/preview", {"customerId": str(other.customer_id)})
    assert body_of(refused, 409)["code"] == "nothing_to_say"


KINDS = (
    "appointment_reminder", "birthday_special", "inactive_reactivation", "payment_reminder", "post_treatment",
    "satisfaction_survey", "upsell_opportunity",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_can_be_looked_ahead(followup: Caller, rule: str, mali: LineLink, kind: str) -> None:
    made = body_of(followup.post("rules", {**RULE, "type": kind, "channels": ["line"]}))["id"]
    seen = followup.post(f"rules/{made}/preview", {"customerId": str(mali.customer_id)})
    assert seen.status_code in (200, 409)
    assert body_of(followup.get(f"rules/{made}/forecast"))["next"] is None


def test_each_channel_draws_it_in_its_own_way(followup: Caller, rule: str, mali: LineLink) -> None:
    channels = ["call", "in_app", "line"]
    made = body_of(followup.post("rules", {"name": "x", "type": "birthday_special", "channels": channels}))["id"]
    seen = asked(followup, made, mali)
    drawn = {one["channel"]: one["drawn"] for one in seen["says"] if one["language"] == "en"}
    assert isinstance(drawn["call"], str) and "birthday" in drawn["call"]
    assert drawn["in_app"]["title"] == "Something for your birthday"
    assert isinstance(drawn["line"], list)
    assert seen["end"] is not None  # it is not her birthday


def test_who_is_spoken_to_and_who_not_is_counted_and_paged(
    followup: Caller, session: Session, clinic: Clinic, rule: str, mali: LineLink
) -> None:
    links = [meet_on_line(session, clinic, "U" + sign * 32, NOW) for sign in "cdef"]
    session.flush()
    consent.decide(
        session, links[0].customer, purpose=consent.UNASKED, channel="line", granted=False, text="x", now=NOW
    )
    links[1].unfollowed_at = NOW
    for number, link in enumerate(links):
        booked(session, clinic, link, AT + number * DAY, f"B{number}")
    booked(session, clinic, links[2], AT + 40 * DAY, "far")
    before = everything_of(session)
    pages, after = [], None
    while True:
        pages.append(body_of(followup.get(f"rules/{rule}/forecast", limit=2, **({"after": after} if after else {}))))
        after = pages[-1]["next"]
        if after is None:
            break
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert {(page["many"], page["more"]) for page in pages} == {(5, False)}
    assert sum(page["said"] for page in pages) == 3
    not_said: dict[str, int] = {}
    for page in pages:
        for reason, number in page["notSaid"].items():
            not_said[reason] = not_said.get(reason, 0) + number
    assert not_said == {"stopped": 1, "not_reachable": 1}
    found = [one["customerId"] for page in pages for one in page["items"]]
    assert sorted(found) == sorted(str(one.customer_id) for one in [mali, *links])
    assert everything_of(session) == before


def test_a_rule_that_speaks_once_is_expected_once_and_seen_to_be_silent_after(
    followup: Caller, session: Session, runtime: Runtime, clinic: Clinic, rule: str, mali: LineLink
) -> None:
    for number in range(1, 3):
        booked(session, clinic, mali, AT + number * DAY, f"B{number}")

    def expected() -> list[str | None]:
        found = body_of(followup.get(f"rules/{rule}/forecast"))["items"]
        return [one["end"] and one["end"]["reason"] for one in found]

    assert expected() == [None, None, None]
    body_of(followup.patch(f"rules/{rule}", {"reentry": {"afterDays": 2}}))
    assert expected() == [None, "said_lately", None]
    body_of(followup.patch(f"rules/{rule}", {"reentry": "once", "active": True}))
    assert expected() == [None, "said_once", "said_once"]
    at = replace(runtime, clock=At(AT - DAY))
    while planner.step(at, clinic.id) or dispatch.step(at, LINE, clinic.id):
        pass
    pass_to(session, AT + timedelta(hours=1))
    assert asked(followup, rule, mali)["end"] == {"status": "skipped", "reason": "said_once"}
    assert expected() == ["said_once"], "the other was due at this time"


def test_what_takes_too_long_says_so_and_what_to_do(
    followup: Caller, session: Session, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = session.scalars(select(Appointment)).one()
    kept = {column.key: getattr(one, column.key) for column in inspect(Appointment).column_attrs}
    more = [kept | {"id": new_id(), "external_id": f"B{number}"} for number in range(5_000)]
    session.execute(insert(Appointment), more)
    session.commit()
    monkeypatch.setattr(forecast, "LOOKED_FOR", timedelta(milliseconds=1))
    refused = body_of(followup.get(f"rules/{rule}/forecast"), 503)
    assert refused["code"] == "too_much_ahead" and "Ask again" in str(refused)
    monkeypatch.undo()
    assert body_of(followup.get(f"rules/{rule}/forecast"))["many"] == 5_001


def test_the_limit_of_looking_ends_with_it(session: Session, clinic: Clinic, rule: str) -> None:
    limit = select(func.current_setting("statement_timeout"))
    before = session.scalars(limit).one()
    looked = session.get_one(FollowupRule, (UUID(rule), clinic.id))
    assert forecast.many(session, clinic, looked, NOW) == 1
    assert session.scalars(limit).one() == before


def test_what_was_said_is_not_expected_again(
    followup: Caller, session: Session, runtime: Runtime, clinic: Clinic, rule: str
) -> None:
    body_of(followup.patch(f"rules/{rule}", {"active": True}))
    while planner.step(replace(runtime, clock=At(NOW)), clinic.id):
        pass
    session.execute(
        FollowupExecution.__table__.update().values(status="skipped", reason="no_consent", settled_at=NOW)  # type: ignore[attr-defined]
    )
    session.commit()
    page = body_of(followup.get(f"rules/{rule}/forecast"))
    assert (page["said"], page["notSaid"]) == (0, {"no_consent": 1})


def test_it_is_tried_on_the_staff_by_the_one_door(
    followup: Caller, session: Session, runtime: Runtime, clinic: Clinic, rule: str, colleague: LineLink
) -> None:
    tried = body_of(followup.post(f"rules/{rule}/test", {"customerId": str(colleague.customer_id)}))
    assert (tried["status"], tried["anchor"].startswith("trial:")) == ("planned", True)
    assert dispatch.step(replace(runtime, clock=At(NOW + timedelta(seconds=2))), LINE, clinic.id) == 1
    session.expire_all()
    one = session.scalars(select(FollowupExecution)).one()
    assert (one.status, one.reason) == ("sent", None)
    assert "11:30" in (session.scalars(select(Send)).one().body or b"").decode()


def test_it_is_tried_on_nobody_else(
    followup: Caller, session: Session, clinic: Clinic, rule: str, mali: LineLink, colleague: LineLink
) -> None:
    other = meet_on_line(session, clinic, "U" + "c" * 32, NOW)
    session.commit()
    booked(session, clinic, other, AT, "B")
    refused = followup.post(f"rules/{rule}/test", {"customerId": str(other.customer_id)})
    assert body_of(refused, 403)["code"] == "not_of_the_staff"
    member = staff_members.present(session, staff.groups(session, clinic)[0], ["staff"])[0]
    member.ended_at = NOW
    session.commit()
    gone = followup.post(f"rules/{rule}/test", {"customerId": str(mali.customer_id)})
    assert body_of(gone, 403)["code"] == "not_of_the_staff"
    assert session.scalars(select(FollowupExecution)).all() == []


def test_only_a_key_that_may_make_rules_speak_tries_them(
    followup: Caller, clinic: Clinic, rule: str, colleague: LineLink, secret_of: Callable[..., str]
) -> None:
    drafting = replace(followup, secret=secret_of(clinic, "followup:read", "followup:write"))
    refused = drafting.post(f"rules/{rule}/test", {"customerId": str(colleague.customer_id)})
    assert body_of(refused, 403)["code"] == "missing_scope"
