"""What a text may link to: checked when it is written, with the reason."""

import json
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels import followed
from channels.base import channels
from channels.in_app import InAppChannel
from channels.line.channel import LineChannel
from channels.line.client import Line
from channels.message import Link
from customers.voice import language_of
from followups import dispatch, links, planner, rules, wording
from followups.errors import BadRule
from followups.kind import kinds
from followups.rules import Draft
from followups.texts import Template
from models.clinics import Clinic
from models.conversations import Send
from models.customers import LineLink
from models.followups import FollowupExecution, Words
from runtime.context import Runtime
from runtime.settings import Settings
from tests.fixtures.clinic import NOW, At
from tests.followups.test_dispatch import AT, DAY, tell

PLACE = "template.texts.th"
ROOMY = kinds["appointment_reminder"]
"""With one button of its own."""


def words(message: str = "Hello", *urls: str) -> Words:
    return {"message": message, "links": [{"label": "Book", "url": url} for url in urls]}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://aura.example", "https://aura.example"),
        ("http://aura.example:8443/a?b=c#d", "http://aura.example:8443/a?b=c#d"),
        ("https://aura.example/โปร", "https://aura.example/%E0%B9%82%E0%B8%9B%E0%B8%A3"),
        ("https://คลินิก.ไทย/", "https://xn--12cf7d3b4db.xn--o3cw4h/"),
    ],
)
def test_an_address_is_kept_as_browsers_write_it(written: str, kept: str) -> None:
    (link,) = links.checked(PLACE, words("Hello", written), ROOMY)
    assert link["url"].lower() == kept.lower()


@pytest.mark.parametrize(
    "written",
    [
        "javascript:alert(1)", "data:text/html,x", "ftp://aura.example", "//aura.example", "aura.example", "https://",
        "https:///path", "https://aura", "https://localhost/", "https://127.0.0.1/", "https://[::1]/",
        "https://user@aura.example", "https://user:word@aura.example", "https://aura.example\\@evil.example",
        "https://aura.example/a b", "https://aura.example/\u202e", "https://aura.example:99999/",
        "https://aura.example:0/", "https://aura.example/" + "x" * 500, "https://aura_.example",
        "https://aura.example/\r\nSet-Cookie:a",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_page_is_refused(written: str) -> None:
    with pytest.raises(BadRule) as refused:
        links.checked(PLACE, words("Hello", written), ROOMY)
    assert refused.value.field == f"{PLACE}.links.0.url"


def test_an_address_in_the_words_is_checked_and_counted() -> None:
    assert links.checked(PLACE, words("See https://aura.example/a, or https://www.aura.example/b."), ROOMY) == []
    for message in ("https://aura/", "https://aura.example/{customerName}", "https://a.example https://b.example"):
        with pytest.raises(BadRule):
            links.checked(PLACE, words(message, "https://c.example"), ROOMY)
    # Said twice is one.
    assert links.checked(PLACE, words("https://a.example and https://a.example", "https://a.example"), ROOMY)


def test_a_button_leads_to_each_once_those_of_the_words_by_their_hosts() -> None:
    one = FollowupExecution(id=uuid4(), due_at=NOW)
    said = words("See https://www.aura.example/b. Or https://luna.example", "https://luna.example")
    found = [(button.label, button.target) for button in links.buttons(one, said, ())]
    assert found == [
        ("Book", Link("https://luna.example", one.id, 0, NOW)),
        ("aura.example", Link("https://www.aura.example/b", one.id, 1, NOW)),
    ]


def test_a_label_is_of_a_length_that_is_seen() -> None:
    for label in ("", "  ", "x" * 21):
        with pytest.raises(BadRule):
            links.checked(
                PLACE, {"message": "Hello", "links": [{"label": label, "url": "https://aura.example"}]}, ROOMY
            )


def opened(one: Any) -> list[str]:
    """The addresses that buttons open, wherever they stand."""
    if isinstance(one, dict):
        own = [one["uri"]] if one.get("type") == "uri" else []
        own += [one["target"]] if str(one.get("target", "")).startswith("http") else []
        return own + [found for value in one.values() for found in opened(value)]
    return [found for value in one for found in opened(value)] if isinstance(one, list) else []


def test_what_leaves_has_signed_addresses_which_say_by_which_channel_it_went(
    session: Session, runtime: Runtime, settings: Settings, clinic: Clinic, mali: LineLink
) -> None:
    both: Words = {"message": "{customerName}: https://luna.example/b",
                   "links": [{"label": "Book", "url": "https://aura.example"}]}  # fmt: skip
    # What is filled in is no link, whatever it looks like.
    template = Template(everywhere=both, fallbacks={"customerName": "https://evil.example"})
    draft = Draft(name="R", channels=["line"], active=True, template=template)
    rules.make(session, clinic, "appointment_reminder", draft, NOW)
    tell(session, clinic, mali, 1, "booked", AT)
    leading = partial(followed.leading, settings)
    over = channels(LineChannel(Line(), leading=leading))
    runtime = replace(runtime, clock=At(AT - DAY))
    while planner.step(runtime, clinic.id):
        pass
    assert dispatch.step(runtime, over, clinic.id) == 1
    execution = session.scalars(select(FollowupExecution)).one()
    kind, t = kinds[execution.rule.type], language_of(clinic, mali.customer)
    page = InAppChannel(leading).render(wording.worded(session, execution, kind, t), clinic, t)
    for channel, body in (("line", session.scalars(select(Send)).one().body or b""), ("in_app", page)):
        addresses = opened(json.loads(body))
        assert [one.startswith(f"{settings.public_url}/l/aura/") for one in addresses] == [True, True]
        read = [followed.read(settings, "aura", one.rpartition("/")[2]) for one in addresses]
        assert [(one.channel, one.link.execution_id, one.link.number, one.link.to) for one in read if one] == [
            (channel, execution.id, 0, "https://aura.example"), (channel, execution.id, 1, "https://luna.example/b"),
        ]  # fmt: skip
