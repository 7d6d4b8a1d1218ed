"""LINE takes nothing more: in this month, or just now."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import meters
from models.clinics import Clinic
from models.customers import LineLink
from models.staff_notices import StaffNotice
from runtime.context import Runtime
from runtime.timing import Timing
from tests.channels.pigeon import Pigeon
from tests.fixtures.clinic import NOW
from tests.fixtures.running import RunningSimulator
from tests.followups.post import DAY, HOUR, Post, decide, visited_long_ago

AT = NOW + 5 * DAY
DUE = AT - DAY
SKIPPED = ("line", "skipped", "line_quota")


@pytest.fixture
def post(session: Session, runtime: Runtime, clinic: Clinic, simulator: RunningSimulator) -> Post:
    return Post(session, runtime, clinic, simulator, (Pigeon("sms"),))


def use_up(post: Post, times: int = 1) -> None:
    post.simulator.call("POST", "faults", {"kind": "quota_429", "on": "push", "times": times})


def reminded(post: Post, name: str) -> LineLink:
    link = post.friend(name)
    link.customer.display_name = name
    post.tell(link, f"of {name}", "booked", AT, NOW)
    return link


def test_what_is_no_offer_goes_another_way_at_once_and_the_staff_are_told_once(post: Post) -> None:
    post.rule("appointment_reminder", "line", "sms")
    phones = [reminded(post, name) for name in ("Mali", "Som")]
    post.say(DUE)
    use_up(post, 2)
    post.leave(DUE)
    post.say(DUE)
    post.leave(DUE)
    assert post.fates() == [("sent", None)] * 2
    assert sorted(post.deliveries()) == [SKIPPED, SKIPPED, ("sms", "sent", None), ("sms", "sent", None)]
    assert [post.arrived(link) for link in phones] == [[], []]
    assert sorted(state for state, _ in post.sends()) == ["dropped", "dropped", "sent", "sent"]
    (notice,) = post.session.scalars(select(StaffNotice)).all()
    assert (notice.kind, notice.state) == ("line_quota", "open")


def test_line_is_not_asked_again_on_that_day(post: Post) -> None:
    post.rule("appointment_reminder", "line", "sms")
    reminded(post, "Mali")
    post.say(DUE)
    use_up(post)
    post.leave(DUE)
    som = reminded(post, "Som")
    post.say(DUE + HOUR)
    post.leave(DUE + HOUR)
    assert (post.fates(), post.arrived(som)) == ([("sent", None)] * 2, [])


@pytest.mark.parametrize("kind", ["appointment_reminder", "inactive_reactivation"])
def test_an_offer_and_what_has_no_other_way_wait_for_the_next_day(post: Post, kind: str) -> None:
    """More may have been bought by then."""
    over = ("line", "sms") if kind == "inactive_reactivation" else ("line",)
    post.rule(kind, *over, **({"conditions": {"hoursBefore": [48]}} if len(over) == 1 else {}))
    mali = reminded(post, "Mali") if len(over) == 1 else post.friend()
    if len(over) == 2:
        visited_long_ago(post, mali)
        for channel in over:
            decide(post, mali, "marketing", channel=channel)
    at = AT - 2 * DAY if len(over) == 1 else NOW + HOUR
    post.say(at)
    use_up(post)
    post.leave(at)
    assert (post.fates(), post.deliveries()) == ([("planned", "line_quota")], [])
    post.say(at)
    assert post.fates() == [("planned", "line_quota")]
    post.say(at + DAY)
    post.leave(at + DAY)
    assert (post.fates(), len(post.arrived(mali))) == ([("sent", None)], 1)


@pytest.mark.parametrize(("bought", "said"), [(0, 0), (100, 2)])
def test_where_more_is_bought_nobody_waits_for_the_next_day(post: Post, bought: int, said: int) -> None:
    post.rule("appointment_reminder")
    mali, account = reminded(post, "Mali"), f"channels/{post.simulator.channel_id}"
    post.simulator.call("PATCH", account, {"quota": 10, "quota_used": 10})
    post.say(DUE)
    post.leave(DUE)
    assert post.fates() == [("planned", "line_quota")]
    ask(post)
    post.simulator.call("PATCH", account, {"quota": 10 + bought})
    ask(post)
    reminded(post, "Som")
    post.say(DUE + HOUR)
    post.leave(DUE + HOUR)
    assert sum(fate == ("sent", None) for fate in post.fates()) == said
    assert len(post.arrived(mali)) == said / 2


def ask(post: Post) -> None:
    """What is left of the month, of LINE itself."""
    meters.ask(post.session, post.clinic, DUE)
    post.session.commit()
    _, claim = meters.claim(post.session, post.clinic.id, post.line, Timing())
    assert claim is not None
    meters.keep(post.session, claim, meters.read(post.line, claim), DUE)
    post.session.commit()


def test_too_fast_is_tried_again_when_line_asks_for_it(post: Post) -> None:
    post.rule("appointment_reminder", "line", "sms")
    mali = reminded(post, "Mali")
    post.say(DUE)
    post.simulator.call("POST", "faults", {"kind": "rate_429", "on": "push", "times": 1, "ms": 30_000})
    post.leave(DUE)
    ((due, now),) = post.waits()
    assert timedelta(seconds=25) < due - now <= timedelta(seconds=30)
    post.leave(DUE)
    assert (post.deliveries(), len(post.arrived(mali))) == ([("line", "sent", None)], 1)
