"""Events that are truly signed and name ids that LINE never issues: settled with a reason, and no call is made."""

import httpx

from tests.fixtures.waiting import eventually
from tests.payloads import MALI, aim, load
from tests.stories.whole import Whole

ODD = [
    "Uodd/../../../oauth2/v3/token", "Uodd/richmenu/x", "Oddpailin-letters-only", "Uodd" + "a" * 196,
    "Uodd" + "b" * 300, "Uodd-คุณมะลิ", "Uodd-\0-nul", "U" + "0DD" * 10 + "AB", "Uodd%2e%2e%2f?x=1#y",
]  # fmt: skip
OPEN = "SELECT count(*) AS n FROM line_links WHERE profile_due_at IS NOT NULL"


def test_each_is_settled_and_neither_asked_nor_told(whole: Whole) -> None:
    before, newest = whole.last_entry(), int(whole.rows("SELECT coalesce(max(arrival), 0) AS n FROM inbox")[0]["n"])
    for turn in ("1", "2"):
        for odd in ODD:
            body = aim(
                load("line/message-text.json"), destination=whole.destination, people={MALI: odd}, at=whole.now()
            )
            body["events"][0]["webhookEventId"] = f"ODD{ODD.index(odd)}{turn}"
            assert whole.post(body) == (200, "{}")
    whole.settled()
    rows = whole.rows("SELECT state, reason FROM inbox WHERE arrival > %s ORDER BY arrival", newest)
    assert [row for row in rows if row["state"] not in ("done", "ignored")] == []
    assert {row["reason"] for row in rows if row["state"] == "ignored"} == {"malformed"}
    eventually(lambda: whole.rows(OPEN)[0]["n"] == 0, within=30)
    links = whole.rows(
        "SELECT profile_error, menu_error FROM line_links WHERE 'not_an_id' IN (profile_error, menu_error)"
    )
    assert links, "the chat goes on, by the token"
    asked = [one["path"] for path in ("/v2/bot/profile", "/v2/bot/user/") for one in whole.calls(path, after=before)]
    assert [path for path in asked if "odd" in path.lower()] == []
    metrics = httpx.get(f"{whole.app.url}/metrics", trust_env=False).text
    quoted = [text for text in ODD if text in metrics]
    whole.app.typed |= set(ODD)
    assert (quoted, whole.app.quoted()) == ([], [])
