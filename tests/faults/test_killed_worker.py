"""A worker dies in the middle of its work, again and again: everybody is answered, nobody twice."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from tests.fixtures.waiting import eventually
from tests.payloads import MALI, Body, aim, load
from tests.stories.whole import Phone, Whole

PEOPLE = 40
KILLS = 4
PATIENCE = 90.0
"""A lease of 12 s and a sweep of 15 s may follow each other for the answers that a dead worker held."""


def morning(whole: Whole, phone: Phone, at: datetime) -> Body:
    """Five events of one person, one request: follows, joins, taps again, asks for points and for the history."""
    steps = [
        ("follow", ""),
        ("postback", "join"),
        ("postback", "join"),
        ("postback", "points"),
        ("postback", "history"),
    ]
    events: list[Any] = []
    for number, (name, data) in enumerate(steps):
        when = at + timedelta(milliseconds=number)
        body = aim(load(f"line/{name}.json"), destination=whole.destination, people={MALI: phone.user_id}, at=when)
        if data:
            body["events"][0]["postback"]["data"] = data
        events += body["events"]
    return {"destination": whole.destination, "events": events}


def test_two_hundred_events_survive_killed_workers(whole: Whole) -> None:
    whole.settled()
    people = [whole.person("Mali") for _ in range(PEOPLE)]
    mornings = [morning(whole, phone, datetime.now(UTC)) for phone in people]
    tokens = {event["replyToken"] for body in mornings for event in body["events"]}
    entry, arrival = whole.last_entry(), int(whole.rows("SELECT coalesce(max(arrival), 0) AS n FROM inbox")[0]["n"])
    assert len(tokens) == 5 * PEOPLE

    whole.processes.kill("worker-chat")  # so that all of it waits
    for body in mornings:
        assert whole.post(body)[0] == 200
    unread = "SELECT count(*) AS n FROM inbox WHERE arrival > %s AND state <> 'new'"
    killed_at = []

    def passed(enough: int) -> bool:
        return int(whole.rows(unread, arrival)[0]["n"]) >= enough

    for kill in range(KILLS):
        whole.processes.start("worker-chat")
        enough = (kill + 1) * 5 * PEOPLE // (KILLS + 2)
        eventually(partial(passed, enough), within=PATIENCE, every=0.002)
        whole.processes.kill("worker-chat")
        killed_at.append(int(whole.rows(unread, arrival)[0]["n"]))
    assert killed_at[0] < 5 * PEOPLE, "the first kill came after the work was done"
    whole.processes.start("worker-chat")
    whole.settled(within=PATIENCE)

    assert whole.rows("SELECT state, count(*) AS n FROM inbox WHERE arrival > %s GROUP BY state", arrival) == [
        {"state": "done", "n": 5 * PEOPLE}
    ]
    joined = (
        "SELECT profile.total_points AS points, (SELECT count(*) FROM point_transactions line WHERE line.customer_id ="
        " profile.customer_id) AS lines FROM loyalty_profiles profile WHERE profile.customer_id IN"
        " (SELECT customer_id FROM inbox WHERE arrival > %s)"
    )
    assert whole.rows(joined, arrival) == [{"points": 100, "lines": 1}] * PEOPLE

    replies = whole.calls("/v2/bot/message/reply", after=entry)
    accepted = Counter(call["body"]["replyToken"] for call in replies if call["status"] == 200)
    assert set(accepted) == tokens
    assert set(accepted.values()) == {1}
    assert whole.calls("/v2/bot/message/push", after=entry) == []
    for phone in people:
        # Greeting; welcome and the question about offers; "already a member"; points; history.
        assert len(phone.read()) == 6
