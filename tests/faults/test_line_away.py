"""LINE itself fails while an answer is sent: the answer arrives once, by its token while that lives."""

import pytest

from runtime.language import Language
from tests.fixtures.waiting import eventually
from tests.stories.whole import Phone, Whole, held, words

TH = Language("th")
PATIENCE = 45.0
"""The lease of the first try and a sweep."""


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
