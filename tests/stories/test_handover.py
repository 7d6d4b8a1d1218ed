"""A customer asks for a person at night; the staff answer the next morning, by quoting or by hand."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from runtime.language import BANGKOK, Language
from simulator.accounts import named_user
from simulator.team import group_id
from tests.fixtures.waiting import eventually
from tests.stories.whole import Json, Phone, Whole, actions, words

TH = Language("th")
ASKS = {"th": "ขอคุยกับเจ้าหน้าที่หน่อยค่ะ เรื่องนัดพรุ่งนี้", "en": "Can I talk to a human please? It is about tomorrow"}
MORE = {"th": "ขอเลื่อนเป็นบ่ายได้ไหมคะ", "en": "could we make it the afternoon instead"}
ANSWERS = {"th": "บ่ายสองว่างค่ะ แล้วเจอกันนะคะ", "en": "Two in the afternoon is fine, see you then"}
QUESTIONS = {"th": "แต้มจะหมดอายุเมื่อไหร่คะ", "en": "when do my points expire?"}


@dataclass
class Desk:
    """The demo clinic's staff, of whom Somsak writes."""

    whole: Whole
    id: str = group_id("aura-staff")
    user_id: str = named_user("somsak")
    since: int = 0
    """The last line of their chat from before this story: others have people of the same names."""

    def __post_init__(self) -> None:
        self.since = max((int(one["seq"]) for one in self.items()), default=0)

    def items(self) -> list[Json]:
        items = self.whole.sim("GET", f"groups/{self.id}/chat", after=self.since)["items"]
        return [one for one in items if one["from"] == "bot"]

    def last(self, said: str) -> Json:
        """The clinic's last message with these words, when it has come."""
        found = eventually(lambda: [one for one in self.items() if said in words([one["message"]])])
        return found[-1]

    def say(self, text: str, **more: str) -> str:
        seen, before = len(self.items()), self.whole.arrivals()
        message = {"type": "text", "text": text, **more}
        self.whole.sim("POST", f"people/{self.user_id}/say", {"group": self.id, "message": message})
        self.whole.app.typed.add(text)
        eventually(lambda: self.whole.arrivals() > before)
        self.whole.settled()
        return words([one["message"] for one in self.items()[seen:]])

    def tap(self, item: Json, label: str) -> str:
        """A button of a message, whose words are Somsak's then."""
        (action,) = [one for one in actions(item["message"]) if one.get("label") == label]
        return self.say(action["text"])


@pytest.fixture
def desk(whole: Whole) -> Desk:
    return Desk(whole)


def night(whole: Whole) -> None:
    _to(whole, 23)


def morning(whole: Whole) -> None:
    _to(whole, 10)


def _to(whole: Whole, hour: int) -> None:
    """The next time that it is so late."""
    here = whole.now().astimezone(BANGKOK)
    there = here.replace(hour=hour, minute=5, second=0, microsecond=0)
    whole.sim("PUT", "clock", {"at": (there if there > here else there + timedelta(days=1)).isoformat()})


@pytest.fixture(params=["th", "en"])
def asking(whole: Whole, desk: Desk, request: pytest.FixtureRequest) -> tuple[Phone, str]:
    """Mali, or Ken who speaks English: a member who has asked for somebody late in the evening."""
    language = str(request.param)
    phone = whole.person({"th": "Mali", "en": "Ken"}[language])
    phone.follow()
    phone.tap("join")
    phone.say({"th": "ภาษาไทย", "en": "english"}[language])
    night(whole)
    said = words(phone.say(ASKS[language]))
    assert {"th": "ทีมงานจะกลับมา", "en": "Our team is back on"}[language] in said, said
    return phone, language


def name_of(language: str) -> str:
    return {"th": "Mali", "en": "Ken"}[language]


def alert_of(desk: Desk, language: str) -> Json:
    found = desk.last(TH("{name} wants to talk to you", name=name_of(language)))
    desk.whole.settled()  # by which id LINE knows it is recorded a moment after it is read
    return found


def test_staff_quote_the_alert_in_the_morning_and_the_customer_reads_it_once(
    whole: Whole, desk: Desk, asking: tuple[Phone, str]
) -> None:
    phone, language = asking
    alert = alert_of(desk, language)
    assert ASKS[language] in words([alert["message"]])
    morning(whole)
    asked = desk.say(ANSWERS[language], quotedMessageId=alert["item_id"])
    assert TH("Send this to {name}?", name=name_of(language)) in asked
    assert ANSWERS[language] in asked
    assert phone.read() == []

    whole.fault("duplicate", "webhook", times=2)
    question = desk.last(TH("Send this to {name}?", name=name_of(language)))
    said = desk.tap(question, TH("Send"))
    assert TH("Sent to {name}", name=name_of(language)) in said
    assert TH("As a message of its own: one of the month's.") in said
    assert desk.tap(question, TH("Send")) == TH("It was sent already, by {who}.", who="Somsak")
    assert [one["text"] for one in phone.read()] == [ANSWERS[language]]

    assert phone.say(QUESTIONS[language]) == []
    answered = "SELECT data FROM customer_journey_events WHERE type = 'staff_answered' ORDER BY id DESC LIMIT 1"
    assert whole.rows(answered)[0]["data"]["way"] == "push"


def test_an_answer_while_the_customer_waits_costs_nothing(whole: Whole, desk: Desk, asking: tuple[Phone, str]) -> None:
    phone, language = asking
    alert = alert_of(desk, language)
    desk.say(ANSWERS[language], quotedMessageId=alert["item_id"])
    used = whole.sim("GET", "state")["channels"][0]["quota_used"]
    assert phone.say(MORE[language]) == []
    said = desk.say("ส่ง")
    assert TH("As the answer to what they have just written: it costs nothing.") in said
    assert [one["text"] for one in phone.read()] == [ANSWERS[language]]
    assert whole.sim("GET", "state")["channels"][0]["quota_used"] == used


def test_staff_answer_by_hand_and_hand_back_by_the_button(whole: Whole, desk: Desk, asking: tuple[Phone, str]) -> None:
    phone, language = asking
    assert phone.say(MORE[language]) == []
    alert = alert_of(desk, language)
    before = whole.arrivals()
    whole.sim("POST", f"manager/{phone.user_id}/say", {"text": ANSWERS[language]})
    whole.app.typed.add(ANSWERS[language])
    assert [one["text"] for one in phone.read()] == [ANSWERS[language]]
    assert phone.say(QUESTIONS[language]) == []
    assert whole.arrivals() == before + 1, "the product heard what staff wrote by hand"

    done = TH("Done: the bot answers again")
    handed = TH("{who} has handed {name} back: the bot answers again.", who="Somsak", name=name_of(language))
    assert desk.tap(alert, done) == handed
    assert desk.tap(alert, done) == TH("The bot answers {name} again already.", name=name_of(language))
    assert phone.read() == []
    assert Language(language).n("{count} point", "{count} points", 100) in words(phone.say(QUESTIONS[language]))
    by = "SELECT data FROM customer_journey_events WHERE type = 'handed_back' ORDER BY id DESC LIMIT 1"
    assert str(whole.rows(by)[0]["data"]["by"]).startswith("staff:")
