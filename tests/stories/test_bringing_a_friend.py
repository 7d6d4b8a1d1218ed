"""Mali brings Ken, Ken becomes a member and says when his birthday is: from phone to phone, through signed webhooks."""

from urllib.parse import parse_qs, unquote, urlsplit

from runtime.language import Language
from tests.stories.whole import Json, Phone, Whole, actions, words

TH = Language("th")


def written_by(share: Json) -> str:
    """What a friend finds written in our chat: the text inside the link inside the shared text."""
    text = parse_qs(urlsplit(str(share["uri"])).query)["text"][0]
    return unquote(urlsplit(text[text.index("https://") :]).query)


def test_a_friend_comes_by_the_link_and_is_counted(whole: Whole, member: Phone, ken: Phone) -> None:
    share = next(
        action for message in member.say("แนะนำเพื่อน") for action in actions(message) if action["type"] == "uri"
    )
    does = whole.sim("POST", f"people/{member.user_id}/act", {"action": share})
    assert does["does"] == "open"

    # A Thai text reaches him before anybody knows that he speaks English.
    answer = words(ken.say(written_by(share)))
    assert TH("Thank you. We have noted that a friend told you about us.") in answer
    assert TH("Welcome to {clinic}", clinic="Aura Clinic") in answer
    ken.tap("join")
    (newest,) = whole.rows("SELECT state FROM referrals ORDER BY bound_at DESC LIMIT 1")
    assert newest["state"] == "bound"
    assert TH("Waiting for their first visit") in words(member.tap("friends"))


def test_a_birthday_is_picked_on_the_phone(member: Phone) -> None:
    member.say("วันเกิด")
    answer = member.pick("birthday_picked", date="1992-02-29")
    assert TH("Is your birthday on {day}?", day="29 กุมภาพันธ์") in words(answer)
    member.tap("birthday_set")
    assert "29 กุมภาพันธ์" in words(member.say("วันเกิด"))
