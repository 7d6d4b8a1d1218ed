"""The customer's own page as a channel: a list like mail, and one message, which is read when it is opened."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels import in_app, outbox
from channels.in_app import InAppChannel
from channels.message import Action, Answer, Button, Figure, Message, Paragraph
from customers.voice import language_of
from followups import rules
from followups.rules import Draft
from models.clinics import Clinic
from models.conversations import Send
from models.customers import Customer, LineLink
from models.followups import FollowupDelivery, FollowupExecution
from runtime.clock import real
from tests.fixtures.clinic import make_clinic
from tests.fixtures.retention import forget
from tests.web.portal.conftest import PORTAL, Browser, member
from web.portal.messages import HERE

FULL = Message(
    title="How are you after your <HydraFacial>?",
    paragraphs=(Paragraph("Two days ago", "Drink much.\nRest well."), Paragraph(text="We are here for you.")),
    figures=(Figure("350", "points"),),
    answers=(Answer("★★★★★", "Very good", Action("rate", visit=uuid4(), stars=5)),),
    note="With care",
    buttons=(
        Button("All well", Action("all_well")), Button("My points", Action("points")),
        Button("Read more", "https://aura.example/l/aura/token"), Button("Not now", Action("not_now"), quiet=True),
    ),
    brief="How are you?", subject="A question", purpose="care",
)  # fmt: skip


def say(session: Session, customer: Customer, message: Message = FULL) -> Send:
    channel, clinic = InAppChannel(), customer.clinic
    body = channel.render(message, clinic, language_of(clinic, customer))
    send = outbox.write(session, channel, clinic, customer, str(customer.id), body, "follow_up")
    session.commit()
    return send


def read_at(session: Session, send: Send) -> datetime | None:
    session.refresh(send)
    return send.read_at


def test_what_was_drawn_is_read_as_it_was(clinic: Clinic, mali: LineLink) -> None:
    drawn = InAppChannel().render(FULL, clinic, language_of(clinic, mali.customer))
    assert in_app.read(drawn) == FULL


def test_an_empty_box_says_so(mine: Browser) -> None:
    page = mine.page("/messages")
    assert "No messages yet" in page.said


def test_a_message_is_new_until_it_is_opened(session: Session, mali: LineLink, mine: Browser) -> None:
    send = say(session, mali.customer)
    assert "Messages 1" in mine.page("").said
    listed = mine.page("/messages")
    assert "How are you after your <HydraFacial>? " in listed.said
    assert listed.said.endswith(" New")
    assert f"/portal/aura/messages/{send.id}" in listed.links
    assert read_at(session, send) is None
    page = mine.page(f"/messages/{send.id}")
    for words in ("Two days ago", "Drink much.", "Rest well.", "We are here for you.", "350", "points", "With care"):
        assert words in page.said
    assert "Messages 1" not in page.said
    first = read_at(session, send)
    assert first is not None
    assert not mine.page("/messages").said.endswith(" New")
    mine.page(f"/messages/{send.id}")
    assert read_at(session, send) == first


def test_its_buttons_lead_to_where_they_can_be_done(
    session: Session, clinic: Clinic, mali: LineLink, mine: Browser
) -> None:
    send = say(session, mali.customer)
    clinic.line_basic_id = None
    session.commit()
    links = mine.page(f"/messages/{send.id}").links
    assert "https://aura.example/l/aura/token" in links
    assert not [one for one in links if "line.me" in one]
    clinic.line_basic_id = "@aura"
    session.commit()
    page = mine.page(f"/messages/{send.id}")
    chats = [one for one in page.links if one.startswith("https://line.me/R/oaMessage/%40aura/?")]
    assert f"https://line.me/R/oaMessage/%40aura/?{quote('not for now')}" in chats
    # What is said with stars is said in the chat, where the stars are known.
    assert "https://line.me/R/ti/p/%40aura" in page.links
    assert "★★★★★ Very good" in page.said
    assert page.links.count("/portal/aura") == 2


@pytest.mark.parametrize("path", sorted(set(HERE.values())))
def test_an_action_of_the_chat_leads_to_a_page_that_is_there(mine: Browser, path: str) -> None:
    mine.page(path)


def test_opening_it_is_told_of_the_follow_up(session: Session, clinic: Clinic, mali: LineLink, mine: Browser) -> None:
    send, now = say(session, mali.customer), real()
    rule = rules.make(session, clinic, "post_treatment", Draft(name="After", channels=["line", "in_app"]), now)
    said = []
    for anchor, carried in (("x", send.id), ("y", uuid4())):
        one = FollowupExecution(
            clinic_id=clinic.id, rule_id=rule.id, rule_version=1, customer_id=mali.customer_id, anchor=anchor,
            about_id=mali.customer_id, purpose="care", status="sent", due_at=now, not_after=now, created_at=now,
            settled_at=now,
        )  # fmt: skip
        session.add(one)
        session.flush()
        session.add(
            FollowupDelivery(
                clinic_id=clinic.id, execution_id=one.id, channel="in_app", send_id=carried, state="sent",
                created_at=now, settled_at=now,
            )
        )  # fmt: skip
        said.append(one)
    session.commit()
    mine.page("/messages")
    session.expire_all()
    assert [one.opened_at for one in said] == [None, None]
    mine.page(f"/messages/{send.id}")
    session.expire_all()
    opened = said[0].opened_at
    assert (opened is not None, said[1].opened_at) == (True, None)
    mine.page(f"/messages/{send.id}")
    session.expire_all()
    assert said[0].opened_at == opened


def test_many_are_shown_in_pages(session: Session, mali: LineLink, mine: Browser) -> None:
    for number in range(41):
        say(session, mali.customer, Message(title=f"Message no. {number:02}", paragraphs=(Paragraph(text="Hello"),)))
    seen: list[str] = []
    at = "/messages"
    for more in (20, 20, 1):
        page = mine.page(at)
        here = re.findall(r"no\. (\d\d)", page.said)
        seen, older = [*seen, *here], [one for one in page.links if "before=" in one]
        assert (len(here), bool(older)) == (more, more == 20)
        at = older[0].removeprefix("/portal/aura") if older else ""
    assert seen == [f"{number:02}" for number in reversed(range(41))]
    assert "/portal/aura/messages" in page.links
    mine.page("/messages?before=nonsense", 400)


def test_what_is_no_message_of_ones_own_is_nothing(
    session: Session, clinic: Clinic, mine: Browser, browser_of: Callable[[Customer], Browser], mali: LineLink
) -> None:
    ken = member(session, clinic, "b")
    other = make_clinic(session, "glow", portal=PORTAL)
    session.commit()
    far = member(session, other, "a")
    line = say(session, mali.customer)
    line.channel = "line"
    session.commit()
    for send in (say(session, ken.customer), say(session, far.customer), line):
        mine.page(f"/messages/{send.id}", 404)
        assert read_at(session, send) is None
    mine.page(f"/messages/{uuid4()}", 404)
    assert "No messages yet" in mine.page("/messages").said


def test_it_is_kept_like_mail_and_everything_else_forgotten(session: Session, clinic: Clinic, mali: LineLink) -> None:
    kept, gone = say(session, mali.customer), say(session, mali.customer)
    gone.channel = "line"
    session.commit()
    assert forget(session, clinic, real() + timedelta(days=400)) == 1
    assert session.scalars(select(Send.id)).all() == [kept.id]


@pytest.mark.parametrize("message", [replace(FULL, title=""), Message(title="", paragraphs=(Paragraph(text="x"),))])
def test_a_message_without_a_title_has_a_heading(
    session: Session, mali: LineLink, mine: Browser, message: Message
) -> None:
    send = say(session, mali.customer, message)
    assert (message.subject or "A message from the clinic") in mine.page("/messages").said
    mine.page(f"/messages/{send.id}")
