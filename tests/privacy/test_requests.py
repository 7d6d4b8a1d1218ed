"""What customers ask about their data, as the clinic sees it."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from app import Aura
from customers.people import new_customer
from facts.merged import merge
from models.customers import LineLink
from privacy import requests
from runtime.settings import Settings
from tests.fixtures.clinic import NOW


def test_what_is_to_be_answered_is_listed_with_its_deadline(
    session: Session, settings: Settings, make_aura: Callable[..., Aura], mali: LineLink
) -> None:
    requests.ask(session, mali.customer, "erasure", NOW)
    requests.ask(session, mali.customer, "copy", NOW + timedelta(days=400))
    session.commit()
    said = make_aura(settings).flask.test_cli_runner().invoke(args=["privacy", "requests", mali.clinic.slug])
    assert said.exit_code == 0, said.output
    lines = said.output.splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["erasure", "copy"]
    assert "asked 2026-02-03, answer by 2026-05-04 (late)" in lines[0]
    assert "late" not in lines[1]
    assert lines[-1] == "2 to answer."


def test_after_a_merge_it_is_still_one_request(session: Session, mali: LineLink) -> None:
    other = new_customer(session, mali.clinic, NOW)
    asked = requests.ask(session, other, "copy", NOW)
    session.flush()
    merge(session, other, mali.customer, NOW, actor="staff")
    assert requests.ask(session, mali.customer, "copy", NOW + timedelta(days=1)).id == asked.id


def test_another_persons_request_is_theirs(session: Session, mali: LineLink) -> None:
    other = new_customer(session, mali.clinic, NOW)
    assert requests.ask(session, other, "copy", NOW).id != requests.ask(session, mali.customer, "copy", NOW).id
    assert not requests.withdraw(session, mali.customer, "erasure", NOW)


def test_whoever_looks_after_the_system_closes_one(
    session: Session, settings: Settings, make_aura: Callable[..., Aura], mali: LineLink
) -> None:
    asked = requests.ask(session, mali.customer, "erasure", NOW)
    other = requests.ask(session, mali.customer, "copy", NOW)
    session.commit()
    flask = make_aura(settings).flask.test_cli_runner()
    slug = mali.clinic.slug
    listed = flask.invoke(args=["privacy", "requests", slug]).output
    code, second = requests.code_of(asked), requests.code_of(other)
    assert code in listed
    refused = flask.invoke(args=["privacy", "close", slug, code, "refused"])
    assert (refused.exit_code, "say why" in refused.output) == (2, True)
    assert flask.invoke(args=["privacy", "close", slug, "ABCDEF", "done"]).exit_code != 0
    assert flask.invoke(args=["privacy", "close", slug, code, "refused", "--why", "kept by law"]).exit_code == 0
    assert flask.invoke(args=["privacy", "close", slug, second.lower(), "done"]).exit_code == 0
    session.expire_all()
    assert (asked.state, asked.words, asked.closed_by) == ("refused", "kept by law", "staff")
    assert (other.state, other.words, other.closed_by) == ("done", None, "staff")
    assert flask.invoke(args=["privacy", "close", slug, code, "done"]).exit_code != 0
    assert flask.invoke(args=["privacy", "requests", slug]).output == "0 to answer.\n"
