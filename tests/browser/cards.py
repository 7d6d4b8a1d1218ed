"""Every card of the conversation, found as a customer finds them: by tapping all buttons that there are."""

import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.cards.appointments import SHOWN
from bot.listen import Outcome
from bot.routes import Table
from channels.base import Channel
from channels.line.render import wire
from customers import booking_links, contacts, names, one_time
from customers.people import identify, new_customer
from facts import appointments, courses
from facts.told import (
    AppointmentTold,
    CourseTold,
    Details,
    Person,
    Sale,
    SessionTold,
    ShareTold,
    micros,
)
from local import demo
from loyalty import check_in
from models.clinics import Clinic
from privacy import consent, suppressions
from tests.bot.test_own_email import MAILING, sent
from tests.fixtures.clinic import NOW, Talk

Messages = list[dict[str, Any]]
SAID = ("หลังทำเลเซอร์หน้าแดงมาก ปกติไหมคะ", "หลังฉีดฟิลเลอร์ตามองไม่เห็น")
"""What no button says: two sentences of health, the second an urgent one."""
BORN = "1990-05-14"
LONG_NAME = "ฟื้นฟูผิวหน้าด้วยเลเซอร์และทรีตเมนต์วิตามินเข้มข้น แพ็กเกจ 10 ครั้ง ราคาสมาชิก"
COURSES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("a course", {}),
    ("two courses", {"order": 2, "state": "frozen"}),
    ("three courses", {"order": 2, "session": SessionTold("next", "used", NOW)}),
    *(("many courses", {"order": 2, "state": "ended"}),) * 9,
)
"""What is shown, and what is told of the last of them."""
_ONCE = re.compile("nonce=[0-9a-f]+")
_IDS = re.compile("[0-9a-f-]{36}|nonce=[0-9a-f]+")


