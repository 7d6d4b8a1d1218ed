"""A follow-up that rides in an answer becomes what the answer becomes: said once, or said by itself, or nobody can say.

The demo clinic asks how somebody is, with a low priority, and they greet it.
"""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from channels.line.replies import Replies
from customers.people import meet_on_line
from followups import restored, rules
from followups.rules import Draft
from followups.texts import Template
from models.conversations import OutgoingReply, Send
from models.customers import LineLink
from models.followups import FollowupDelivery, FollowupExecution
from runtime.clock import real
from tests.fixtures.clinic import NOW
from tests.fixtures.house import House, clinic_of
from tests.fixtures.waiting import eventually
from tests.followups.gate import CARE, Gate
from workers.jobs import drains

WORDS = "วันนี้เป็นอย่างไรบ้างคะ"
HELLO = "สวัสดีค่ะ"


def greeted(house: House, *, answerable: bool = True) -> LineLink:
    """Who is to be asked how they are, and has written, which nobody has handled yet."""
    clinic = clinic_of(house, "aura")
    user_id = house.simulator.call("POST", "people", {"name": "Mali", "language": "th"})["user_id"]
    house.simulator.follow(user_id)
    link = meet_on_line(house.session, clinic, user_id, house.noon)
    link.followed_at = house.noon
    house.session.flush()
    gate = Gate(house.session, house.aura.runtime, clinic, link.customer)
    draft = Draft(
        name="Ask", channels=["line"], active=True, priority="low", template=Template(everywhere={"message": WORDS})
    )
    gate.due(rules.make(house.session, clinic, CARE, draft, NOW), house.noon - timedelta(minutes=1))
    house.asks(link, user_id, HELLO, answerable=answerable)
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
    return house.session.scalars(select(OutgoingReply).order_by(OutgoingReply.id.desc()).limit(1)).one()


def fate(house: House) -> tuple[str, str | None]:
    one = house.session.scalars(select(FollowupExecution)).one()
    return one.status, one.reason


def way(house: House) -> tuple[str, bool, bool] | None:
    """Its state, whether it rode, and whether it went by a push."""
    one = house.session.scalars(select(FollowupDelivery)).one_or_none()
    return None if one is None else (one.state, one.inbox_id is not None, one.send_id is not None)


def told(house: House, link: LineLink) -> int:
    return house.heard(link, WORDS)


def aged(house: House, by: timedelta = timedelta(minutes=2), **more: bytes | None) -> None:
    """The answer has waited for so long, and nobody holds it."""
    then = {"received_at": OutgoingReply.received_at - by, "lease_until": func.now()}
    house.session.execute(update(OutgoingReply).values(then | more).execution_options(synchronize_session=False))
    house.session.commit()


def test_in_an_answer_that_arrives_it_is_said(house: House) -> None:
    link = greeted(house)
    work(house)
    assert (reply(house).state, fate(house), way(house)) == ("sent", ("sent", None), ("sent", True, False))
    assert (told(house, link), house.session.scalars(select(Send)).all()) == (1, [])


@pytest.mark.parametrize("refused", ["refused_400", "quota_429"])
def test_in_an_answer_that_line_refuses_it_is_said_by_itself_once(house: House, refused: str) -> None:
    link = greeted(house)
    fault(house, refused, "reply")
    work(house, "chat")
    assert (reply(house).state, fate(house), way(house)) == ("failed", ("planned", "answer_failed"), None)
    assert told(house, link) == 0
    work(house, "send")
    assert (fate(house), way(house), told(house, link)) == (("sent", None), ("sent", False, True), 1)
    house.flask("work", "drop", "replies", str(reply(house).id), "--reason", "said by itself")
    work(house)
    assert told(house, link) == 1


def test_what_an_answer_was_refused_with_rides_in_no_other(house: House) -> None:
    """It may be what LINE does not take."""
    link = greeted(house)
    fault(house, "refused_400", "reply")
    work(house, "chat")
    house.asks(link, link.user_id or "", HELLO)
    house.session.commit()
    work(house, "chat")
    assert (reply(house).state, fate(house), told(house, link)) == ("sent", ("planned", "answer_failed"), 0)
    work(house, "send")
    assert (fate(house), told(house, link)) == (("sent", None), 1)


