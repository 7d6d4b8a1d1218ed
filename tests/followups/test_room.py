"""How much stands below a text: what a card has no room for is refused when it is written, and what a channel does not
draw all the same leaves the next one.
"""

from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from channels.call import CallChannel
from channels.in_app import InAppChannel
from channels.line.channel import LineChannel
from channels.line.client import Line
from channels.message import Message
from customers.voice import in_language
from followups import links, rules, templates, texts
from followups.errors import BadRule
from followups.kind import kinds
from followups.rules import Draft
from followups.texts import Template
from models.base import new_id
from models.clinics import Clinic
from models.customers import LineLink
from models.followups import FollowupDelivery, FollowupExecution, FollowupTemplate, LinkWords, Words
from runtime.context import Runtime
from runtime.language import LANGUAGES
from tests.channels.pigeon import Pigeon
from tests.fixtures.clinic import NOW
from tests.followups.gate import CARE, Gate

LINKS: list[LinkWords] = [{"label": f"Page {number}", "url": f"https://aura.example/{number}"} for number in range(3)]
TWO = {"post_treatment", "upsell_opportunity", "inactive_reactivation", "course_ending", "course_ended",
       "course_ended_call", "course_few_left"}  # fmt: skip
"""Kinds with two buttons of their own."""


def linking(many: int, *, in_words: bool = False) -> Words:
    """To so many addresses; the last of them in the words."""
    below = LINKS[: many - in_words]
    return {"message": f"Look: {LINKS[many - 1]['url']}" if in_words else "Hello", "links": below}


@pytest.mark.parametrize(("kind", "many", "in_words"), [
    (name, many, in_words) for name, many in product(kinds, range(3)) for in_words in ({False, many > 0})
])  # fmt: skip
def test_what_is_kept_is_drawn_in_every_language(
    session: Session, clinic: Clinic, kind: str, many: int, in_words: bool
) -> None:
    words = linking(many, in_words=in_words)
    given = Template(texts=dict.fromkeys(LANGUAGES, words))
    draft = Draft(name="R", channels=kinds[kind].channels[:1], template=given)
    if kind in TWO and many == 2:
        for refused in (
            lambda: rules.make(session, clinic, kind, draft, NOW),
            lambda: templates.make(session, clinic, kind, "T", given, NOW),
        ):
            with pytest.raises(BadRule, match=r"link to at most 1 address, those in the words among them: .* stand 2 "):
                refused()
        return
    rule = rules.make(session, clinic, kind, draft, NOW)
    kept = session.scalars(select(FollowupTemplate).where(FollowupTemplate.id == rule.template_id)).one()
    one = FollowupExecution(id=new_id(), due_at=NOW)
    for code in LANGUAGES:
        t = in_language(clinic, code)
        below = links.buttons(one, kept.texts[code], kinds[kind].buttons(t))
        assert len(below) == many + len(kinds[kind].buttons(t))
        assert LineChannel(Line()).render(Message("Hello", buttons=below), clinic, t)


@pytest.mark.parametrize(
    "url", ["https://aura.example/{customerName}", "https://aura.example/a}", "https://{a}.example"]
)
def test_an_address_below_has_no_variables(url: str) -> None:
    with pytest.raises(BadRule, match="variables") as refused:
        links.checked(
            "t", {"message": "Hello", "links": [{"label": "Book", "url": url}]}, kinds["appointment_reminder"]
        )
    assert refused.value.field == "t.links.0.url"


@pytest.mark.parametrize("unseen", ["\u200b", " \u2060\n\ufeff", "\u3164", "\u202e\u2069"])
def test_what_nobody_sees_says_nothing(clinic: Clinic, unseen: str) -> None:
    wrong: dict[str, Words] = {
        "message": {"subject": "Hello", "message": unseen},
        "links.0.label": {"message": "Hello", "links": [{"label": unseen, "url": "https://aura.example"}]},
    }
    for place, words in wrong.items():
        with pytest.raises(BadRule) as refused:
            texts.written(clinic, kinds[CARE], Template(everywhere=words))
        assert refused.value.field == f"template.texts.th.{place}"
    kept = texts.written(clinic, kinds[CARE], Template(everywhere={"subject": unseen, "message": "สวัสดี"}))
    assert kept == {"th": {"subject": "", "message": "สวัสดี"}}


def crowded(gate: Gate, *over: str, delivery: str = "first") -> FollowupExecution:
    """Due now, and of more buttons than LINE draws, as no text is kept."""
    rule = gate.rule(CARE, *over)
    rule.delivery = "all" if delivery == "all" else "first"
    words: Words = {"subject": "", "message": "Hello", "links": LINKS[:2]}
    kept = FollowupTemplate(clinic_id=gate.clinic.id, version=1, type=CARE, texts=dict.fromkeys(LANGUAGES, words),
                            fallbacks={}, created_at=NOW)  # fmt: skip
    gate.session.add(kept)
    gate.session.flush()
    rule.template_id = kept.id
    id_ = gate.due(rule, NOW)
    with capture_logs() as logs:
        gate.pass_to(NOW)
    assert [(one["channel"], one["error"]) for one in logs if one["event"] == "a message does not fit"] == [
        ("line", "buttons at footer: 4, allowed 3")
    ]
    return gate.one(id_)


def told(session: Session) -> dict[str, tuple[str, str | None]]:
    return {one.channel: (one.state, one.reason) for one in session.scalars(select(FollowupDelivery))}


@pytest.fixture
def gate(session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink) -> Gate:
    mali.customer.display_name = "Mali"
    return Gate(session, runtime, clinic, mali.customer, (Pigeon("sms"), InAppChannel(), CallChannel()))


@pytest.mark.parametrize("delivery", ["first", "all"])
def test_what_one_channel_does_not_draw_goes_over_the_next(session: Session, gate: Gate, delivery: str) -> None:
    one = crowded(gate, "line", "sms", "in_app", delivery=delivery)
    assert (one.status, one.reason, one.failing_since) == ("sent", None, None)
    assert told(session) == {"line": ("failed", "too_much"), "sms": ("queued", None), "in_app": ("sent", None)}


def test_with_no_channel_left_it_ends_with_a_reason(session: Session, gate: Gate) -> None:
    one = crowded(gate, "line", "in_app")
    assert (one.status, one.reason, one.failing_since) == ("failed", "send_failed", None)
    assert told(session) == {"line": ("failed", "too_much")}