@dataclass
class Walk:
    """What people were answered, in the order of their taps, and to what."""

    session: Session
    clinic: Clinic
    table: Table
    language: str
    beside: Sequence[Channel] = ()
    """What there is besides LINE: the clinic's SMS and mail."""
    seen: dict[str, tuple[str, Messages]] = field(default_factory=dict)

    def all(self) -> list[tuple[str, Messages]]:
        """A guest's, those of the same who has just joined, and of the demo's member with a year behind him."""
        guest, ken = self._talk("U" + "9" * 32), self._talk(demo.user_id("ken"))
        links = self.clinic.own_settings["links"]
        self.clinic.choose(links=links | {"public_review": "https://reviews.example/aura"})
        for one in (guest, ken):
            one.tap("language", to=self.language)
        self._hear("follow", guest.event("follow"))
        self._taps(guest, ["help", "points", "friend_code"], but="join")
        self._taps(guest, ["join", "help"])
        for words in (check_in.day_text(self.clinic, self.session, NOW.date()), *SAID):
            self._hear(words, ken.say(words))
        ken.now = NOW + timedelta(hours=12)  # at night it says besides when somebody is back
        for words in SAID:
            self._hear(f"night {words}", ken.say(words))
        ken.now = NOW
        self._taps(ken, ["help", "birthday", "review", "prices"])
        self._books(ken)
        self._taps(ken, ["redemptions", "appointments"])  # by now there are some
        self._buys(ken)
        self._linked(ken)
        self._well(self._talk("U" + "8" * 32))
        self._written_to(self._talk("U" + "7" * 32))
        return list(self.seen.values())

    def _well(self, talk: Talk) -> None:
        """Who receives offers says that all is well after a treatment."""
        talk.tap("language", to=self.language)
        talk.tap("join")
        customer = talk.row.customer
        assert customer is not None
        customer.adult = True
        consent.decide(
            self.session, customer, purpose=consent.MARKETING, channel="line", granted=True, text="offers", now=NOW
        )  # fmt: skip
        self._hear("all_well", talk.tap("all_well"))

    def _written_to(self, talk: Talk) -> None:
        """Who proves an address, and is asked for offers over what there is besides LINE."""
        self.clinic.choose(channels={**self.clinic.own_settings.get("channels", {}), **MAILING})
        talk.tap("language", to=self.language)
        talk.tap("join")
        talk.tap("age", answer="adult")
        self._hear("own_email", talk.tap("own_email"))
        self._hear("address", talk.say("mali@mail.example"))
        self._hear("mail code", talk.say(sent(self.session)[1]))
        assert talk.row.customer is not None
        identify(self.session, talk.row.customer, "phone", "+66812345678", NOW)
        for name in ("own_email", "message_settings", "ways_to_reach"):
            self._hear(f"{name} standing", talk.tap(name))
        suppressions.add(self.session, self.clinic, "email", "mali@mail.example", "complained", talk.now)
        self._hear("own_email refused", talk.tap("own_email"))
        self._hear("ask_offers_by", talk.tap("ask_offers_by", channel="sms"))

    def _books(self, talk: Talk) -> None:
        """One appointment more than are shown, as a booking system tells them."""
        assert talk.row.customer is not None
        person = Person(name="Ken Tanaka", token=booking_links.token(self.session, talk.row.customer, NOW))
        for days in range(1, SHOWN + 2):
            at = NOW + timedelta(days=days)
            details = Details(person, at, at + timedelta(minutes=45), service="HydraFacial")
            told = AppointmentTold(f"ken-{days}", "booked", micros(NOW), NOW, details)
            appointments.told(self.session, self.clinic, "standard", told, NOW)

    def _buys(self, talk: Talk) -> None:
        """One course, and then more than stand in one bubble, with all that can be said of one."""
        assert talk.row.customer is not None
        person = Person(token=booking_links.token(self.session, talk.row.customer, NOW))
        child = Person(id="ploy", name="Ploy")
        for number, (said, more) in enumerate(COURSES):
            sale = Sale(person, 10, NOW.date(), LONG_NAME if number else "HydraFacial × 10", controlled=number == 0)
            first = CourseTold(f"C{number}", 0, NOW, sale=sale, ends_on=date(2026, 12, 31))
            planned = SessionTold("next", "planned", NOW + timedelta(days=2))
            for fact in (first, replace(first, order=1, sale=None, session=planned), replace(first, sale=None, **more)):
                courses.told(self.session, self.clinic, "standard", fact, NOW)
            if number == 2:
                share = ShareTold("C2-ploy", child, 3)
                courses.told(
                    self.session, self.clinic, "standard", replace(first, order=3, sale=None, share=share), NOW
                )
            self._hear(said, talk.tap("courses"))

    def _linked(self, talk: Talk) -> None:
        """With a record of the clinic's, by the code that leads to it."""
        record = new_customer(self.session, self.clinic, NOW)
        names.call(self.session, record, "Ken Tanaka")
        contacts.tell(self.session, record, "phone", "+66812345678", source="standard", now=NOW)
        self.session.flush()
        _row, code = one_time.begin(self.session, record, "link", NOW, by="staff")
        self._hear("link_record", talk.tap("link_record"))
        yes, *_ = self._hear("code", talk.say(code))
        self._hear("yes", talk.event("postback", postback={"data": yes}))
        child = new_customer(self.session, self.clinic, NOW)
        names.call(self.session, child, "Ploy Tanaka")
        self.session.flush()
        _row, code = one_time.begin(self.session, child, "grant", NOW, by="customer", what="bookings")
        yes, *_ = self._hear("grant", talk.say(code))
        self._hear("accepted", talk.event("postback", postback={"data": yes}))

    def _talk(self, user_id: str) -> Talk:
        talk = Talk(self.session, self.clinic, self.table, user_id, *self.beside)
        talk.picture = lambda *_: "https://aura-clinic.example/qr.png"
        return talk

    def _taps(self, talk: Talk, begin: list[str], but: str = "") -> None:
        """All buttons that can be reached from these, each once, without those of another language."""
        waiting, tapped = deque(begin), {but}
        while waiting:
            data = waiting.popleft()
            if data.startswith("language") or _ONCE.sub("", data) in tapped:
                continue
            tapped.add(_ONCE.sub("", data))
            outcome = talk.event("postback", postback={"data": data, "params": {"date": BORN}})
            waiting.extend(self._hear(data, outcome))

    def _hear(self, name: str, outcome: Outcome) -> list[str]:
        messages = wire(outcome.reply) if outcome.reply.messages else []
        if messages:
            self.seen.setdefault(_IDS.sub("", json.dumps(messages)), (name, messages))
        return list(buttons(messages))


def buttons(content: Any) -> Iterator[str]:
    """The data of all that can be tapped."""
    if isinstance(content, list):
        for one in content:
            yield from buttons(one)
    elif isinstance(content, dict):
        if content.get("type") in ("postback", "datetimepicker") and "data" in content:
            yield content["data"]
        for one in content.values():
            yield from buttons(one)
