"""Without the database nothing can be kept, so LINE is told to come again; and it does."""

from runtime.language import Language
from tests.fixtures.waiting import eventually
from tests.payloads import MALI, aim, load
from tests.stories.whole import Phone, Whole, held, words

TH = Language("th")


def test_a_refused_webhook_comes_again_and_is_answered_once(whole: Whole, member: Phone) -> None:
    body = aim(
        load("line/message-text.json"),
        destination=whole.destination,
        people={MALI: member.user_id},
        at=whole.now(),
    )
    before = whole.last_entry()
    whole.app.postgres.stop()
    status, answer = whole.post(body)
    assert (status, '"unavailable"' in answer) == (503, True)
    whole.sim("POST", f"people/{member.user_id}/say", {"message": {"type": "text", "text": "แต้ม"}})

    def refused() -> bool:
        entries = whole.sim("GET", "log", after=before)["entries"]
        return len([one for one in entries if one["kind"] == "webhook" and one["status"] == 503]) >= 2

    eventually(refused)
    whole.app.postgres.start()
    got = []

    def heard() -> bool:
        got.extend(member.read())
        return bool(got)

    eventually(heard, within=45)
    whole.settled(within=45)
    got += member.read()
    assert words(got).count(held(TH, 100)) == len(got) == 1
