"""What was sent is in no answer that refuses it and in no line of the log: every field of every operation is tried."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.clinics import Clinic
from models.customers import Customer
from tests.web.api.conftest import API, MALI
from web.http.operations import Operation

MARK, NUMBER = "Typed-by-Mali", "918273645"
HOSTILE: list[Any] = [
    MARK, f"2026-02-03T11:30:00+07:00{MARK}", f"{MARK}-02-03", f"ext:till:{MARK}", f"ext:{MARK}", f"{NUMBER}{MARK}",
    f"\ud83d{MARK}", f"{MARK}\0", MARK * 300, [MARK], {MARK: MARK}, int(NUMBER * 3), -int(NUMBER * 40), f"{NUMBER}.123",
    float(NUMBER) + 0.123, None, True,
]  # fmt: skip
GOOD: dict[str, Any] = {
    "customerId": MALI, "externalId": "ext:till:HN-9", "id": "bill-1", "source": "till", "amount": 100, "points": 5,
    "paidAt": "2026-02-03T11:00:00+07:00", "refundedAt": "2026-02-03T11:00:00+07:00", "description": "x", "reason": "x",
    "visitedAt": "2026-02-03T11:00:00+07:00", "code": "7KQM2XRA",
}  # fmt: skip


def attempts(operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """The address, and what goes with it; each time one field, or one unknown name, is what nobody documents."""
    for place, model in operation.inputs.items():
        names = [field.alias or name for name, field in model.model_fields.items()]
        for name in names:
            for value in HOSTILE:
                yield _sent(operation, place, name, value)
        for unknown in (MARK, f"{MARK}.{MARK}"):
            yield _sent(operation, place, unknown, MARK)
    if "body" in operation.inputs:
        wholes: tuple[Any, ...] = (MARK, [MARK], {})
        for whole in wholes:
            yield operation.path.replace("<id>", MARK), {"json": whole}


def _sent(operation: Operation, place: str, name: str, value: Any) -> tuple[str, dict[str, Any]]:
    given: dict[str, dict[str, Any]] = {
        part: {
            field: GOOD[field] for field in (one.alias or "" for one in model.model_fields.values()) if field in GOOD
        }
        for part, model in operation.inputs.items()
    }
    given[place][name] = value
    path = {each: str(given.get("path", {}).get(each, MARK)) for each in re.findall("<([^>]+)>", operation.path)}
    address = re.sub(
        "<([^>]+)>",
        lambda found: path[found[1]].encode("utf-8", "replace").decode().translate(str.maketrans("", "", "/?#")),
        operation.path,
    )
    query = {each: str(one).encode("utf-8", "surrogatepass") for each, one in given.get("query", {}).items()}
    more = {"json": given["body"]} if "body" in given else {}
    return address, {"query_string": query, **more}


@pytest.mark.parametrize("operation", API.operations, ids=lambda operation: operation.name)
def test_no_refusal_and_no_line_quotes_what_was_sent(
    api: Flask, clinic: Clinic, customer: Customer, secret_of: Callable[..., str], operation: Operation,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("web.http.rates.PER_MINUTE", 10**6)
    client: FlaskClient = api.test_client()
    headers = {"Authorization": f"Bearer {secret_of(clinic)}"}
    for address, sent in attempts(operation):
        answer = client.open(address, method=operation.method, headers=headers, **sent)
        assert answer.status_code < 500, (address, sent)
        if answer.status_code >= 400:
            for mark in (MARK, MARK.lower(), NUMBER):
                assert mark not in answer.text, (address, sent, answer.text)
            assert not re.search(r"instance of|\[0-9|\(\?|isoformat", answer.text), answer.text
    said = "".join(capsys.readouterr())
    assert MARK not in said
    assert NUMBER not in said
