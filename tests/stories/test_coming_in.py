"""Somebody meets the clinic: follows, reads, joins, leaves, comes back."""

from runtime.language import Language
from tests.fixtures.waiting import eventually
from tests.stories.whole import Phone, Whole, actions, held, words

TH, EN = Language("th"), Language("en")


def _id(whole: Whole, phone: Phone) -> object:
    """The customer behind the newest event, which is this person's: only one person acts at a time in a story."""
    return whole.rows("SELECT customer_id FROM inbox ORDER BY arrival DESC LIMIT 1")[0]["customer_id"]


def test_mali_follows_and_is_greeted_in_thai(mali: Phone) -> None:
    greeting = mali.follow()
    assert TH("Welcome to {clinic}", clinic="Aura Clinic") in words(greeting)
    assert {"join", "notice", "later"} <= {action.get("data") for action in actions(greeting[-1])}
    assert len(greeting) <= 2


def test_mali_joins_gets_her_points_and_a_separate_question(whole: Whole, mali: Phone) -> None:
    mali.follow()
    assert TH("Privacy notice") in words(mali.tap("notice"))
    welcome, age = mali.tap("join")
    assert "100" in words([welcome])
    assert "100" not in words([age])
    (question,) = mali.tap("age?answer=adult")
    yes, no = (mali.button(f"offers?answer={answer}") for answer in ("yes", "no"))
    boxes = [node for node in question["contents"]["footer"]["contents"] if node.get("action") in (yes, no)]
    assert len(boxes) == 2
    assert {name: value for name, value in boxes[0].items() if name != "action"} == {
        name: value for name, value in boxes[1].items() if name != "action"
    }
    assert whole.rows(
        "SELECT count(*) AS n FROM consents WHERE purpose = 'marketing' AND customer_id = %s", _id(whole, mali)
    ) == [{"n": 0}]
    mali.tap("offers?answer=no")
    assert held(TH, 100) in words(mali.tap("points"))
    history = mali.tap("history")
    assert TH("Welcome points") in words(history)
    assert "+100" in words(history)


def test_a_double_tap_on_join_joins_once(whole: Whole, mali: Phone) -> None:
    mali.follow()
    join = mali.button("join")
    mali.press(join)
    assert TH("You are a member already.") in words(mali.press(join))
    assert held(TH, 100) in words(mali.say("แต้ม"))
    assert whole.rows("SELECT amount FROM point_transactions WHERE customer_id = %s", _id(whole, mali)) == [
        {"amount": 100}
    ]


def test_who_followed_before_we_came_is_greeted_at_first_contact(whole: Whole) -> None:
    friend = whole.person("Mali")
    greeting = friend.say("สวัสดีค่ะ")
    assert "join" in {action.get("data") for action in actions(greeting[-1])}


def test_blocking_is_heard_in_silence_and_coming_back_is_welcomed(whole: Whole, mali: Phone) -> None:
    mali.follow()
    mali.tap("join")
    assert mali.unfollow() == []
    assert whole.rows("SELECT state, reason FROM inbox ORDER BY arrival DESC LIMIT 1") == [
        {"state": "ignored", "reason": "unfollowed"}
    ]
    assert TH("Welcome back. It is good to see you again.") in words(mali.follow())
    assert held(TH, 100) in words(mali.say("แต้ม"))


def test_the_menu_follows_standing_and_language(whole: Whole, mali: Phone) -> None:
    whole.app.flask("richmenus", "sync")
    mali.follow()
    eventually(lambda: "guest-th" in mali.menu)
    mali.tap("join")
    eventually(lambda: "bronze-th" in mali.menu)
    assert EN("From now on we speak English.") in words(mali.say("english"))
    eventually(lambda: "bronze-en" in mali.menu)


def test_ken_is_spoken_to_in_the_language_of_his_phone(whole: Whole, ken: Phone) -> None:
    ken.follow()
    eventually(lambda: whole.rows("SELECT 1 FROM customers WHERE id = %s AND language = 'en'", _id(whole, ken)))
    assert EN("Welcome to {clinic}", clinic="Aura Clinic") in words(ken.say("points"))
