"""A minor joins; and who lets go of offers is let go, for half a year at least."""

import pytest

from runtime.language import Language
from tests.stories.whole import Json, Whole, actions, held, words

TH, EN = Language("th"), Language("en")
AGE = "Are you 20 or older? We keep nothing but your answer, and your membership does not depend on it."
DAY = 24 * 3600


def asks_for_offers(messages: list[Json]) -> bool:
    """By the question whose answers are yes and no; a line of settings that can be switched on asks nobody."""
    found = {str(one.get("data")) for message in messages for one in actions(message)}
    return {"offers?answer=yes", "offers?answer=no"} <= found


@pytest.mark.parametrize(("who", "t"), [("Mali", TH), ("Ken", EN)])
def test_who_is_under_20_is_a_member_and_is_sent_no_offers(whole: Whole, who: str, t: Language) -> None:
    phone = whole.person(who)
    phone.follow()
    if t is EN:
        phone.say("english")
    phone.tap("join")
    assert t(AGE) in words(phone.shown[-1:])
    answer = phone.tap("age?answer=younger")
    assert t("Thank you. We send offers to nobody under 20. Everything else is yours as a member.") in words(answer)
    assert held(t, 100) in words(phone.say("แต้ม" if t is TH else "points"))
    refused = phone.press({"type": "postback", "data": "offers?answer=yes"})
    assert t("We send offers to nobody under 20. Are you 20 by now? Then tell us so here:") not in words(refused)
    assert "20" in words(refused)
    phone.press({"type": "postback", "data": "age?answer=adult"})
    phone.press({"type": "postback", "data": "offers?answer=yes"})
    phone.say("ความเป็นส่วนตัว" if t is TH else "privacy")
    assert not asks_for_offers(phone.shown)
    query = "SELECT adult FROM customers WHERE joined_at IS NOT NULL ORDER BY joined_at DESC, id DESC LIMIT 1"
    assert whole.rows(query) == [{"adult": False}]
    given = "SELECT count(*) AS n FROM consents JOIN customers c ON c.id = customer_id WHERE NOT c.adult AND granted"
    assert whole.rows(given) == [{"n": 0}]


@pytest.mark.parametrize(
    ("who", "t", "stop"), [("Mali", TH, "ไม่ต้องส่งโปรมาแล้วนะคะ"), ("Ken", EN, "please stop sending me offers")]
)
def test_who_stops_offers_by_typing_is_not_asked_again_for_half_a_year(
    whole: Whole, who: str, t: Language, stop: str
) -> None:
    phone = whole.person(who)
    phone.follow()
    if t is EN:
        phone.say("english")
    phone.tap("join")
    adult = phone.button("age?answer=adult")
    assert asks_for_offers(phone.press(adult))
    phone.tap("offers?answer=yes")
    phone.shown.clear()
    assert t("Understood. We will not send you offers.") in words(phone.say(stop))

    def everything() -> None:
        """Whatever could bring the question back: words, the notice, coming back, and the old button of the age."""
        for said in ("แต้ม", "สมัครสมาชิก", "ความเป็นส่วนตัว") if t is TH else ("points", "join", "privacy"):
            phone.say(said)
        phone.unfollow()
        phone.follow()
        phone.press(adult)

    everything()
    whole.sim("PUT", "clock", {"advance_seconds": 179 * DAY})
    everything()
    assert not asks_for_offers(phone.shown)
    whole.sim("PUT", "clock", {"advance_seconds": 2 * DAY})
    everything()
    assert sum(asks_for_offers([message]) for message in phone.shown) == 1
    phone.tap("offers?answer=no")
    phone.shown.clear()
    everything()
    assert not asks_for_offers(phone.shown)
