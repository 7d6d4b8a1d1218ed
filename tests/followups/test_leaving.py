"""What has waited is looked at once more before it leaves: it goes as it was frozen, or it does not, with a reason."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from channels import outbox
from customers import pauses
from followups import leaving, rules
from followups.rules import Draft
from models.clinics import Clinic
from models.conversations import Send
from models.customers import LineLink
from models.followups import FollowupExecution, FollowupRule
from privacy import consent
from runtime.context import Runtime
from tests.channels.pigeon import Pigeon
from tests.fixtures.clinic import NOW, At
from tests.fixtures.running import RunningSimulator
from tests.followups.post import DAY, HOUR, Post, decide, visited_long_ago

AT = NOW + 3 * DAY
"""Of Mali's appointment: 11:30 in Bangkok."""
DUE, LATER = AT - DAY, AT - DAY + HOUR
BANGKOK = ZoneInfo("Asia/Bangkok")


@pytest.fixture
def post(session: Session, runtime: Runtime, clinic: Clinic, simulator: RunningSimulator) -> Post:
    return Post(session, runtime, clinic, simulator, (Pigeon("sms"),))


@pytest.fixture
def rule(post: Post) -> FollowupRule:
    return post.rule("appointment_reminder")


@pytest.fixture
def mali(post: Post, rule: FollowupRule) -> LineLink:
    """She is to be reminded of her appointment, and LINE has not been asked yet."""
    link = post.friend()
    post.tell(link, "A", "booked", AT, NOW)
    post.say(DUE)
    assert (post.fates(), post.sends()) == ([("sent", None)], [("queued", None)])
    return link


def test_what_still_holds_goes_as_it_was_frozen(post: Post, mali: LineLink) -> None:
    frozen = post.session.scalars(select(Send.body_sealed)).one()
    post.leave(LATER)
    assert (post.fates(), post.sends()) == ([("sent", None)], [("sent", None)])
    assert post.session.scalars(select(Send.body_sealed)).one() == frozen
    assert len(post.arrived(mali)) == 1


def test_what_was_cancelled_meanwhile_is_not_said(post: Post, mali: LineLink) -> None:
    post.tell(mali, "A", "cancelled", None, DUE + timedelta(minutes=10))
    post.leave(LATER)
    assert (post.fates(), post.sends()) == ([("cancelled", "no_longer_so")], [("dropped", "no_longer_so")])
    assert post.deliveries() == [("line", "dropped", "no_longer_so")]
    post.say(LATER)
    post.leave(LATER)
    assert post.arrived(mali) == []


def test_of_what_was_moved_meanwhile_the_new_time_is_said_in_its_time(post: Post, mali: LineLink) -> None:
    post.tell(mali, "A", "booked", AT + 2 * DAY, DUE + timedelta(minutes=10))
    post.leave(LATER)
    assert post.arrived(mali) == []
    post.say(DUE + 2 * DAY)
    post.leave(DUE + 2 * DAY)
    assert post.fates() == [("cancelled", "no_longer_so"), ("sent", None)]
    assert len(post.arrived(mali)) == 1


def test_at_night_it_waits_for_the_morning(post: Post, mali: LineLink) -> None:
    night = DUE.astimezone(BANGKOK).replace(hour=22, minute=30)
    post.leave(night)
    assert (post.fates(), post.sends()) == ([("planned", "quiet_hours")], [("dropped", "quiet_hours")])
    assert post.deliveries() == []
    until = post.session.scalars(select(FollowupExecution.due_at)).one()
    assert until.astimezone(BANGKOK).hour == 9
    post.say(until)
    post.leave(until)
    assert (post.fates(), len(post.arrived(mali))) == ([("sent", None)], 1)


def test_who_wants_nothing_any_more_is_told_nothing(post: Post, mali: LineLink) -> None:
    decide(post, mali, consent.UNASKED, granted=False)
    post.leave(LATER)
    assert (post.fates(), post.arrived(mali)) == ([("skipped", "stopped")], [])


def test_what_has_lost_its_use_was_missed(post: Post, mali: LineLink) -> None:
    post.leave(AT + HOUR)
    assert (post.fates(), post.arrived(mali)) == ([("missed", "too_late")], [])


