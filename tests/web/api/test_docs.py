"""The document and its page: complete, readable, and without anything that a strict policy would stop."""

import html
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask

from runtime.settings import Settings
from tests.web.api.conftest import API, Caller, body_of


class Tags(HTMLParser):
    """Ids, links and whatever the policy would stop."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.stopped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.links += [values["href"] or ""] if "href" in values else []
        self.stopped += [tag] if tag in {"script", "style", "iframe", "img", "form"} else []
        self.stopped += [name for name in values if name == "style" or name.startswith("on")]


@pytest.fixture
def document(api: Flask) -> dict[str, Any]:
    return body_of(api.test_client().get("/api/openapi.json"))


def test_every_route_is_documented_and_nothing_else(api: Flask, document: dict[str, Any]) -> None:
    routes = {
        (re.sub(r"<(?:path:)?([^>]+)>", r"{\1}", rule.rule), method.lower())
        for rule in api.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.startswith("api.")
    }
    assert routes == {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert document["openapi"] == "3.1.0"


def test_every_operation_says_what_it_does_needs_and_refuses(document: dict[str, Any]) -> None:
    only_read = {API.id_of(operation) for operation in API.operations if operation.safe}
    assert "identify_customer" in only_read
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["summary"]
            assert operation["security"][0]["key"][0] in API.scopes
            assert {"401", "403", "422", "429", "503"} <= set(operation["responses"])
            assert len({"200", "204"} & set(operation["responses"])) == 1
            headers = [one["name"] for one in operation["parameters"] if one["in"] == "header"]
            assert headers == ([] if operation["operationId"] in only_read else ["Idempotency-Key"])


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert references <= set(document["components"]["schemas"])
    assert "ProblemDetails" in references


def test_the_page_renders_under_a_strict_policy(api: Flask, document: dict[str, Any]) -> None:
    client = api.test_client()
    response = client.get("/api/docs")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page = Tags()
    page.feed(response.get_data(as_text=True))
    assert page.stopped == []
    assert len(page.ids) == len(set(page.ids))
    inner = {link[1:] for link in page.links if link.startswith("#")}
    assert inner <= set(page.ids)
    assert set(API.kinds) <= set(page.ids)
    assert {operation["operationId"] for one in document["paths"].values() for operation in one.values()} <= set(
        page.ids
    )
    for link in page.links:
        if link.startswith("/"):
            assert client.get(link).status_code == 200
        else:
            assert link.startswith("#")


def test_the_page_begins_with_a_call_that_works(aura: Caller, settings: Settings) -> None:
    made = body_of(aura.post("customers", {"externalId": "ext:till:HN-1001"}))
    page = html.unescape(aura.client.get("/api/docs").get_data(as_text=True))
    (called,) = re.findall(r"curl (\S+)", page)
    assert called.startswith(f"{settings.public_url}/api/")
    found = body_of(aura.client.get(called.removeprefix(settings.public_url), headers=aura.headers()))
    assert found["customerId"] == made["customerId"]


def test_a_problem_points_at_its_explanation(api: Flask) -> None:
    refused = body_of(api.test_client().get("/api/loyalty/profile"), 401)
    assert refused["type"] == "/api/docs#unauthorized"
