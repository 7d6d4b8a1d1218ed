"""How many have seen what a rule has said in LINE: told by the pretend LINE, asked while no transaction is open."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy.orm import Session

from app import Aura
from channels.base import Channels, Receipt, Seen, channels
from channels.line.channel import LineChannel
from channels.line.client import Access, Line
from customers.people import meet_on_line
from followups import opens, rules
from followups.rules import Draft
from models.base import new_id
from models.clinics import Clinic
from models.followups import FollowupDelivery, FollowupExecution, FollowupRule
from runtime.clock import real
from runtime.settings import Settings
from tests.fixtures.clinic import NOW
from tests.fixtures.running import RunningSimulator
from tests.web.api.conftest import Caller, body_of

BANGKOK = ZoneInfo("Asia/Bangkok")
PAGE = "https://aura.example/l/1"


class Pushed:
    """What a rule has pushed under its name, and what people have done with it."""

    def __init__(self, session: Session, clinic: Clinic, simulator: RunningSimulator) -> None:
        self.session, self.clinic, self.simulator = session, clinic, simulator
        clinic.line_channel_id, clinic.line_channel_secret = simulator.channel_id, simulator.channel_secret
        self.rule = rules.make(session, clinic, "post_treatment", Draft(name="Care", channels=["line"]), NOW)
        access = Access(simulator.channel_id, simulator.channel_secret)
        self.channel = LineChannel(Line(simulator.url, {clinic.slug: access}))
        session.commit()

    def push(self, many: int, *, carried: bool = True) -> list[str]:
        """To so many new people, this month."""
        unit = self.channel.unit(self.rule.id, real().astimezone(BANGKOK).date())
        people = []
        for _ in range(many):
            user_id = str(self.simulator.call("POST", "people", {"name": "x"})["user_id"])
            self.simulator.follow(user_id)
            people.append(user_id)
            note(self.session, self.rule, meet_on_line(self.session, self.clinic, user_id, NOW).customer_id, unit)
            if carried:
                body = b'[{"type":"template","altText":"x","template":{"type":"buttons","text":"x","actions":'
                body += b'[{"type":"uri","label":"x","uri":"%b"}]}}]' % PAGE.encode()
                self.channel.send(self.clinic, user_id, body, new_id(), unit)
        self.session.commit()
        return people

    def look(self, people: list[str]) -> None:
        for user_id in people:
            self.simulator.call("GET", f"people/{user_id}/chat")

    def follow(self, people: list[str]) -> None:
        for user_id in people:
            self.simulator.call("POST", f"people/{user_id}/act", {"action": {"type": "uri", "uri": PAGE}})


def note(session: Session, rule: FollowupRule, customer: UUID, unit: str, state: str = "sent") -> None:
    """An execution and its delivery, as the door leaves them."""
    one = FollowupExecution(
        clinic_id=rule.clinic_id, rule_id=rule.id, rule_version=1, customer_id=customer, anchor=str(new_id()),
        about_id=customer, purpose="care", status="sent", due_at=NOW, not_after=NOW, created_at=NOW,
    )  # fmt: skip
    session.add(one)
    session.flush()
    session.add(
        FollowupDelivery(
            clinic_id=rule.clinic_id, execution_id=one.id, channel="line", unit=unit, state=state, created_at=NOW
        )
    )
    session.flush()


@pytest.fixture
def pushed(session: Session, clinic: Clinic, simulator: RunningSimulator) -> Pushed:
    return Pushed(session, clinic, simulator)


@pytest.fixture
def followup(
    settings: Settings, pushed: Pushed, make_aura: Callable[..., Aura], secret_of: Callable[..., str]
) -> Caller:
    theirs = {
        "line_api_base": pushed.simulator.url,
        "line_channel_id": pushed.simulator.channel_id,
        "line_channel_secret": SecretStr(pushed.simulator.channel_secret),
    }
    made = make_aura(settings.model_copy(update=theirs))
    return Caller(made.flask.test_client(), secret_of(pushed.clinic), "followup")


def told(followup: Caller, pushed: Pushed, **query: Any) -> list[tuple[Any, ...]]:
    items = body_of(followup.get(f"rules/{pushed.rule.id}/opens", **query))["items"]
    return [(one["sent"], one["opened"], one["clicked"], one["notEnoughData"]) for one in items]


def test_how_many_have_seen_it_is_told_from_twenty_people_on(followup: Caller, pushed: Pushed) -> None:
    assert told(followup, pushed) == []
    people = pushed.push(22)
    assert told(followup, pushed) == [(22, None, None, True)]
    pushed.look(people[:19])
    assert told(followup, pushed) == [(22, None, None, True)]
    pushed.look(people[19:21])
    assert told(followup, pushed) == [(22, 21, None, False)]
    pushed.follow(people[:20])
    assert told(followup, pushed) == [(22, 21, 20, False)]
    (one,) = body_of(followup.get(f"rules/{pushed.rule.id}/opens"))["items"]
    assert one["month"] == f"{real().astimezone(BANGKOK):%Y-%m}"
    assert one["unit"] == pushed.channel.unit(pushed.rule.id, real().astimezone(BANGKOK).date())


def test_only_this_rules_own_and_only_what_line_has_taken(followup: Caller, pushed: Pushed, session: Session) -> None:
    customer = meet_on_line(session, pushed.clinic, "U" + "e" * 32, NOW).customer_id
    other = rules.make(session, pushed.clinic, "post_treatment", Draft(name="Other", channels=["line"]), NOW)
    month = real().astimezone(BANGKOK).date()
    note(session, other, customer, pushed.channel.unit(other.id, month))
    for state in ("queued", "failed", "unknown", "dropped"):
        note(session, pushed.rule, customer, pushed.channel.unit(pushed.rule.id, month), state)
    session.commit()
    assert told(followup, pushed) == []


def test_where_line_is_away_or_refuses_it_is_said_so_and_when_to_ask_again(
    followup: Caller, pushed: Pushed, aura: Caller
) -> None:
    pushed.push(1, carried=False)
    nobody_listens = replace(aura, room="followup")
    refused = nobody_listens.get(f"rules/{pushed.rule.id}/opens")
    assert (body_of(refused, 503)["code"], refused.headers["Retry-After"]) == ("line_not_asked", "60")
    assert "What came of it: away" in body_of(refused, 503)["detail"]
    for kind, says in (("rate_429", "rate 429"), ("refused_400", "refused 400"), ("error_500", "unknown 500")):
        pushed.simulator.call("POST", "faults", {"kind": kind, "on": "/v2/bot/insight", "times": 1})
        refused = followup.get(f"rules/{pushed.rule.id}/opens")
        assert body_of(refused, 503)["detail"].startswith(f"What came of it: {says}."), kind
    assert told(followup, pushed) == [(1, None, None, True)]


def test_while_line_hangs_others_are_not_kept_behind_it(followup: Caller, pushed: Pushed) -> None:
    """One waits its time, then all are refused at once, until somebody has probed."""
    pushed.push(1, carried=False)
    pushed.simulator.call("POST", "faults", {"kind": "refuse", "on": "/v2/bot/insight", "times": 4})
    said = [body_of(followup.get(f"rules/{pushed.rule.id}/opens"), 503)["detail"] for _ in range(5)]
    assert [one.split(".")[0] for one in said[-2:]] == ["What came of it: away resting"] * 2


class Watching:
    """A channel that counts, and sees whether a transaction is open when it is asked."""

    name, key_life = "line", None

    def __init__(self, session: Session) -> None:
        self.session, self.asked = session, list[tuple[str, datetime, datetime, bool]]()

    def unit(self, of: UUID, month: date) -> str:
        return f"{month:%Y%m}"

    def seen(self, clinic: Clinic, unit: str, since: datetime, until: datetime) -> Seen:
        assert clinic.line_channel_secret == "s"
        self.asked.append((unit, since, until, self.session.in_transaction()))
        return Seen(len(self.asked), None)

    def send(self, clinic: Clinic, address: str, body: bytes, key: UUID, unit: str | None = None) -> Receipt:
        raise NotImplementedError

    def address(self, session: Session, recipient: Any) -> str:
        raise NotImplementedError

    def render(self, message: Any, clinic: Clinic, t: Any) -> bytes:
        raise NotImplementedError


def test_months_are_the_clinics_and_nothing_is_open_while_they_are_asked_for(session: Session, clinic: Clinic) -> None:
    clinic.line_channel_secret = "s"
    rule = rules.make(session, clinic, "post_treatment", Draft(name="Care", channels=["line"]), NOW)
    customer = meet_on_line(session, clinic, "U" + "e" * 32, NOW).customer_id
    for unit in ("202602", "202601", "202511"):
        note(session, rule, customer, unit)
    session.commit()
    watching = Watching(session)
    all_: Channels = channels(watching)
    found = opens.months(session, all_, clinic, rule, NOW, 3)
    assert [(one.month, one.sent) for one in found] == [(date(2026, 2, 1), 1), (date(2026, 1, 1), 1)]
    assert [one.opened for one in opens.seen(session, all_, clinic, found)] == [1, 2]
    january = datetime(2026, 1, 1, tzinfo=BANGKOK)
    ends = datetime(2026, 2, 1, tzinfo=BANGKOK)
    assert watching.asked == [
        ("202602", ends, NOW, False), ("202601", january, ends - timedelta(microseconds=1), False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("since", "until", "asked"),
    [
        (datetime(2026, 1, 1, tzinfo=BANGKOK), datetime(2026, 1, 31, 23, 59, tzinfo=BANGKOK), ("20260101", "20260131")),
        (datetime(2026, 2, 1, tzinfo=BANGKOK), datetime(2026, 2, 3, 22, 30, tzinfo=BANGKOK), ("20260201", "20260204")),
    ],
)
def test_line_is_asked_by_its_own_days_and_no_more_than_it_answers(
    pushed: Pushed, since: datetime, until: datetime, asked: tuple[str, str]
) -> None:
    assert pushed.channel.seen(pushed.clinic, "202601_x", since, until) == Seen(None, None)
    entries: list[Any] = pushed.simulator.call("GET", "log")["entries"]
    query = next(one["query"] for one in reversed(entries) if "aggregation" in one.get("path", ""))
    assert query == f"customAggregationUnit=202601_x&from={asked[0]}&to={asked[1]}"
