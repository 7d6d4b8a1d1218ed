"""Mali has two LINE accounts. The clinic finds out, makes her one person, and she blocks it on one of them."""

from runtime.language import Language
from tests.fixtures.waiting import eventually
from tests.stories.whole import Phone, Whole, held, words

TH = Language("th")


def customer(whole: Whole) -> str:
    """The one behind the newest event."""
    return str(whole.rows("SELECT customer_id FROM inbox ORDER BY arrival DESC LIMIT 1")[0]["customer_id"])


def joined(whole: Whole, phone: Phone) -> str:
    phone.follow()
    phone.tap("join")
    return customer(whole)


def shows_bronze(phone: Phone) -> None:
    eventually(lambda: "bronze-th" in phone.menu)


def test_one_of_two_accounts_blocks_and_comes_back(whole: Whole) -> None:
    whole.app.flask("richmenus", "sync")
    home, work = whole.person("Mali"), whole.person("Mali")
    survivor, duplicate = joined(whole, home), joined(whole, work)
    told = whole.app.flask("customers", "merge", "aura", duplicate, survivor)
    assert f"{duplicate} is merged into {survivor}, who now has 200 points" in told
    for phone in (home, work):
        assert held(TH, 200) in words(phone.say("แต้ม"))
        assert customer(whole) == survivor
        shows_bronze(phone)

    work.unfollow()
    assert held(TH, 200) in words(home.say("แต้ม"))
    eventually(lambda: whole.rows("SELECT count(*) AS n FROM line_links WHERE menu_due_at IS NOT NULL") == [{"n": 0}])
    before = whole.last_entry()
    work.follow()
    shows_bronze(work)
    linked = [call["path"] for call in whole.calls("/v2/bot/user/", after=before) if "/richmenu/" in call["path"]]
    assert len(linked) == 1
    assert work.user_id in linked[0], "the other account shows its menu as before"
    assert held(TH, 200) in words(work.say("แต้ม"))
