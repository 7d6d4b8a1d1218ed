"""What the staff hear unasked in their LINE group, over signed webhooks, with the real workers."""

import json

import pytest

from runtime.language import Language
from tests.fixtures.waiting import eventually
from tests.stories.test_staff_group import Group
from tests.stories.whole import Json, Phone, Whole, actions

TH = Language("th")
SAID = "รอนานมากค่ะ ไม่มีใครดูแล"


@pytest.fixture
def staffed(whole: Whole) -> Group:
    """A group of the clinic's own, in which Ploy writes. It may have another, that was bound by a test before."""
    code = whole.app.flask("groups", "code", "aura").strip().splitlines()[-1].strip()
    group = Group(whole, whole.person("Ploy"))
    said = group.say(code)
    assert "เชื่อม" in said, said
    return group


@pytest.fixture
def here(whole: Whole, member: Phone, staffed: Group) -> Phone:
    """Mali, of whom the staff have noted that she is here."""
    query = "SELECT member_number FROM customers WHERE joined_at IS NOT NULL ORDER BY joined_at DESC, id DESC LIMIT 1"
    said = staffed.say(f"มาแล้ว {whole.rows(query)[0]['member_number']}")
    assert "Mali" in said, (said, staffed.kept)
    return member


def rate(phone: Phone, stars: int) -> None:
    phone.say("รีวิว")
    (action,) = [one for one in actions(phone.shown[-1]) if str(one.get("data", "")).endswith(f"stars={stars}")]
    phone.press(action)


def pushed(whole: Whole, entry: int) -> list[Json]:
    """The pushes to a group since then that were accepted and carried her words."""
    calls = whole.calls("/v2/bot/message/push", after=entry)
    carried = [one for one in calls if SAID in json.dumps(one["body"], ensure_ascii=False)]
    return [one for one in carried if one["status"] == 200 and str(one["body"]["to"]).startswith("C")]


def test_stars_and_words_that_come_twice_reach_the_staff_once(whole: Whole, here: Phone) -> None:
    entry = whole.last_entry()
    whole.fault("duplicate", "webhook", times=3)
    rate(here, 2)
    here.say(SAID)
    (push,) = eventually(lambda: pushed(whole, entry))
    whole.settled()
    assert [push] == pushed(whole, entry)
    assert (
        TH.n("{name} gives {count} star", "{name} gives {count} stars", 2, name="Mali")
        in push["body"]["messages"][0]["altText"]
    )
    fate = "SELECT state, reason, send_id IS NOT NULL AS pushed FROM staff_notices WHERE kind = 'low_rating'"
    assert whole.rows(f"{fate} ORDER BY created_at DESC LIMIT 1") == [{"state": "sent", "reason": None, "pushed": True}]
    told = "SELECT type FROM customer_journey_events ORDER BY occurred_at DESC, id DESC LIMIT 1"
    assert whole.rows(told) == [{"type": "staff_told"}]


def test_a_worker_killed_with_the_push_in_its_hands_tells_it_once(whole: Whole, here: Phone) -> None:
    entry, said = whole.last_entry(), f"{SAID} {here.user_id[-6:]}"
    whole.fault("timeout_after_accept", "push", ms=3_000)
    rate(here, 1)
    whole.sim("POST", f"people/{here.user_id}/say", {"message": {"type": "text", "text": said}})
    whole.app.typed.add(said)
    on_its_way = "SELECT 1 AS one FROM sends WHERE reason = 'staff_notice' AND state = 'queued' AND attempts = 1"
    eventually(lambda: whole.rows(on_its_way))
    whole.processes.kill("worker-send")
    whole.processes.start("worker-send")
    whole.settled(within=60)
    tries = whole.calls("/v2/bot/message/push", after=entry)
    assert len(tries) > 1, "it was killed too late"
    group = tries[0]["body"]["to"]
    items = [
        json.dumps(one["message"], ensure_ascii=False) for one in whole.sim("GET", f"groups/{group}/chat")["items"]
    ]
    assert len([one for one in items if said in one]) == 1
    assert whole.rows("SELECT DISTINCT state FROM staff_notices WHERE kind = 'low_rating'") == [{"state": "sent"}]


def test_a_friendly_review_tells_nobody(whole: Whole, here: Phone) -> None:
    before = whole.rows("SELECT count(*) AS n FROM staff_notices WHERE kind = 'low_rating'")
    rate(here, 5)
    assert whole.rows("SELECT count(*) AS n FROM staff_notices WHERE kind = 'low_rating'") == before
