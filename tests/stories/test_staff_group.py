"""The staff's LINE group: LINE names who writes there, and not who taps a button."""

from typing import Any

import pytest

from runtime.language import Language
from tests.fixtures.waiting import eventually
from tests.stories.whole import Phone, Whole, words

TH = Language("th")


class Group:
    """A group that Mali has made, with the clinic's account in it."""

    def __init__(self, whole: Whole, mali: Phone) -> None:
        self.whole, self.mali = whole, mali
        before = whole.arrivals()
        self.id = whole.sim("POST", "groups", {"name": "ทีมงาน", "members": [mali.user_id]})["group_id"]
        self.seen = 0
        self.heard(before)

    def say(self, text: str, **more: Any) -> str:
        return self.do("say", message={"type": "text", "text": text, **more})

    def tap(self, action: dict[str, str]) -> str:
        return self.do("act", action=action)

    def do(self, what: str, **body: Any) -> str:
        before = self.whole.arrivals()
        self.whole.sim("POST", f"people/{self.mali.user_id}/{what}", {"group": self.id, **body})
        return self.heard(before)

    def heard(self, before: int) -> str:
        """What the clinic says to what has just arrived; the reason of its silence or regret stands in `kept`."""
        eventually(lambda: self.whole.arrivals() > before)
        self.whole.settled()
        items = self.whole.sim("GET", f"groups/{self.id}/chat", after=self.seen)["items"]
        self.seen = max(int(item["seq"]) for item in items) if items else self.seen
        return words([item["message"] for item in items if item["from"] == "bot"])

    @property
    def kept(self) -> tuple[str, str | None]:
        (row,) = self.whole.rows("SELECT state, reason FROM inbox ORDER BY arrival DESC LIMIT 1")
        return row["state"], row["reason"]


@pytest.fixture
def group(whole: Whole, mali: Phone) -> Group:
    return Group(whole, mali)


def test_a_group_is_bound_by_name_and_its_taps_are_heard_without_a_name(whole: Whole, group: Group) -> None:
    old = {"type": "postback", "label": "?", "data": "claim?task=1"}
    assert group.tap(old) == ""
    assert group.kept == ("ignored", "group_not_bound")

    code = whole.app.flask("groups", "code", "aura").strip().splitlines()[-1].strip()
    mention = {"index": 0, "length": 12, "type": "user", "userId": whole.destination, "isSelf": True}
    linked = TH(
        "This group is now linked to {clinic}. Send a customer's reward code here, and it is used.",
        clinic="Aura Clinic",
    )
    welcome = TH(
        "You are the manager of this group. Others can act here once you write “{allow} @name”. Of staff we keep the "
        "name in LINE, the role, and who did what when.",
        allow="อนุญาต",
    )
    assert group.say(f"@Aura Clinic {code}", mention={"mentionees": [mention]}) == f"{linked}\n{welcome}"
    assert group.tap({"type": "message", "label": "?", "text": code}) == TH(
        "This group is linked to {clinic} already.", clinic="Aura Clinic"
    )

    for told in (True, False):
        whole.sim("PATCH", "switches", {"group_postback_user": told})
        assert group.tap(old) == TH("This button has grown old.")
        assert group.kept == ("done", "stale_button:unknown")
    assert group.tap({"type": "postback", "label": "?", "data": "points"}) == ""
    assert group.kept == ("ignored", "not_for_groups")
    assert group.say("สวัสดี") == ""
    assert group.kept == ("ignored", "group_talk")


def test_with_the_months_quota_used_up_staff_are_answered_all_the_same(whole: Whole, group: Group) -> None:
    """An answer in the group costs nothing; only what is pushed does."""
    code = whole.app.flask("groups", "code", "aura").strip().splitlines()[-1].strip()
    whole.sim("PATCH", "channels/@aura", {"quota": 0})
    try:
        assert "คุณเป็นผู้จัดการของกลุ่มนี้" in group.say(code)
        assert "ไม่พบโค้ด" in group.say("AAAA2222")
        assert group.kept == ("done", None)
    finally:
        whole.sim("PATCH", "channels/@aura", {"quota": None})
