"""What the staff's group is shown, on a phone, in each language: all of each card, and none of its words cut."""

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.cards import staff_notices as notices
from bot.routes import Table
from bot.words import wording
from channels.line.render import wire
from customers import cards, families, meters, staff, staff_members
from customers.people import meet_on_line
from customers.voice import language_of
from facts import answered, appointments, courses
from facts.merged import merge
from facts.paid import paid
from facts.told import AppointmentTold, CourseTold, Details, Person, Sale
from facts.visited import visited
from followups import rules, tasks
from followups.rules import Draft
from local import demo
from loyalty import points, rewards
from models.clinics import Clinic
from models.conversations import Send
from models.customers import Customer
from models.facts import Referral, Visit
from models.followups import FollowupExecution
from models.one_time import OneTimeCode
from models.rewards import Reward
from models.staff import StaffAct, StaffMember
from models.staff_notices import StaffNotice
from runtime.language import LANGUAGES, Language
from tests.bot.room import NID, Room
from tests.bot.test_one_time_codes import code_in
from tests.bot.test_one_time_codes import record as booked
from tests.browser.conftest import MALI, Line
from tests.browser.whole import CUT, watch
from tests.fixtures.clinic import NOW, Talk
from tests.fixtures.rewards import enrich

Messages = list[dict[str, Any]]
PHONE = "081-234-5678"
LONG = "รอนานมากกว่าหนึ่งชั่วโมงทั้งที่นัดไว้ก่อนแล้ว พนักงานไม่แจ้งอะไรเลย อยากให้ปรับปรุงเรื่องคิวและการสื่อสารกับลูกค้าด้วย"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    return watch(monkeypatch, lambda room: room.startswith("staff"))


