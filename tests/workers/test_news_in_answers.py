"""News that rides in an answer is told when the answer is; when that fails it is told by itself, once, or says why not.

What a person earns by checking in takes them to silver: the answer to it carries the news of the tier, and the points.
"""

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, select, update

from customers.people import meet_on_line
from loyalty import points
from loyalty.check_in import day_text
from models.conversations import OutgoingReply, Send
from models.customers import LineLink
from models.loyalty import Notification
from runtime.language import Language
from tests.fixtures.house import House, clinic_of
from tests.fixtures.waiting import eventually
from workers.jobs import drains

RISEN = Language("th")("You are {tier} now", tier=Language("th")("Silver"))
UNREACHABLE = {"kind": "tier_upgraded", "reason": "not_reachable"}


def checked_in(house: House, *, answerable: bool = True) -> LineLink:
    """Who stood ten points below silver and has scanned the day's code, which nobody has handled yet."""
    clinic = clinic_of(house, "aura")
    user_id = house.simulator.call("POST", "people", {"name": "Mali", "language": "th"})["user_id"]
    house.simulator.follow(user_id)
    link = meet_on_line(house.session, clinic, user_id, house.noon)
    link.followed_at = house.noon
    house.session.flush()
    points.create_loyalty_profile(house.session, link.customer, house.noon)
    points.award_points(house.session, link.customer, 890, "test", now=house.noon)
    house.session.execute(update(Notification).values(state="sent"))
    house.asks(link, user_id, day_text(clinic, house.session, house.noon.date()), answerable=answerable)
    house.session.commit()
    return link


def work(house: House, *names: str) -> None:
    for name in names or ("chat", "send", "send"):
        drains[name](house.aura.context)
    house.session.rollback()
    house.session.expire_all()


def fault(house: House, kind: str, on: str, times: int = 1) -> None:
    house.simulator.call("POST", "faults", {"kind": kind, "on": on, "times": times})


def reply(house: House) -> OutgoingReply:
    return house.session.scalars(select(OutgoingReply)).one()


def news(house: House) -> set[tuple[str, str | None]]:
    """What became of what the check-in brought."""
    found = house.session.scalars(select(Notification).where(Notification.inbox_id.is_not(None))).all()
    assert {one.kind for one in found} >= {"tier_upgraded"}
    return {(one.state, one.reason) for one in found}


def told(house: House, link: LineLink) -> int:
    """In how many messages the person has read of their new tier."""
    return house.heard(link, RISEN)


def aged(house: House, by: timedelta = timedelta(minutes=2), **more: bytes | None) -> None:
    """The answer has waited for so long, and nobody holds it."""
    then = {"received_at": OutgoingReply.received_at - by, "lease_until": func.now()}
    house.session.execute(update(OutgoingReply).values(then | more).execution_options(synchronize_session=False))
    house.session.commit()


def test_news_in_an_answer_that_arrives_is_told_by_it(house: House) -> None:
    link = checked_in(house)
    work(house)
    assert (reply(house).state, news(house), told(house, link)) == ("sent", {("sent", "in_reply")}, 1)
    assert house.session.scalars(select(Send)).all() == []


def test_news_in_an_answer_that_line_refuses_is_told_by_itself_once(house: House) -> None:
    link = checked_in(house)
    fault(house, "quota_429", "reply")
    work(house, "chat")
    assert (reply(house).state, news(house), told(house, link)) == ("failed", {("open", "answer_failed")}, 0)
    house.later()
    work(house, "send")
    assert (news(house), told(house, link)) == ({("sent", None)}, 1)
    house.later()
    work(house)
    assert told(house, link) == 1
    house.flask("work", "drop", "replies", str(reply(house).id), "--reason", "told by itself")
    work(house)
    assert (news(house), told(house, link)) == ({("sent", None)}, 1)


def test_news_that_is_refused_twice_is_left_to_a_person(house: House) -> None:
    link = checked_in(house)
    fault(house, "refused_400", "reply")
    fault(house, "refused_400", "push")
    for _ in range(3):
        work(house)
        house.later()
    assert (news(house), told(house, link)) == ({("dead", "send_failed")}, 0)
    assert len(house.session.scalars(select(Send)).all()) == 1
    assert "send_failed" in house.flask("work", "show", "notifications")


def test_news_in_an_answer_of_unknown_outcome_is_never_told_twice_by_itself(house: House) -> None:
    link = checked_in(house)
    fault(house, "timeout_after_accept", "reply")
    work(house, "chat")
    assert (reply(house).state, told(house, link)) == ("open", 1)
    aged(house)
    work(house)
    assert (reply(house).state, news(house), told(house, link)) == ("failed", {("dead", "answer_unknown")}, 1)
    assert "answer_unknown" in house.flask("work", "show", "notifications")

    # Whoever has the answer tried again accepts that; the news in it goes by it, and not by itself besides.
    house.flask("work", "retry", "replies", str(reply(house).id))

    def told_again() -> bool:
        house.later()
        work(house)  # after a call of unknown outcome LINE is given a second's rest
        return told(house, link) == 2

    eventually(told_again)
    assert (reply(house).state, news(house), told(house, link)) == ("pushed", {("sent", "in_reply")}, 2)


def test_news_for_which_no_message_is_left_this_month_waits_for_the_next_day(house: House) -> None:
    link = checked_in(house)
    fault(house, "quota_429", "reply")
    fault(house, "quota_429", "push")
    work(house)
    house.later()
    work(house)
    assert (news(house), told(house, link)) == ({("open", "quota")}, 0)
    work(house)  # not due before the next day
    assert (news(house), told(house, link)) == ({("open", "quota")}, 0)
    house.later()
    work(house)
    assert (news(house), told(house, link)) == ({("sent", None)}, 1)


@pytest.mark.parametrize(
    ("refused", "fate"),
    [(None, ("sent", "in_reply")), ("refused_400", ("dead", "send_failed")), ("quota_429", ("open", "quota"))],
)
def test_news_in_an_answer_that_goes_as_a_push_goes_by_that(
    house: House, refused: str | None, fate: tuple[str, str]
) -> None:
    link = checked_in(house, answerable=False)
    if refused:
        fault(house, refused, "push")
    work(house, "chat")
    assert (reply(house).state, news(house)) == ("pushed", {("sent", "in_reply")})
    work(house, "send")
    work(house)
    assert (news(house), told(house, link)) == ({fate}, 0 if refused else 1)


def test_news_in_an_answer_that_nobody_can_be_sent_says_so(house: House) -> None:
    link = checked_in(house)
    house.answered(clinic_of(house, "aura"))
    assert (reply(house).attempts, news(house)) == (0, {("sent", "in_reply")})
    house.session.execute(update(LineLink).values(unfollowed_at=house.noon))
    aged(house, recipient_sealed=None)
    before = REGISTRY.get_sample_value("aura_news_untold_total", UNREACHABLE) or 0
    work(house)
    house.later()
    work(house)
    assert (reply(house).state, news(house), told(house, link)) == ("failed", {("skipped", "not_reachable")}, 0)
    assert REGISTRY.get_sample_value("aura_news_untold_total", UNREACHABLE) == before + 1


def test_news_in_an_answer_that_could_not_be_opened_for_a_day_is_told_by_itself(house: House) -> None:
    link = checked_in(house)
    house.answered(clinic_of(house, "aura"))
    aged(house, timedelta(days=2), body_sealed=b"nobody's seal")
    work(house)
    house.later()
    work(house)
    assert (reply(house).state, news(house), told(house, link)) == ("failed", {("sent", None)}, 1)