def test_while_its_rule_rests_it_waits(post: Post, mali: LineLink, rule: FollowupRule) -> None:
    rules.change(post.session, post.clinic, rule, Draft(active=False), DUE)
    post.leave(LATER)
    assert (post.fates(), post.arrived(mali)) == ([("planned", "rule_rests")], [])


def test_offers_rest_with_a_complaint_that_has_come_meanwhile(post: Post) -> None:
    post.rule("inactive_reactivation")
    link = post.friend()
    decide(post, link, consent.MARKETING)
    visited_long_ago(post, link)
    post.say(NOW + HOUR)
    assert post.fates() == [("sent", None)]
    pauses.pause(post.session, link.customer, "complaint", NOW + HOUR, by="staff")
    post.leave(NOW + 2 * HOUR)
    assert (post.fates(), post.arrived(link)) == ([("planned", "paused:complaint")], [])


def test_who_has_blocked_the_account_meanwhile_hears_it_otherwise(
    post: Post, mali: LineLink, rule: FollowupRule
) -> None:
    rules.change(post.session, post.clinic, rule, Draft(channels=["line", "sms"]), DUE)
    mali.customer.display_name = "Mali"
    mali.unfollowed_at = DUE
    post.leave(LATER)
    post.say(LATER)
    post.leave(LATER)
    assert sorted(post.deliveries()) == [("line", "skipped", "not_reachable"), ("sms", "sent", None)]
    assert (post.fates(), post.arrived(mali)) == ([("sent", None)], [])


@pytest.mark.parametrize(("fault", "fate", "times"), [
    ("rate_429", ("cancelled", "no_longer_so"), 0), ("timeout_after_accept", ("sent", None), 1),
])  # fmt: skip
def test_only_what_has_certainly_not_been_taken_may_still_be_dropped(
    post: Post, mali: LineLink, fault: str, fate: tuple[str, str | None], times: int
) -> None:
    post.simulator.call("POST", "faults", {"kind": fault, "on": "push", "times": 1, "ms": 10})
    post.leave(DUE)
    assert [state for state, _ in post.sends()] == ["queued"]
    post.tell(mali, "A", "cancelled", None, DUE + timedelta(minutes=10))
    post.leave(LATER)
    assert (post.fates(), len(post.arrived(mali))) == ([fate], times)


def test_of_what_travels_together_the_rest_is_said_without_what_is_over(post: Post, mali: LineLink) -> None:
    other = post.friend("Som")
    for id_ in ("B", "C"):
        post.tell(other, id_, "booked", AT + (HOUR if id_ == "C" else timedelta(0)), NOW)
    post.say(DUE + HOUR)
    assert len(post.sends()) == 2
    post.tell(other, "B", "cancelled", None, DUE + HOUR)
    now = DUE + 2 * HOUR
    for _ in range(2):
        post.leave(now)
        post.say(now)
    post.leave(now)
    assert sorted(post.fates()) == [("cancelled", "no_longer_so"), ("sent", None), ("sent", None)]
    assert len(post.arrived(other)) == 1


def test_what_was_asked_just_now_is_not_asked_again(post: Post, mali: LineLink) -> None:
    post.tell(mali, "A", "cancelled", None, DUE)
    post.leave(DUE + timedelta(seconds=30))
    assert len(post.arrived(mali)) == 1


def test_nothing_is_asked_where_no_follow_up_is_among_them(session: Session, post: Post, mali: LineLink) -> None:
    for reason in ("notification", "reply_expired"):
        outbox.write(session, post.channels["line"], post.clinic, mali.customer, mali.user_id or "", b"[]", reason)
    session.commit()
    rest = session.scalars(select(Send).where(Send.reason.in_(("notification", "reply_expired")))).all()
    engine, asked = session.get_bind(), list[str]()
    event.listen(engine, "before_cursor_execute", note := lambda *given: asked.append(given[2]))
    try:
        assert leaving.why_not(At(LATER).now, post.channels, session, rest) == {}
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert (len(rest), asked) == (2, [])
