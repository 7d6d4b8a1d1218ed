"""A running simulator on a free port, and a listener that stands where the product would be."""

import json
import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulator.accounts import named_user
from simulator.app import close_simulator, create_simulator
from simulator.config import Config
from simulator.serve import Server

MALI, KEN = named_user("mali"), named_user("ken")
CHANNEL, SECRET, TOKEN = "2000000042", "a-channel-secret", "a-fixed-token"
API_KEY = "aura_a-key-of-the-till"


@dataclass
class Clock:
    """A wall clock that stands still, so that a slow machine ages nothing; tests turn it instead of waiting."""

    started: float = field(default_factory=time.time)
    ahead: float = 0.0

    def __call__(self) -> float:
        return self.started + self.ahead


@dataclass
class Heard:
    """One webhook as it arrived."""

    body: bytes
    headers: dict[str, str]

    @property
    def events(self) -> list[dict[str, Any]]:
        return list(json.loads(self.body)["events"])

    @property
    def event(self) -> dict[str, Any]:
        (only,) = self.events
        return only


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    return {name[5:].lower(): value for name, value in environ.items() if name.startswith("HTTP_")}


@dataclass
class Product:
    """Records webhooks; `answers` holds the statuses of the next ones, 200 afterwards."""

    url: str = ""
    heard: "queue.Queue[Heard]" = field(default_factory=queue.Queue)
    answers: list[int] = field(default_factory=list)
    clock: dict[str, Any] = field(default_factory=lambda: {"now": "2026-01-01T00:00:00Z", "offset_seconds": 0})
    hold: Callable[[], object] = bool
    asked: "queue.Queue[tuple[str, str, dict[str, str], Any]]" = field(default_factory=queue.Queue)
    says: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    """What its REST API answers next; every question is in `asked` as (method, address, headers, body)."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = environ["wsgi.input"].read()
        answer, status = b"", 200
        if environ["PATH_INFO"] == "/dev/clock":
            if environ["REQUEST_METHOD"] == "PUT":
                self.clock["offset_seconds"] += json.loads(body)["advance_seconds"]
            answer = json.dumps(self.clock).encode()
        elif environ["PATH_INFO"].startswith("/api/"):
            address = "?".join(filter(None, (environ["PATH_INFO"], environ["QUERY_STRING"])))
            told = json.loads(body) if body else None
            self.asked.put((environ["REQUEST_METHOD"], address, _headers(environ), told))
            status, said = self.says.pop(0)
            answer = json.dumps(said).encode()
        else:
            headers = _headers(environ)
            self.heard.put(Heard(body, headers))
            self.hold()
            status = self.answers.pop(0) if self.answers else 200
        start_response(f"{status} x", [("Content-Length", str(len(answer)))])
        return [answer]

    def next(self) -> Heard:
        return self.heard.get(timeout=5)

    def nothing_for(self, seconds: float) -> bool:
        """Whether nothing arrives within this time."""
        try:
            self.heard.get(timeout=seconds)
        except queue.Empty:
            return True
        return False


@dataclass
class Simulator:
    url: str
    clock: Clock
    http: httpx.Client
    line: httpx.Client

    def sim(self, method: str, path: str, body: Any = None) -> Any:
        """One of our own endpoints; its JSON. Fails the test when it is not 200."""
        content = None if body is None else json.dumps(body)  # escapes what UTF-8 cannot hold
        answer = self.http.request(method, f"/sim/{path}", content=content)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def say(self, who: str, text: str) -> Any:
        return self.sim("POST", f"people/{who}/say", {"message": {"type": "text", "text": text}})["item"]

    def act(self, who: str, action: dict[str, Any], **more: Any) -> Any:
        return self.sim("POST", f"people/{who}/act", {"action": action, **more})

    def chat(self, who: str) -> list[dict[str, Any]]:
        return list(self.sim("GET", f"people/{who}/chat")["items"])

    def bot_texts(self, who: str) -> list[str]:
        return [item["message"].get("text") for item in self.chat(who) if item["from"] == "bot"]

    def quota_used(self) -> int:
        return int(self.line.get("/v2/bot/message/quota/consumption").json()["totalUsage"])

    def push(self, to: str, *texts: str, **headers: str) -> httpx.Response:
        messages = [{"type": "text", "text": text} for text in texts]
        return self.line.post("/v2/bot/message/push", json={"to": to, "messages": messages}, headers=headers)

    def reply(self, token: str, *texts: str, **headers: str) -> httpx.Response:
        messages = [{"type": "text", "text": text} for text in texts]
        body = {"replyToken": token, "messages": messages}
        return self.line.post("/v2/bot/message/reply", json=body, headers=headers)


@pytest.fixture
def product() -> Iterator[Product]:
    it = Product()
    server = Server(it, 0)
    server.start()
    it.url = server.url
    yield it
    server.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config(tmp_path: Path, product: Product, clock: Clock) -> Config:
    return Config(
        data=tmp_path, app_url=product.url, channel_id=CHANNEL, channel_secret=SECRET, bot_token=TOKEN,
        api_key=API_KEY, redelivery=(0.05, 0.1), webhook_timeout=2, real=clock,
    )  # fmt: skip


@pytest.fixture
def simulator(config: Config, clock: Clock) -> Iterator[Simulator]:
    app = create_simulator(config)
    server = Server(app, 0)
    server.start()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with (
        httpx.Client(base_url=server.url, timeout=10) as http,
        httpx.Client(base_url=server.url, headers=headers, timeout=10) as line,
    ):
        yield Simulator(server.url, clock, http, line)
    server.stop()
    close_simulator(app)
