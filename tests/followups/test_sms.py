"""Follow-ups as SMS: which kinds go, in which words, when, to whom, and where their links lead."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.accounts import Accounts, sms_account
from channels.followed import SHORT, code_of, leading
from channels.message import Link
from channels.sms.channel import SmsChannel
from channels.sms.text import measure
from customers import contacts
from customers.people import identify
from followups import hours, texts
from followups.errors import BadRule
from followups.kind import kinds
from followups.texts import Template
from models.base import new_id
from models.clinics import Clinic
from models.conversations import Send
from models.customers import LineLink
from models.followups import FollowupExecution
from models.short_links import ShortLink
from privacy import consent
from runtime.addresses import Addresses
from runtime.context import Runtime
from runtime.language import BANGKOK, LANGUAGES, Language
from runtime.settings import Settings
from runtime.timing import Timing
from tests.fixtures.clinic import NOW
from tests.fixtures.running import RunningSimulator
from tests.followups.post import DAY, HOUR, Post, visited_long_ago

PHONE = "+66812345678"
WORDS = {
    "customerName": "Mali", "clinicName": "Aura Clinic", "treatmentName": "HydraFacial", "visitDate": "3 Feb",
    "appointmentDate": "Friday 6 February", "appointmentTime": "14:00", "branchName": "Siam", "service": "Laser",
    "amount": "฿3,200", "dueDate": "20 February", "courseName": "Acne course", "sessionsLeft": "2", "sessions": "10",
    "left": "2 of 10 sessions left", "endDate": "30 April", "lastVisitDate": "1 December",
    "change": "is now on Friday 6 February at 14:00", "whatNow": "Should that not suit you, please tell us.",
}  # fmt: skip
OVER_SMS = [name for name in kinds if "sms" in kinds[name].channels]


@pytest.fixture
def sms(settings: Settings) -> SmsChannel:
    account = sms_account("thaibulksms", "key:secret", "AuraClinic", "http://127.0.0.1:1")

    def led(message: Any, slug: str, channel: str) -> Any:
        return leading(settings, message, slug, channel)

    return SmsChannel(Accounts({"aura": account}), Addresses(settings), Timing(), led)


@pytest.fixture
def post(
    session: Session, runtime: Runtime, clinic: Clinic, simulator: RunningSimulator, sms: SmsChannel, settings: Settings
) -> Post:
    clinic.choose(channels={"sms": {"registered_links": [f"{settings.public_url}/"]}})
    session.flush()
    return Post(session, runtime, clinic, simulator, (sms,))


def reached(session: Session, link: LineLink, *, proved: bool = True) -> LineLink:
    if proved:
        identify(session, link.customer, "phone", PHONE, NOW)
    else:
        contacts.tell(session, link.customer, "phone", PHONE, source="till", now=NOW)
    link.customer.adult = True
    session.commit()
    return link


def agree(session: Session, link: LineLink, channel: str) -> None:
    consent.decide(
        session, link.customer, purpose=consent.MARKETING, channel=channel, granted=True, text="May we?", now=NOW
    )
    session.commit()


def bodies(session: Session) -> list[str]:
    session.expire_all()
    return [(one.body or b"").decode() for one in session.scalars(select(Send).where(Send.channel == "sms"))]


@pytest.mark.parametrize("name", OVER_SMS)
@pytest.mark.parametrize("code", LANGUAGES)
def test_each_kind_has_words_for_a_locked_phone(name: str, code: str) -> None:
    kind = kinds[name]
    if name == "course_ended_call":
        return
    said = kind.words(Language(code), {one: WORDS[one] for one in kind.variables})["sms"]
    assert "Aura Clinic" in said
    assert not any(WORDS[one] in said for one in kind.private)
    assert measure(said).parts <= 3


def test_what_concerns_an_appointment_goes_on_where_line_is_blocked(session: Session, post: Post) -> None:
    link = reached(session, post.friend(), proved=False)
    link.unfollowed_at = NOW
    post.rule("appointment_reminder", "line", "sms")
    post.tell(link, "A1", "booked", NOW + 2 * DAY, NOW)
    post.say(NOW + DAY + HOUR)
    assert post.deliveries() == [("sms", "queued", None), ("line", "skipped", "not_reachable")] or post.deliveries()[
        ::-1
    ] == [("sms", "queued", None), ("line", "skipped", "not_reachable")]
    (body,) = bodies(session)
    assert "Aura Clinic" in body or "ออร่า" in body


def test_an_offer_does_not_without_a_consent_of_its_own(session: Session, post: Post) -> None:
    link = reached(session, post.friend())
    link.unfollowed_at = NOW
    agree(session, link, "line")
    post.rule("inactive_reactivation", "line", "sms")
    visited_long_ago(post, link)
    post.say(NOW + HOUR + timedelta(minutes=1))
    assert post.fates() == [("skipped", "not_reachable")]
    assert bodies(session) == []


def offered(session: Session, post: Post, *, proved: bool = True, at: datetime = NOW + HOUR) -> list[str]:
    link = reached(session, post.friend(), proved=proved)
    agree(session, link, "sms")
    post.rule("inactive_reactivation", "sms")
    visited_long_ago(post, link)
    post.say(at + timedelta(minutes=1))
    return bodies(session)


def test_with_one_it_goes_and_names_the_way_out(session: Session, post: Post) -> None:
    (body,) = offered(session, post)
    assert body.splitlines()[-1].startswith("ไม่รับข้อเสนอ")
    (send,) = session.scalars(select(Send))
    assert send.not_after is not None
    left = send.not_after - send.created_at
    assert timedelta(hours=7) < left < timedelta(hours=7, minutes=30)  # from 12:31 until 20:00


def test_and_never_to_a_phone_that_somebody_else_has_told(session: Session, post: Post) -> None:
    assert offered(session, post, proved=False) == []
    assert post.fates() == [("skipped", "not_proved")]


def test_an_offer_waits_for_the_hours_of_sms(session: Session, post: Post) -> None:
    own = post.clinic.own_settings["channels"]["sms"]
    post.clinic.choose(channels={"sms": {**own, "offers_from": "14:00", "offers_until": "15:00"}})
    session.commit()
    assert offered(session, post) == []
    (one,) = session.scalars(select(FollowupExecution))
    assert (one.status, one.reason) == ("planned", "quiet_hours")
    assert one.due_at == datetime(2026, 2, 3, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Asia/Bangkok", "Asia/Tokyo", "Europe/London", "America/New_York"])
def test_no_offer_ever_goes_in_thailands_night(clinic: Clinic, session: Session, zone: str) -> None:
    clinic.choose(voice={"zone": zone}, channels={"sms": {"offers_from": "09:00", "offers_until": "21:00"}})
    session.flush()
    for quarter in range(96 * 2):
        at = NOW + quarter * timedelta(minutes=15)
        opens = hours.sms_opens(clinic, at)
        if opens is None:
            assert zone == "America/New_York"
            continue
        local = opens.astimezone(BANGKOK)
        assert 9 <= local.hour < 21
        closes = hours.sms_closes(clinic, opens)
        assert closes.astimezone(BANGKOK).date() == local.date()
        assert closes > opens


@pytest.mark.parametrize(
    "wrong", [{"offers_from": "08:59"}, {"offers_until": "21:01"}, {"offers_from": "12:00", "offers_until": "12:00"}]
)
def test_no_clinic_may_have_it_otherwise(clinic: Clinic, wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="offers_"):
        clinic.choose(channels={"sms": wrong})


def text(**words: Any) -> Template:
    return Template({"th": {"message": "สวัสดีค่ะ", **words}})  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"message": "ดูที่ https://elsewhere.example"}, "registered"),
        ({"message": "สวัสดีค่ะ", "sms": "ดูที่ https://elsewhere.example"}, "registered"),
        ({"links": [{"label": "ดู", "url": "https://bit.ly/x"}]}, "shortens"),
        ({"message": "ก" * 700}, "parts"),
        ({"sms": "คุณทำ {treatmentName} แล้ว"}, "locked phone"),
    ],
)
def test_what_no_operator_carries_is_refused_when_it_is_written(post: Post, words: dict[str, Any], says: str) -> None:
    with pytest.raises(BadRule, match=says):
        post.rule("post_treatment", "line", "sms", template=text(**words))
    if says != "locked phone":
        assert post.rule("post_treatment", "line", template=text(**words)).id


def test_a_link_needs_our_own_address_registered(session: Session, post: Post) -> None:
    below = {"links": [{"label": "ดู", "url": "https://aura.example/x"}]}
    assert post.rule("post_treatment", "sms", template=text(**below)).id
    post.clinic.choose(channels={"sms": {"registered_links": ["https://aura.example/"]}})
    session.commit()
    with pytest.raises(BadRule, match="registered"):
        post.rule("post_treatment", "sms", template=text(**below))


def test_a_link_is_a_short_address_that_leads_on_and_is_counted(
    session: Session, post: Post, settings: Settings, make_app: Callable[..., Any]
) -> None:
    link = reached(session, post.friend())
    post.rule(
        "appointment_reminder", "sms", template=text(links=[{"label": "แผนที่", "url": "https://aura.example/map"}])
    )
    post.tell(link, "A1", "booked", NOW + 2 * DAY, NOW)
    post.say(NOW + DAY + HOUR)
    (body,) = bodies(session)
    address = body.rsplit(" ", 1)[1]
    assert address.startswith(f"{settings.public_url}/s/aura/")
    assert len(address.removeprefix(f"{settings.public_url}/s/")) == len("aura/") + 10
    assert session.scalars(select(ShortLink.leads_to)).all() == ["https://aura.example/map"]
    execution = session.scalars(select(FollowupExecution)).one()
    execution.due_at = datetime.now(UTC)
    session.scalars(select(ShortLink)).one().made_at = datetime.now(UTC)
    session.commit()
    app = make_app(settings).test_client()
    people = {"User-Agent": "Mozilla/5.0 (iPhone) Mobile Safari", "Accept-Language": "th"}
    answer = app.get(address.removeprefix(settings.public_url), headers=people)
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://aura.example/map")
    session.expire_all()
    assert execution.clicked_at is not None
    for wrong in ("/s/aura/2222222222", "/s/nobody/" + address[-10:], "/s/aura/x", "/s/aura/" + "0" * 10):
        assert app.get(wrong, headers=people).status_code == 404


def test_a_code_is_the_same_whenever_it_is_drawn_and_no_others() -> None:
    one = Link("https://aura.example", new_id(), 0, NOW)
    assert code_of(one, "sms") == code_of(Link("https://other.example", one.execution_id, 0, NOW + DAY), "sms")
    assert len({code_of(Link("", new_id(), number % 4, NOW), name) for number in range(300) for name in SHORT}) == 300


def test_of_words_that_name_a_treatment_the_kinds_own_are_said(session: Session, post: Post) -> None:
    kind = kinds["post_treatment"]
    assert texts.briefly({"message": "คุณทำ {treatmentName} แล้ว"}, kind) is None
    assert texts.briefly({"message": "คุณทำ {treatmentName} แล้ว", "sms": "สวัสดีค่ะ"}, kind) == "สวัสดีค่ะ"
    assert texts.briefly({"message": "สวัสดีค่ะ {customerName}"}, kind) == "สวัสดีค่ะ {customerName}"