@dataclass
class Day:
    """All that a group is shown in a day, by the words that brought it."""

    session: Session
    clinic: Clinic
    table: Table
    t: Language
    seen: list[tuple[str, Messages]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ploy = Room(self.session, self.clinic, self.table)
        self.ploy.write(f"bind {staff.make_code(self.session, self.clinic, NOW)}")
        manager = self.session.scalars(select(StaffMember)).one()
        manager.name = "Ploy"
        nid = staff_members.meet(self.session, manager.group, NID, NOW)
        staff_members.allow(self.session, nid, "staff", NOW, by="staff")
        nid.name = "Nid"
        self.nid = self.ploy.of(NID)
        self.mali = self.member("a", "Mali Srisuk")
        self.number = cards.spaced(str(self.mali.member_number))

    def member(self, letter: str, name: str) -> Customer:
        customer = meet_on_line(self.session, self.clinic, f"U{letter * 32}", NOW).customer
        customer.display_name = name
        points.create_loyalty_profile(self.session, customer, NOW)
        enrich(self.session, customer, 3_000)
        return customer

    def writes(self, room: Room, text: str) -> Messages:
        reply = room.write(text).reply
        messages = wire(reply) if reply.messages else []
        if messages:
            self.seen.append((text, messages))
        return messages

    def yes(self, room: Room, text: str) -> None:
        self.writes(room, text)
        self.writes(room, wording(self.t, "confirm"))

    def money(self) -> None:
        self.yes(self.ploy, f"{self.number} 3,500")
        self.writes(self.ploy, wording(self.t, "cancel_act"))
        self.writes(self.ploy, wording(self.t, "undo"))
        self.yes(self.ploy, f"{self.number} 3,800")
        self.writes(self.ploy, f"คืนเงิน {self.number} 3,800")
        self.writes(self.ploy, f"{self.number} 3,800")
        self.writes(self.ploy, f"{self.number} 32,000")
        self.writes(self.ploy, f"{self.number} 999,999")
        self.writes(self.ploy, self.number)
        self.yes(self.ploy, f"900 {PHONE}")
        self.yes(self.ploy, f"{wording(self.t, 'tie')} {self.number} {PHONE}")
        self.yes(self.ploy, f"{wording(self.t, 'adjust')} {self.number} +200 {LONG}")
        self.writes(self.ploy, f"{wording(self.t, 'visit')} {self.member('b', 'Ken Tan').member_number}")
        self.writes(self.ploy, f"{wording(self.t, 'find')} {self.number}")
        self.yes(self.ploy, f"{wording(self.t, 'unlink')} {self.number}")

    def offers(self) -> None:
        """Offers to somebody rest, and a call is asked for."""
        self.writes(self.ploy, f"{wording(self.t, 'pause_offers')} {self.number}")
        self.writes(self.ploy, wording(self.t, "paused"))
        draft = Draft(name="Call", channels=["call"], priority="high")
        rule = rules.make(self.session, self.clinic, "birthday_special", draft, NOW)
        self.mali.birth_month_day = f"{NOW.astimezone(self.clinic.settings.voice.zone):%m-%d}"
        due = FollowupExecution(
            clinic_id=self.clinic.id, rule_id=rule.id, rule_version=1, customer_id=self.mali.id, anchor="x",
            about_id=self.mali.id, purpose="marketing", due_at=NOW, not_after=NOW + timedelta(days=2), created_at=NOW,
        )  # fmt: skip
        self.session.add(due)
        self.session.flush()
        tasks.ask(self.session, due, NOW)
        self.writes(self.ploy, wording(self.t, "tasks"))

    def shares(self) -> None:
        """A course with a long name, of which another member is to have; asked for, asked back, done."""
        ken = f"{self.number} {cards.spaced(str(self.member('e', 'Kanchanaphisek Tan').member_number))}"
        for id_, name in (("1", "ไฮดราเฟเชียลผิวกระจ่างใส สูตรเข้มข้นพิเศษ 10 ครั้ง"), ("2", "Laser")):
            sale = Sale(Person(ours=self.mali.id), 10, NOW.date(), name=name)
            courses.told(self.session, self.clinic, "standard", CourseTold(id_, 1, NOW, sale=sale), NOW)
        words = wording(self.t, "share")
        for said in ("", f" {ken}", f" {ken} 1", f" {ken} 1 99"):
            self.writes(self.ploy, f"{words}{said}")
        self.yes(self.ploy, f"{words} {ken} 1 3")
        self.writes(self.ploy, wording(self.t, "cancel"))
        self.writes(self.ploy, wording(self.t, "undo"))

    def codes(self) -> None:
        reward = self.session.scalars(select(Reward).order_by(Reward.points.desc())).first()
        assert reward is not None
        taken = rewards.redeem(self.session, self.mali, reward.id, NOW)
        self.writes(self.nid, f"วันนี้ใช้ {taken.code} ได้ไหมคะ")
        self.writes(self.nid, taken.code)

    def others(self) -> None:
        stranger = self.ploy.of("U" + "f" * 32)
        self.writes(stranger, wording(self.t, "today"))
        for words in ("team", "group_help", "today"):
            self.writes(self.ploy, wording(self.t, words))

    def kept(self) -> None:
        """Appointments of the day, one of them for somebody with a long name; who came and who did not."""
        for number, name in enumerate((None, "คุณหญิงสมศรีสุดารัตน์ ณ อยุธยาราชธานี", "Nok")):
            before = timedelta(days=1) if name == "Nok" else timedelta(minutes=20 + number)
            details = Details(Person(ours=self.mali.id, name=name), NOW - before)
            told = AppointmentTold(str(number), "booked", 1, NOW, details)
            appointments.told(self.session, self.clinic, "calcom", told, NOW)
        self.session.execute(update(Visit).values(uncounted="void"))  # who is seen to be there is not awaited
        self.writes(self.ploy, wording(self.t, "today"))
        for phrase in ("no_show", "visit"):
            self.writes(self.nid, wording(self.t, phrase, "1"))
            self.writes(self.nid, wording(self.t, "cancel"))

    def links(self) -> None:
        """A friend asks by a phone, is found, types the code, and waits for a yes."""
        record = booked(self.session, self.clinic, "Somchai Rakdee", "1", "+66899998888")
        paid(
            self.session, record, source="till", external_id="0", amount=Decimal(900), paid_at=NOW, service_code=None,
            now=NOW,
        )  # fmt: skip
        friend = Talk(self.session, self.clinic, self.table, "U" + "b" * 32)
        for words in (wording(self.t, "link_record"), "0899998888"):
            friend.say(words)
        self.writes(self.ploy, f"{wording(self.t, 'find')} 0899998888")
        code = code_in(json.dumps(self.writes(self.ploy, f"{wording(self.t, 'link')} 0899998888")))
        friend.say(code)
        entered = self.session.scalars(select(OneTimeCode).where(OneTimeCode.state == "entered")).one()
        friend.tap("link", code=entered.id, answer="yes")
        for number, name in enumerate(("Mali Rakdee", "Ploy Rakdee")):
            one = booked(self.session, self.clinic, name, f"f{number}", f"+6681111111{number}")
            families.told(self.session, one, "email", "family@example.com", source="standard", now=NOW)
        self.writes(self.ploy, wording(self.t, "shared_contacts"))
        child = self.writes(self.ploy, f"{wording(self.t, 'find')} Ploy Rakdee")
        code = re.findall(r'"text": "\S+ (\w{4})"', json.dumps(child, ensure_ascii=False))[-1]
        until = (NOW + timedelta(days=900)).date()
        self.writes(self.ploy, f"{wording(self.t, 'grant')} {code} {self.number} parent {until}")
        self.writes(self.ploy, f"{wording(self.t, 'grant')} {code}")
        self.writes(self.ploy, wording(self.t, "today"))

    def notices(self) -> None:
        """What customers and other systems bring about, as it rides in the group's answers."""
        mali = Talk(self.session, self.clinic, self.table, "U" + "a" * 32)
        visit = visited(
            self.session, self.mali, source="till", external_id="1", visited_at=NOW, service_code=None, now=NOW
        )
        self.session.flush()
        mali.tap("rate", visit=visit.id, stars=2)
        mali.say(LONG)
        for one in ("copy_data", "erase_data_yes"):
            mali.tap(one)
        mali.say("ขอคุยกับเจ้าหน้าที่หน่อยค่ะ จองคิวไม่ได้")
        ken = Talk(self.session, self.clinic, self.table, "U" + "b" * 32)
        for words in ("เพิ่งฉีดฟิลเลอร์มา กินยาแก้ปวดได้ไหมคะ", "หลังฉีดฟิลเลอร์ปากบวมมาก หายใจไม่ออก"):
            ken.say(words)
        paid(
            self.session, self.mali, source="till", external_id="2", amount=Decimal(3_800), paid_at=NOW,
            service_code=None, now=NOW,
        )  # fmt: skip
        self.clinic.choose(**(self.clinic.own_settings | {"referral": {"daily_limit": 0}}))
        friend = self.member("c", "Nok Dee")
        brought = Referral(
            clinic_id=self.clinic.id, referrer_id=self.mali.id, friend_id=friend.id, state="bound", bound_at=NOW
        )
        self.session.add(brought)
        self.session.flush()
        paid(
            self.session, friend, source="till", external_id="3", amount=Decimal(3_500), paid_at=NOW,
            service_code=None, now=NOW,
        )  # fmt: skip
        twin = booked(self.session, self.clinic, "Mali Srisuk", "9", "+66811111119")
        for who, source in ((self.mali, "till"), (twin, "square")):
            paid(
                self.session, who, source=source, external_id="4", amount=Decimal(4_100), paid_at=NOW,
                service_code=None, now=NOW,
            )  # fmt: skip
        merge(self.session, twin, self.mali, NOW, actor="staff")
        self.ploy.talk.now = NOW + timedelta(minutes=5)
        self.writes(self.ploy, "ไปกินข้าวกัน")
        for words in ("doubted", "review_referrals", "data_requests"):
            self.writes(self.ploy, wording(self.t, words))
        self.ploy.talk.now = NOW + timedelta(days=1)
        self.writes(self.ploy, "ไปกินข้าวกัน")

    def answers(self) -> None:
        """What was told of two customers in one message is quoted, and one of them is answered."""
        told = self.session.scalars(select(StaffNotice).where(StaffNotice.kind.in_(["person_wanted", "emergency"])))
        for notice in told:
            notice.message_id = "m1"
        for letter in "ab":
            one = Talk(self.session, self.clinic, self.table, f"U{letter * 32}")
            one.now = self.ploy.talk.now
            one.say("ขอคุยกับเจ้าหน้าที่ค่ะ")
        self.session.flush()
        words = {"type": "text", "id": "2", "text": LONG, "quotedMessageId": "m1"}
        self.seen.append(("quoted", wire(self.ploy.event("message", message=words).reply)))
        self.writes(self.ploy, wording(self.t, "hand_back"))
        act = self.session.scalars(select(StaffAct).where(StaffAct.kind == "answer")).first()
        assert act is not None
        self.writes(self.ploy, wording(self.t, "send_answer", act.code))
        push = self.session.get_one(Send, (act.send_id, act.clinic_id))
        push.state = "failed"
        answered.settled(self.session, push, self.ploy.talk.now)
        push.error = "quota 429"
        meters.refused_pushes(self.session, [push], self.ploy.talk.now)
        self.session.flush()
        self.writes(self.ploy, wording(self.t, "today"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_of_each_card_is_seen(
    phone: Page, line: Line, session: Session, table: Table, tmp_path: Path, drawn: dict[str, bool], language: str
) -> None:
    clinic = demo.demo_clinic(session, NOW)
    clinic.choose(voice=clinic.own_settings["voice"] | {"languages": [language, *(set(LANGUAGES) - {language})]})
    day = Day(session, clinic, table, language_of(clinic, None))
    day.money()
    day.offers()
    day.shares()
    day.codes()
    day.others()
    day.kept()
    day.links()
    day.notices()
    day.answers()
    assert [name for name, seen in drawn.items() if not seen] == []
    told = {one.kind for one in session.scalars(select(StaffNotice)) if one.state == "sent"}
    assert told == set(notices.kinds)
    made = line.http.post("/sim/groups", json={"name": "ทีมงาน", "members": [MALI]}).json()
    line.clinic.heard("join")
    phone.get_by_test_id("group").click()
    expect(phone.get_by_test_id("head-name")).to_have_text("ทีมงาน")
    phone.emulate_media(reduced_motion="reduce")
    cut, items = {}, 0  # the group is new: what is counted at once may be of the chat before it
    for place, (words, messages) in enumerate(day.seen):
        line.push(made["group_id"], *messages)
        items += len(messages)
        expect(phone.get_by_test_id("chat-item")).to_have_count(items)
        if missing := phone.evaluate(CUT):
            cut[f"{place} {words}"] = missing
        phone.screenshot(path=tmp_path / f"{place:03}.png")
        for beside, one in enumerate(phone.get_by_test_id("chat-item").last.locator(".fx-bubble").all()[1:]):
            one.scroll_into_view_if_needed()
            phone.screenshot(path=tmp_path / f"{place:03}-{beside + 2}.png")
    assert cut == {}
