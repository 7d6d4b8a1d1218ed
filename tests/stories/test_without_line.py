"""Who has blocked LINE is looked after all the same: by SMS to a phone and by mail to an address that they have proved.

Care goes whatever they have said of offers; an offer goes over what was agreed to, and nowhere else. All kinds of
follow-ups, by the demo clinic's own rules, in Thai and in English.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

import pytest

from runtime.language import Language
from tests.fixtures.waiting import eventually
from tests.stories.guest import DAY, EN, HOUR, MINUTE, TH, Guest, on, planned, sent, shop, start, to, ways
from tests.stories.test_bills_and_courses import Shop
from tests.stories.test_followups import came
from tests.stories.whole import Json, Whole, actions, words

__all__ = ["shop", "start"]

Said = dict[Language, str]
NAMES = {TH: "มะลิ ใจดี", EN: "Ken Tanaka"}
LINK, MY_MAIL = {TH: "ผูกข้อมูล", EN: "link my record"}, {TH: "อีเมลของฉัน", EN: "my email"}
OFFERS = "offers_by?"

SOON = {TH: "คุณมีนัดวันที่", EN: "your appointment is on"}
AFTER = {TH: "หลังมาที่คลินิก เป็นอย่างไรบ้างคะ", EN: "how are you after your visit?"}
BILL = {TH: "ขอแจ้งว่ามียอดครบกำหนดชำระ", EN: "a payment is due by"}
RATE = {TH: "การมาครั้งล่าสุดเป็นอย่างไรบ้างคะ", EN: "How was your visit?"}
MORE = {TH: "ผ่านมาสักพักแล้วตั้งแต่คุณมาที่คลินิก", EN: "it has been a little while since your visit"}
MORE_MAIL = {TH: "ดูแลต่อเนื่องกับ", EN: "Going on with"}
WISHES = {TH: "สุขสันต์วันเกิด", EN: "appy birthday"}
AWAY = {TH: "ไม่ได้เจอกันสักพักแล้ว", EN: "it has been a while"}
AWAY_MAIL = {TH: "เราคิดถึงคุณค่ะ", EN: "We have been thinking of you"}


@dataclass
class Reader(Guest):
    """A member whose phone, and perhaps whose mail address, are proved."""

    address: str = ""
    booking: Json = field(default_factory=dict)
    seen: int = 0
    """The last SMS that was looked at."""
    read_mails: set[int] = field(default_factory=set)

    @property
    def whole(self) -> Whole:
        return self.phone.whole

    @property
    def number(self) -> str:
        return str(self._texts()["number"])

    def link(self, shop: Shop, day: date) -> None:
        """With the record of an appointment that somebody made by telephone."""
        self.booking = shop.books("standard", NAMES[self.t], phone=self.number, at=on(day, "11:00").isoformat())
        self.phone.say(LINK[self.t])
        self.phone.say("0" + self.number.removeprefix("+66"))
        (code,) = re.findall(r"\b\d{6}\b", self.gets({self.t: ""}))
        self.phone.say(code)
        self.phone.tap(self._button("answer=yes"))

    def offers_by_sms(self, answer: str) -> None:
        self.phone.press({"type": "postback", "data": "ask_offers_by?channel=sms"})
        self.phone.tap(self._button(f"answer={answer}", OFFERS))

    def prove(self, address: str) -> None:
        self.address = address
        self.phone.say(MY_MAIL[self.t])
        self.phone.say(address)
        found = re.search(r"\b(\d{3}) (\d{3})\b", self.finds({TH: "รหัส", EN: "code"})["text"])
        assert found is not None
        self.phone.say(found[1] + found[2])
        self.phone.tap("mail_offers?answer=yes")

    def _button(self, ends: str, begins: str = "") -> str:
        data = [str(one.get("data", "")) for message in reversed(self.phone.shown) for one in actions(message)]
        return next(one for one in data if one.endswith(ends) and one.startswith(begins))

    def _texts(self) -> Json:
        return self.whole.sim("GET", f"people/{self.phone.user_id}/texts", after=self.seen)

    def gets(self, said: Said) -> str:
        """The next SMS, which has these words and has arrived."""

        def delivered() -> list[Json]:
            return [one for one in self._texts()["items"] if one["status"] == "delivered"]

        (text,) = eventually(delivered, within=60)
        self.seen = int(text["seq"])
        assert said[self.t] in text["text"], text["text"]
        return str(text["text"])

    def finds(self, subject: Said) -> Json:
        """The next mail, whose subject has these words."""

        def new() -> list[Json]:
            found: list[Json] = self.whole.sim("GET", "mail", of=self.address)["mails"]
            return [one for one in found if one["number"] not in self.read_mails]

        (brief,) = eventually(new, within=60)
        self.read_mails.add(int(brief["number"]))
        assert subject[self.t] in brief["subject"], brief["subject"]
        mail = self.whole.sim("GET", f"mail/{brief['number']}")
        assert mail["text"].strip()
        assert mail["html"].strip()
        return mail

    def nothing_else(self) -> None:
        """In none of the three."""
        self.whole.settled()
        assert self._texts()["items"] == []
        if self.address:
            mails = self.whole.sim("GET", "mail", of=self.address)["mails"]
            assert {one["number"] for one in mails} == self.read_mails
        assert words(self.phone.read()) == ""


@pytest.fixture
def thai(whole: Whole, start: date) -> Reader:
    return Reader(whole.person("Mali"), TH)


@pytest.fixture
def english(whole: Whole, start: date) -> Reader:
    return Reader(whole.person("Ken"), EN)


def test_all_that_is_said_unasked_finds_another_way(
    whole: Whole, shop: Shop, start: date, thai: Reader, english: Reader
) -> None:
    """The one has agreed to offers by mail alone, the other to offers by SMS alone."""
    both, day, birthday = (thai, english), start + 3 * DAY, start + 25 * DAY
    for who, answer in ((thai, "no"), (english, "yes")):
        who.phone.press(
            {"type": "postback", "data": f"birthday_set?{urlencode({'month': birthday.month, 'day': birthday.day})}"}
        )
        who.phone.press({"type": "postback", "data": "fitting?answer=yes"})
        who.link(shop, day)
        who.offers_by_sms(answer)
    thai.prove(f"mali-{start}@mail.example")
    for who in both:
        who.phone.unfollow()
        who.forget()

    to(whole, on(day, "11:00") - DAY + MINUTE)
    for who in both:
        assert who.t.date(on(day, "11:00")) in who.gets(SOON)
        assert ways(who, "appointment_reminder")["line"] == "not_reachable"
    to(whole, on(day, "12:00"))
    done = {who.id: came(shop, who.booking) for who in both}
    last = max(done.values())
    for who in both:
        shop.sells(who.booking, "invoice", baht=4200)
    for who in both:
        who.become("post_treatment", planned(done[who.id] + DAY))
    to(whole, last + DAY + MINUTE)
    for who in both:
        who.become("post_treatment", sent(done[who.id] + DAY))
        who.gets(AFTER)
    to(whole, on(day + 4 * DAY, "10:01"))
    for who in both:
        assert who.t.date(on(day + 7 * DAY, "10:00")) in who.gets(BILL)
    to(whole, last + 7 * DAY + MINUTE)
    thai.finds(RATE)
    english.become("satisfaction_survey", ("skipped", "no_address", done[english.id] + 7 * DAY))
    to(whole, last + 14 * DAY + MINUTE)
    for who in both:
        who.become("upsell_opportunity", sent(done[who.id] + 14 * DAY))
    offer = thai.finds(MORE_MAIL)
    assert offer["unsubscribe"], "one click ends it"
    english.gets(MORE)
    to(whole, on(birthday, "09:01"))
    thai.finds(WISHES)
    english.gets(WISHES)
    to(whole, on(day, "11:00") + 60 * DAY + HOUR)
    thai.finds(AWAY_MAIL)
    english.gets(AWAY)
    for who in both:
        who.nothing_else()
