"""LINE itself fails while an answer is sent: the answer arrives once, by its token while that lives."""

import time

import pytest

from runtime.language import Language
from tests.fixtures.waiting import eventually
from tests.stories.whole import Phone, Whole, held, words

TH = Language("th")
PATIENCE = 45.0
"""The lease of the first try and a look."""
BACK_SECONDS = 2.0
"""What waited is out this long after LINE is back; the installation's own rests are a tenth of the product's."""
WAITING = "SELECT count(*) AS n FROM replies WHERE state = 'open'"


def ask(whole: Whole, phones: list[Phone]) -> None:
    """Each asks for points; returns when the questions are handled, whether or not an answer could be sent."""
    before = whole.arrivals()
    for phone in phones:
        whole.sim("POST", f"people/{phone.user_id}/say", {"message": {"type": "text", "text": "แต้ม"}})
    eventually(lambda: whole.arrivals() == before + len(phones), within=PATIENCE)
    handled = "SELECT count(*) AS n FROM inbox WHERE state = 'new'"
    eventually(lambda: whole.rows(handled)[0]["n"] == 0, within=PATIENCE)


def answered_once(phones: list[Phone]) -> None:
    for phone in phones:
        got = phone.read()
        assert words(got).count(held(TH, 100)) == len(got) == 1


@pytest.fixture
def members(whole: Whole) -> list[Phone]:
    """Eight who have joined and have read their chats so far."""
    phones = [whole.person("Mali") for _ in range(8)]
    for phone in phones:
        phone.follow()
        phone.tap("join")
    return phones


@pytest.mark.parametrize("kind", ["refuse", "error_500", "hang"])
def test_what_was_written_while_line_was_away_goes_out_when_it_is_back(
    whole: Whole, members: list[Phone], kind: str
) -> None:
    """Replies and a push, over a door that hangs up, refuses, or keeps silent."""
    before = whole.last_entry()
    whole.fault(kind, "/v2/bot/message", times=100_000, ms=60_000)
    whole.processes.stop("worker-chat")
    ask_later = members[4:]
    for phone in members[:4]:
        whole.sim("POST", f"people/{phone.user_id}/say", {"message": {"type": "text", "text": "แต้ม"}})
    whole.processes.start("worker-chat")
    refused = "SELECT count(*) AS n FROM replies WHERE state = 'open' AND error IS NOT NULL"
    eventually(lambda: whole.rows(refused)[0]["n"] > 2, within=PATIENCE)  # the breaker is open
    ask(whole, ask_later)
    assert whole.rows(WAITING)[0]["n"] == len(members)
    whole.simulator.delete("/sim/faults").raise_for_status()
    back = time.monotonic()
    whole.settled(within=PATIENCE)
    assert time.monotonic() - back < BACK_SECONDS
    answered_once(members)
    assert whole.calls("/v2/bot/message/push", after=before) == []


def test_one_call_that_hangs_delays_nobody_else(whole: Whole, members: list[Phone]) -> None:
    first, *others = members
    whole.fault("hang", "reply", ms=60_000)
    ask(whole, [first])
    began = time.monotonic()
    ask(whole, others)
    eventually(lambda: whole.rows(WAITING)[0]["n"] <= 1)
    assert time.monotonic() - began < BACK_SECONDS
    answered_once(others)
    whole.settled(within=PATIENCE)
    answered_once([first])


def test_answers_of_one_person_leave_in_their_order(whole: Whole, member: Phone) -> None:
    """The first is refused at its first try; those behind it wait for it, and nobody else does."""
    before, arrived = whole.last_entry(), whole.arrivals()
    whole.fault("error_500", "reply")
    for text in ("แต้ม", "help", "แต้ม"):
        whole.sim("POST", f"people/{member.user_id}/say", {"message": {"type": "text", "text": text}})
    eventually(lambda: whole.arrivals() == arrived + 3, within=PATIENCE)
    whole.settled(within=PATIENCE)
    calls = whole.calls("/v2/bot/message/reply", after=before)
    assert [call["status"] for call in calls] == [500, 200, 200, 200]
    assert calls[0]["body"] == calls[1]["body"]
    assert [held(TH, 100) in words(call["body"]["messages"]) for call in calls[1:]] == [True, False, True]


@pytest.mark.parametrize("kind", ["error_500", "timeout_after_accept", "rate_429", "refuse"])
def test_an_answer_arrives_once(whole: Whole, member: Phone, kind: str) -> None:
    whole.fault(kind, "reply")
    before = whole.last_entry()
    whole.sim("POST", f"people/{member.user_id}/say", {"message": {"type": "text", "text": "แต้ม"}})
    eventually(lambda: whole.calls("/v2/bot/message/reply", after=before))
    whole.settled(within=PATIENCE)
    got = member.read()
    assert words(got).count(held(TH, 100)) == len(got) == 1
    assert whole.calls("/v2/bot/message/push", after=before) == []


def test_an_answer_that_was_never_tried_and_is_too_late_goes_as_one_push(whole: Whole, member: Phone) -> None:
    whole.processes.stop("worker-chat")
    before = whole.arrivals()
    whole.sim("POST", f"people/{member.user_id}/say", {"message": {"type": "text", "text": "แต้ม"}})
    eventually(lambda: whole.arrivals() > before)
    whole.processes.kill("simulator")  # nobody listens where LINE was
    whole.processes.start("worker-chat")
    unsent = "SELECT id FROM replies WHERE state = 'open' AND attempts = 0 AND error IS NOT NULL"
    reply = eventually(lambda: whole.rows(unsent), within=PATIENCE)[0]["id"]
    # Two minutes in which LINE is away.
    whole.rows("UPDATE replies SET received_at = received_at - interval '2 minutes' WHERE id = %s RETURNING id", reply)
    whole.app.healthy()
    whole.settled(within=PATIENCE)
    got = member.read()
    assert words(got).count(held(TH, 100)) == len(got) == 1
    assert whole.calls("/v2/bot/message/reply") == []
    assert [push["status"] for push in whole.calls("/v2/bot/message/push")] == [200]
    assert whole.rows("SELECT reason FROM sends ORDER BY created_at DESC LIMIT 1") == [{"reason": "reply_expired"}]
