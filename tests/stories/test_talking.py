"""A member talks: the words that are heard, in both languages, and what is left to the people of the clinic."""

import pytest

from runtime.language import Language
from tests.stories.whole import Phone, Whole, held, words

TH, EN = Language("th"), Language("en")


@pytest.mark.parametrize(
    "said", ["แต้ม", " แต้มค่ะ ", "แต้มหน่อยนะคะ", "POINTS", "points please!", "ｐｏｉｎｔｓ", "แต้ม\u200b"]
)
def test_points_are_heard_however_they_are_written(member: Phone, said: str) -> None:
    assert held(TH, 100) in words(member.say(said))


def test_history_tiers_and_help_are_heard(member: Phone) -> None:
    assert TH("Points history") in words(member.say("ประวัติ"))
    assert TH("Our tiers") in words(member.say("tiers"))
    assert TH("How can we help?") in words(member.say("help"))


def test_the_language_changes_by_a_word_and_back_by_a_tap(member: Phone) -> None:
    assert EN("From now on we speak English.") in words(member.say("english"))
    assert held(EN, 100) in words(member.say("แต้ม"))
    member.say("help")
    assert TH("From now on we speak English.") in words(member.tap("language?to=th"))
    assert held(TH, 100) in words(member.say("points"))


def test_cancel_is_understood_from_anywhere(member: Phone) -> None:
    assert TH("There is nothing to cancel.") in words(member.say("ยกเลิก"))


@pytest.mark.parametrize(
    ("data", "action"),
    [
        ("redeem?reward=01890000-0000-7000-8000-000000000000", "redeem"),
        ("history?before=ไม่ใช่", "history"),
        ("points?a=1&a=2", "points"),
        ("%00", "unknown"),
        ("language?to=xx", "language"),
    ],
)
def test_old_and_forged_buttons_are_answered_politely(whole: Whole, member: Phone, data: str, action: str) -> None:
    answer = member.press({"type": "postback", "label": "?", "data": data})
    assert TH("This button has grown old. Here is what I can do now:") in words(answer)
    (kept,) = whole.rows("SELECT state, reason FROM inbox WHERE type = 'postback' ORDER BY arrival DESC LIMIT 1")
    assert (kept["state"], kept["reason"]) == ("done", f"stale_button:{action}")


def test_a_page_of_somebody_else_s_history_shows_nothing_of_theirs(whole: Whole, member: Phone) -> None:
    """Ken of the demo clinic has a year of treatments; his button, forged, opens nothing of it."""
    theirs = whole.rows("SELECT id FROM point_transactions WHERE source = 'treatment' ORDER BY created_at DESC LIMIT 1")
    answer = member.press({"type": "postback", "label": "?", "data": f"history?before={theirs[0]['id']}"})
    assert "+100" in words(answer)
    assert "HydraFacial" not in words(answer)


def test_unknown_text_is_answered_once_in_twelve_hours(whole: Whole, member: Phone) -> None:
    question = TH("Thank you for your message. Our team reads this chat. Meanwhile, I can help you with these:")
    assert question in words(member.say("ฝนตกหนักมากเลยวันนี้"))
    assert member.say("แล้วอันนี้ล่ะคะ") == []
    assert member.send({"type": "sticker", "packageId": "446", "stickerId": "1988"}) == []
    newest = "SELECT state, reason FROM inbox ORDER BY arrival DESC LIMIT 1"
    assert whole.rows(newest) == [{"state": "ignored", "reason": "unknown_answered_before"}]
    assert held(TH, 100) in words(member.say("แต้ม"))
    assert member.say("เดี๋ยวกลับมาคุยใหม่นะคะ") == []  # whatever else was asked meanwhile
    whole.sim("PUT", "clock", {"advance_seconds": 12 * 3600})
    assert question in words(member.say("พรุ่งนี้เจอกันค่ะ"))


def test_things_without_words_are_acknowledged(member: Phone) -> None:
    location = {"type": "location", "title": "อโศก", "address": "กรุงเทพฯ", "latitude": 13.73, "longitude": 100.56}
    assert member.send(location)