def test_in_an_answer_of_unknown_outcome_it_is_not_said_again(house: House) -> None:
    link = greeted(house)
    fault(house, "timeout_after_accept", "reply")
    work(house, "chat")
    assert (reply(house).state, fate(house), told(house, link)) == ("open", ("sent", None), 1)
    aged(house)
    work(house)
    assert (reply(house).state, fate(house)) == ("failed", ("unknown", "send_unknown"))
    assert (way(house), told(house, link)) == (("unknown", True, False), 1)

    # Whoever has the answer tried again accepts that; what rode in it goes by it.
    house.flask("work", "retry", "replies", str(reply(house).id))

    def told_again() -> bool:
        house.later()
        work(house)  # after a call of unknown outcome LINE is given a second's rest
        return told(house, link) == 2

    eventually(told_again)
    assert (reply(house).state, fate(house), way(house)) == ("pushed", ("sent", None), ("sent", True, True))


def test_in_an_answer_that_fails_after_somebody_had_it_tried_again_it_is_not_said_again(house: House) -> None:
    link = greeted(house)
    fault(house, "timeout_after_accept", "reply")
    work(house, "chat")
    aged(house)
    work(house)
    aged(house, recipient_sealed=None)
    house.flask("work", "retry", "replies", str(reply(house).id))
    work(house)
    assert (reply(house).state, fate(house), told(house, link)) == ("failed", ("unknown", "send_unknown"), 1)


@pytest.mark.parametrize(
    ("refused", "becomes", "times"),
    [(None, ("sent", None), 1), ("refused_400", ("failed", "send_failed"), 0), ("quota_429", ("sent", None), 1)],
)
def test_in_an_answer_that_goes_as_a_push_it_goes_by_that(
    house: House, refused: str | None, becomes: tuple[str, str | None], times: int
) -> None:
    """Refused for good it leaves the next channel, of which there is none; for want of messages it is tried again."""
    link = greeted(house, answerable=False)
    if refused:
        fault(house, refused, "push")
    work(house, "chat")
    assert (reply(house).state, fate(house), way(house)) == ("pushed", ("sent", None), ("queued", True, True))
    work(house)
    house.later()
    work(house)
    assert (fate(house), told(house, link)) == (becomes, times)


def test_a_process_that_is_killed_before_its_call_has_said_it_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = greeted(house)
    with monkeypatch.context() as killed:
        killed.setattr(Replies, "begin", lambda *_: None)
        work(house, "chat")
    assert (reply(house).state, reply(house).attempts, told(house, link)) == ("open", 1, 0)
    aged(house, timedelta(0))
    work(house)
    assert (reply(house).state, fate(house), told(house, link)) == ("sent", ("sent", None), 1)
    assert house.session.scalars(select(Send)).all() == []


def test_one_that_is_killed_and_not_followed_for_long_leaves_it_unknown(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its try was counted, so nobody can say whether the call was made."""
    link = greeted(house)
    with monkeypatch.context() as killed:
        killed.setattr(Replies, "begin", lambda *_: None)
        work(house, "chat")
    aged(house)
    work(house)
    assert (reply(house).state, fate(house), told(house, link)) == ("failed", ("unknown", "send_unknown"), 0)


def test_in_an_answer_that_nobody_can_be_sent_it_says_why(house: House) -> None:
    link = greeted(house)
    house.answered(clinic_of(house, "aura"))
    assert (reply(house).attempts, fate(house)) == (0, ("sent", None))
    house.session.execute(update(LineLink).values(unfollowed_at=house.noon))
    aged(house, recipient_sealed=None)
    work(house)
    assert (reply(house).state, fate(house)) == ("failed", ("skipped", "not_reachable"))
    assert told(house, link) == 0


def test_in_a_push_that_a_restored_database_does_not_send_it_may_have_been_said(house: House) -> None:
    link = greeted(house, answerable=False)
    work(house, "chat")
    assert (reply(house).state, way(house)) == ("pushed", ("queued", True, True))
    restored.may_have_been_said(house.session, real(), house.noon)
    house.session.commit()
    work(house)
    assert (fate(house), way(house)) == (("unknown", "restored"), ("unknown", True, True))
    assert told(house, link) == 0


@pytest.mark.parametrize("first", ["send", "chat"])
def test_whoever_comes_first_it_is_said_once(house: House, first: str) -> None:
    """The answer, or the worker that says what is due."""
    link = greeted(house)
    work(house, first)
    work(house)
    work(house, "send")
    assert (fate(house), told(house, link)) == (("sent", None), 1)
    assert len(house.session.scalars(select(Send)).all()) == (first == "send")
