"""A room is added by one file: its own addresses, methods, refusals and pages of the documentation."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

import tests.web.api.rooms
import web.api
from models.clinics import Clinic
from runtime.registry import Unknown
from runtime.settings import Settings
from tests.fixtures.clinic import make_clinic
from tests.web.api.conftest import body_of
from web.http.operations import RequestContext, Resource
from web.http.problems import Kind
from web.http.rooms import Api, Room, find
from web.http.values import ResponseModel

Ask = Callable[..., TestResponse]


@pytest.fixture
def app(settings: Settings, session: Session, make_app: Callable[..., Flask]) -> Flask:
    session.commit()
    return make_app(settings, rooms=[*find(web.api), *find(tests.web.api.rooms)])


@pytest.fixture
def ask_as(app: Flask, secret_of: Callable[..., str]) -> Callable[[Clinic], Ask]:
    def of(clinic: Clinic) -> Ask:
        headers = {"Authorization": f"Bearer {secret_of(clinic, 'notes')}"}

        def ask(method: str, path: str, *, once: str | None = None, **sent: Any) -> TestResponse:
            more = {"Idempotency-Key": once} if once else {}
            return app.test_client().open(f"/api/pretend/{path}", method=method, headers=headers | more, **sent)

        return ask

    return of


@pytest.fixture
def ask(ask_as: Callable[[Clinic], Ask], clinic: Clinic) -> Ask:
    return ask_as(clinic)


def names(ask: Ask) -> list[str]:
    return [note["name"] for note in body_of(ask("GET", "notes"))["items"]]


def test_it_answers_at_its_own_prefix(ask: Ask, ask_as: Callable[[Clinic], Ask], session: Session, app: Flask) -> None:
    made = body_of(ask("POST", "notes", json={"name": "towels", "text": "order more"}))
    assert made == {"name": "towels", "text": "order more"}
    assert body_of(ask("PATCH", "notes/towels", json={"text": "enough"})) == {"name": "towels", "text": "enough"}
    assert body_of(ask("GET", "notes"))["items"] == [{"name": "towels", "text": "enough"}]
    stranger = ask_as(make_clinic(session, "other", "Other Clinic"))
    assert names(stranger) == []
    assert body_of(stranger("PATCH", "notes/towels", json={"text": "mine"}), 404)["code"] == "unknown_note"
    assert app.test_client().get("/api/pretend/notes").status_code == 401


def test_its_scope_is_given_to_keys(app: Flask, clinic: Clinic, session: Session, ask: Ask) -> None:
    session.commit()
    args = ["api-keys", "create", "aura", "Board", "--scope"]
    secret = app.test_cli_runner().invoke(args=[*args, "notes"]).stdout.strip()
    of_loyalty = app.test_cli_runner().invoke(args=[*args, "loyalty:read"]).stdout.strip()
    for one, status in ((secret, 200), (of_loyalty, 403)):
        headers = {"Authorization": f"Bearer {one}"}
        body_of(app.test_client().get("/api/pretend/notes", headers=headers), status)


def test_what_is_deleted_is_answered_with_nothing_or_with_what_was_done(ask: Ask) -> None:
    body_of(ask("POST", "notes", json={"name": "towels", "text": "x"}))
    body_of(ask("POST", "notes", json={"name": "tea", "text": "x"}))
    gone = ask("DELETE", "notes/towels")
    assert (gone.status_code, gone.data, gone.headers.get("Content-Type")) == (204, b"", None)
    assert body_of(ask("DELETE", "notes/towels"), 404)["code"] == "unknown_note"
    assert body_of(ask("DELETE", "notes", query_string={"beginning": "t"})) == {"count": 1}
    assert names(ask) == []


def test_a_key_that_is_sent_is_honoured_whatever_the_method(ask: Ask) -> None:
    body_of(ask("POST", "notes", json={"name": "tea", "text": "x"}))
    changes = [ask("PATCH", "notes/tea", json={"text": "y"}, once="change") for _ in range(2)]
    assert body_of(changes[0]) == body_of(changes[1])
    deletions = [ask("DELETE", "notes/tea", once="delete") for _ in range(2)]
    assert [one.status_code for one in deletions] == [204, 204]
    for first, again in (changes, deletions):
        assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    body_of(ask("DELETE", "notes", query_string={"beginning": "a"}, once="all"))
    other = ask("DELETE", "notes", query_string={"beginning": "b"}, once="all")
    assert body_of(other, 409)["code"] == "idempotency_key_reused"
    assert body_of(ask("DELETE", "notes/tea", once="two words"), 400)["code"] == "bad_idempotency_key"


def test_its_refusals_are_problems_and_undo_what_was_done(ask: Ask) -> None:
    for name in ("a", "b"):
        body_of(ask("POST", "notes", json={"name": name, "text": "x"}))
    refused = body_of(ask("POST", "notes", json={"name": "c", "text": "x"}, once="third"), 409)
    assert refused == {
        "type": "/api/docs#board_full",
        "title": "The clinic has as many notes as it may",
        "status": 409,
        "detail": "There are 2 notes already. `most` says how many; delete one.",
        "code": "board_full",
        "most": 2,
        "since": "2026-02-03T00:00:00",
    }
    assert names(ask) == ["a", "b"]
    body_of(ask("DELETE", "notes/a"), 204)
    assert body_of(ask("POST", "notes", json={"name": "c", "text": "x"}, once="third"), 409) == refused


def test_a_refusal_that_nobody_explains_still_says_what_it_is(ask: Ask) -> None:
    refused = body_of(ask("POST", "notes", json={"name": "a", "text": "unspeakable"}), 409)
    assert (refused["code"], refused["reason"], refused["attempts"]) == ("refused", "unspeakable", 1)
    assert refused["detail"].startswith("Nobody may write this.")
    assert (refused["status"], refused["title"]) == (409, "A rule of the clinic refuses this")
    assert names(ask) == []


def test_it_is_documented(app: Flask) -> None:
    document = body_of(app.test_client().get("/api/openapi.json"))
    found = {
        (method, path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation["tags"] == ["Notes"]
    }
    assert found == {
        ("get", "/api/pretend/notes"), ("post", "/api/pretend/notes"), ("delete", "/api/pretend/notes"),
        ("patch", "/api/pretend/notes/{name}"), ("delete", "/api/pretend/notes/{name}"),
    }  # fmt: skip
    tags = [tag["name"] for tag in document["tags"]]
    assert tags.index("Check-in") < tags.index("Notes"), "behind the room that explains the scopes"
    deletion = document["paths"]["/api/pretend/notes/{name}"]["delete"]
    assert set(deletion["responses"]) == {"204", "400", "401", "403", "404", "409", "422", "429", "503"}
    assert "content" not in deletion["responses"]["204"]
    keys = [one for one in deletion["parameters"] if one["in"] == "header"]
    assert [(one["name"], one["required"]) for one in keys] == [("Idempotency-Key", False)]
    page = app.test_client().get("/api/docs").get_data(as_text=True)
    assert all(f'id="{id_}"' in page for id_ in ("notes", "delete_note", "board_full"))


def resource(*, name: str = "read", code: str = "unauthorized") -> Resource:
    made = Resource("Things", "…", prefix="/api/things")

    class Thing(ResponseModel):
        pass

    def read(context: RequestContext) -> Thing:
        raise NotImplementedError

    read.__name__, read.__annotations__ = name, {"return": Thing}
    made.get("/things", scope="staff", answer=Thing, refusals=(code,))(read)
    return made


def test_what_is_put_together_wrongly_is_refused_at_the_start() -> None:
    with pytest.raises(Unknown, match="nowhere_explained"):
        Api([Room((resource(code="nowhere_explained"),), {}, {"staff": "…"})])
    twice = Room((), {"same": Kind(409, "…", "…")})
    with pytest.raises(ValueError, match="'same' is registered twice"):
        Api([twice, twice])
    with pytest.raises(ValueError, match="'conflict' is registered twice"):
        Api([Room((), {"conflict": Kind(409, "…", "…")})])
    with pytest.raises(Unknown, match="no scope 'staff'; known: none"):
        Api([Room((resource(),))])
    with pytest.raises(TypeError, match="lie does not return the Response it announces"):
        Resource("Things", "…", prefix="/api/things").get("/things", scope="staff", answer="image/png")(lie)


def lie(context: RequestContext) -> None:
    raise NotImplementedError


def test_a_file_that_offers_nothing_is_no_room(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hallway.py").write_text('"""Nothing."""\n')
    package = ModuleType("walled")
    package.__path__ = [str(tmp_path)]
    monkeypatch.setitem(sys.modules, "walled", package)
    with pytest.raises(AttributeError, match="RESOURCES"):
        find(package)
    monkeypatch.delitem(sys.modules, "walled.hallway")


class Mood(ResponseModel):
    mood: str


def pretend(prefix: str) -> Room:
    resource = Resource("Profile", "Another profile.", prefix=prefix)

    @resource.get("/profile", scope="mood", answer=Mood)
    def get_profile(call: RequestContext) -> Mood:
        """How somebody feels"""
        return Mood(mood="fine")

    return Room((resource,), scopes={"mood": "Ask how somebody feels"})


def test_two_rooms_may_call_an_operation_the_same(settings: Settings, make_app: Callable[..., Flask]) -> None:
    app = make_app(settings, rooms=[*find(web.api), pretend("/api/moods")])
    paths = app.test_client().get("/api/openapi.json").get_json()["paths"]
    assert [paths[f"/api/{room}/profile"]["get"]["operationId"] for room in ("loyalty", "moods")] == [
        "loyalty_get_profile",
        "moods_get_profile",
    ]


def test_two_rooms_cannot_answer_at_one_address() -> None:
    with pytest.raises(ValueError, match="GET /api/loyalty/profile: answered twice"):
        Api([*find(web.api), pretend("/api/loyalty")])
