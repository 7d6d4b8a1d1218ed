"""Follow-ups by mail: which kinds go, with which subject, to whom, in which order, and what becomes of them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from channels.accounts import Accounts, MailAccount
from channels.base import channels as made_of
from channels.calls import Calls, Lane
from channels.email.channel import EmailChannel
from channels.email.draw import Drawn
from channels.email.smtp import Smtp
from channels.followed import leading
from channels.outbox import Ended, Outbox
from customers import contacts
from customers.people import identify
from followups import fates, rules
from followups.kind import kinds
from followups.rules import Draft
from followups.texts import Template
from models.clinics import Clinic
from models.conversations import Send
from models.customers import LineLink
from models.followups import FollowupDelivery, FollowupRule, Words
from privacy import suppressions
from runtime.context import Runtime
from runtime.keys import Vault
from runtime.language import LANGUAGES, Language
from runtime.settings import Settings
from runtime.timing import Timing
from tests.channels.email.conftest import make_post
from tests.channels.email.post import Post
from tests.fixtures.clinic import NOW
from tests.fixtures.waiting import carry
from tests.followups.gate import CARE, OFFER, Gate
from tests.followups.test_sms import WORDS

MAIL = "mali@mail.example"
OVER_MAIL = [name for name in kinds if "email" in kinds[name].channels]
HOUR = timedelta(hours=1)
__all__ = ["make_post"]


@pytest.fixture
def server(make_post: Callable[..., Post]) -> Post:
    return make_post()


@pytest.fixture
def mail(settings: Settings, server: Post) -> Iterator[EmailChannel]:
    account = MailAccount("127.0.0.1", server.port, "", "", "hello@aura.example")
    smtp = Smtp("aura.example")
    yield EmailChannel(
        Accounts(mail={"aura": account}), smtp, settings, Vault.from_settings(settings), partial(leading, settings)
    )
    smtp.close()


@pytest.fixture
def gate(session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, mail: EmailChannel) -> Gate:
    clinic.line_basic_id = "@aura"
    identify(session, mali.customer, "email", MAIL, NOW)
    mali.customer.language = "en"
    return Gate(session, runtime, clinic, mali.customer, (mail,))


@pytest.fixture
def outbox(sessions: sessionmaker[Session], mail: EmailChannel) -> Outbox:
    timing = Timing()

    def settled(session: Session, ended: Sequence[Ended]) -> None:
        for one in ended:
            suppressions.learn(session, one.send, NOW)
        fates.settled(session, [one.send for one in ended], NOW)

    return Outbox(sessions, made_of(mail), Calls(timing), timing, Lane(lambda: None), settled)


def frozen(session: Session) -> list[Drawn]:
    session.expire_all()
    return [Drawn.thaw(one.body or b"") for one in session.scalars(select(Send).where(Send.channel == "email"))]


def arrived(server: Post) -> EmailMessage:
    return message_from_bytes(server.letters[-1], policy=policy.default)


@pytest.mark.parametrize("name", OVER_MAIL)
@pytest.mark.parametrize("code", LANGUAGES)
def test_each_kind_has_a_subject_for_a_locked_phone(name: str, code: str) -> None:
    kind = kinds[name]
    said = kind.words(Language(code), {one: WORDS[one] for one in kind.variables})
    assert 0 < len(said["subject"]) <= 60
    assert not any(WORDS[one] in said["subject"] for one in kind.private)


def test_these_may_go_by_mail() -> None:
    assert {"payment_reminder", "satisfaction_survey", "inactive_reactivation", "birthday_special",
            "upsell_opportunity", "post_treatment"} <= set(OVER_MAIL)  # fmt: skip
    assert not {"appointment_reminder", "appointment_changed"} & set(OVER_MAIL)


def test_a_care_mail_arrives_with_its_way_out(gate: Gate, session: Session, server: Post, outbox: Outbox) -> None:
    rule = gate.rule(CARE, "email")
    assert gate.said(rule, NOW) == ("sent", None)
    assert carry(outbox, gate.clinic.id)
    seen = arrived(server)
    assert seen["To"] == MAIL and seen["Subject"] == "How are you today?"
    assert "/u/aura/" in seen["List-Unsubscribe"]
    send = session.scalars(select(Send).where(Send.channel == "email")).one()
    session.refresh(send)
    assert send.state == "sent" and seen["Message-ID"].startswith(f"<{send.id.hex}@")


def test_a_blocked_line_leaves_care_to_mail_and_offers_to_nobody(gate: Gate, session: Session, mali: LineLink) -> None:
    mali.followed_at, mali.unfollowed_at = NOW - HOUR, NOW
    gate.agree()
    assert gate.said(gate.rule(CARE, "line", "email"), NOW) == ("sent", None)
    assert gate.said(gate.rule(OFFER, "line", "email"), NOW) == ("skipped", "not_reachable")
    assert len(frozen(session)) == 1


def test_an_offer_wants_a_consent_to_mail_itself(gate: Gate, session: Session) -> None:
    assert gate.said(gate.rule(OFFER, "email"), NOW) == ("skipped", "no_consent")
    gate.agree(channel="email")
    assert gate.said(gate.rule(OFFER, "email"), NOW) == ("sent", None)
    assert [one.purpose for one in frozen(session)] == ["marketing"]


def test_nobody_is_written_to_who_has_objected_to_mail(gate: Gate) -> None:
    gate.decide("care", granted=False, channel="email")
    assert gate.said(gate.rule(CARE, "email"), NOW) == ("skipped", "opted_out")


@pytest.mark.parametrize(("host", "why"), [("127.0.0.1", "no_address"), (None, "no_email")])
def test_who_cannot_be_written_to_has_a_reason(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, settings: Settings, host: str | None, why: str
) -> None:
    account = {"aura": MailAccount(host, 25, "", "", "hello@aura.example")} if host else {}
    channel = EmailChannel(Accounts(mail=account), Smtp("x"), settings, Vault.from_settings(settings))
    gate = Gate(session, runtime, clinic, mali.customer, (channel,))
    assert gate.said(gate.rule(CARE, "email"), NOW) == ("skipped", why)


def test_what_the_clinic_was_told_is_good_for_care_only(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, mail: EmailChannel
) -> None:
    contacts.tell(session, mali.customer, "email", MAIL, source="till", now=NOW)
    gate = Gate(session, runtime, clinic, mali.customer, (mail,))
    gate.agree(channel="email")
    assert gate.said(gate.rule(CARE, "email"), NOW) == ("sent", None)
    assert gate.said(gate.rule(OFFER, "email"), NOW) == ("skipped", "not_proved")


def test_nobody_there_is_written_to_no_more(
    gate: Gate, session: Session, server: Post, outbox: Outbox, clinic: Clinic
) -> None:
    server.answers["RCPT"] = ["550 5.1.1 no such user"]
    rule = gate.rule(CARE, "email")
    gate.said(rule, NOW)
    carry(outbox, clinic.id)
    assert suppressions.holds(session, clinic, "email", MAIL)
    session.expire_all()
    delivery = session.scalars(select(FollowupDelivery)).one()
    assert (delivery.state, delivery.reason) == ("failed", "no_such_mailbox")
    assert gate.said(rule, NOW + HOUR * 25) == ("skipped", "suppressed")


def test_a_mail_without_an_answer_is_sent_once(gate: Gate, session: Session, server: Post, outbox: Outbox) -> None:
    server.cut = True
    gate.said(gate.rule(CARE, "email"), NOW)
    carry(outbox, gate.clinic.id)
    send = session.scalars(select(Send).where(Send.channel == "email")).one()
    session.refresh(send)
    assert (send.state, send.error) == ("unknown", "unknown")
    assert len(server.letters) == 1 and not carry(outbox, gate.clinic.id)


def own(gate: Gate, subject: str) -> FollowupRule:
    words: Words = {"subject": subject, "message": "After {treatmentName}: how are you?"}
    draft = Draft(name="own", channels=["email"], active=True, template=Template({"en": words, "th": words}))
    return rules.make(gate.session, gate.clinic, CARE, draft, NOW)


@pytest.mark.parametrize(
    ("subject", "read"),
    [("After your {treatmentName}", "A message from Aura Clinic"), ("Hello {customerName}", None), ("", None)],
)
def test_a_subject_names_no_treatment(gate: Gate, session: Session, subject: str, read: str | None) -> None:
    """The body may: a mail is opened by who can open the phone."""
    assert gate.said(own(gate, subject), NOW)[0] in ("sent", "skipped")
    for one in frozen(session):
        assert "ydra" not in one.subject
        assert read is None or one.subject == read
        assert "ydra" in one.text
