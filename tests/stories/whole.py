"""The whole product as an operator and its customers see it: what the database says, and phones with chats."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from runtime.language import Language
from tests.fixtures.installation import Installation
from tests.fixtures.servers import libpq
from tests.fixtures.waiting import eventually
from tests.payloads import Body

Json = dict[str, Any]
PERSONS = {"Mali": "th", "Ken": "en", "Ploy": "th", "Dr Somsak": "th"}
MIXED_UP = 8
"""What is typed with no more letters than this may as well be a word of the log's own, such as `points`."""
QUIET = (
    "SELECT (SELECT count(*) FROM inbox WHERE state = 'new') + (SELECT count(*) FROM replies WHERE state = 'open')"
    " + (SELECT count(*) FROM sends WHERE state = 'queued') AS open"
)


class Whole:
    """A running installation with its simulator."""

    def __init__(self, app: Installation) -> None:
        self.app, self.simulator, self.processes = app, app.simulator, app.processes
        self._database: psycopg.Connection[Json] | None = None

    def close(self) -> None:
        if self._database:
            self._database.close()

    def rows(self, query: str, *values: object) -> list[Json]:
        """What the database says now. A connection from before the server went away is made anew."""
        for last_try in (False, True):
            if self._database is None or self._database.closed:
                self._database = psycopg.connect(libpq(self.app.database_url), autocommit=True, row_factory=dict_row)
            try:
                return self._database.execute(query, values).fetchall()
            except psycopg.OperationalError:
                if last_try or not self._database.closed:
                    raise
        raise AssertionError("unreachable")

    def settled(self, within: float = 20.0) -> None:
        """Waits until nothing that came in is unanswered and nothing that goes out is unsent."""
        eventually(lambda: self.rows(QUIET)[0]["open"] == 0, within=within)

    def sim(self, method: str, path: str, body: Json | None = None, **query: object) -> Json:
        """One of the simulator's doors; its answer. A refusal is an error of the test."""
        answer = self.simulator.request(method, f"/sim/{path}", json=body, params={k: str(v) for k, v in query.items()})
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return dict(answer.json())

    def post(self, body: Body, **more: str) -> tuple[int, str]:
        """A webhook of one's own making, really signed; the product's status and answer."""
        # As escaped JSON, because httpx would encode a lone surrogate and fail.
        told = json.dumps({**more, "destination": body["destination"], "events": body["events"]}).encode()
        answer = self.simulator.post("/sim/events", content=told, headers={"Content-Type": "application/json"})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["status"]), str(answer.json()["body"])

    def calls(self, path: str, after: int = 0) -> list[Json]:
        """The calls of LINE's API under this path, oldest first."""
        entries: list[Json] = self.sim("GET", "log", after=after)["entries"]
        return [one for one in entries if one["kind"] == "api" and str(one["path"]).startswith(path)]

    def last_entry(self) -> int:
        return max((int(one["n"]) for one in self.sim("GET", "log")["entries"]), default=0)

    def fault(self, kind: str, on: str, times: int = 1, ms: int | None = None) -> None:
        self.sim("POST", "faults", {"kind": kind, "on": on, "times": times, "ms": ms})

    def now(self) -> datetime:
        """The time in this house: a test before this one may have moved the clock."""
        return datetime.fromisoformat(self.sim("GET", "clock")["now"])

    @property
    def destination(self) -> str:
        return str(self.sim("GET", "state")["channels"][0]["bot_user_id"])

    def person(self, name: str = "Mali") -> "Phone":
        """One of the known people, as somebody the clinic has never met: with a LINE id of their own."""
        user_id = str(self.sim("POST", "people", {"name": name, "language": PERSONS[name]})["user_id"])
        self.app.typed |= {user_id, name} if len(name) > MIXED_UP else {user_id}
        return Phone(self, user_id)

    def arrivals(self) -> int:
        return int(self.rows("SELECT count(*) AS n FROM inbox")[0]["n"])


@dataclass
class Phone:
    """What one person does with LINE, and what they see."""

    whole: Whole
    user_id: str
    seen: int = 0
    """The last line of the chat they have read."""
    shown: list[Json] = field(default_factory=list)
    """Every message of the clinic so far."""

    def follow(self) -> list[Json]:
        return self._after(lambda: self._do("follow"))

    def unfollow(self) -> list[Json]:
        return self._after(lambda: self._do("unfollow"))

    def say(self, text: str) -> list[Json]:
        """The clinic's answer to a text: the messages, none if it stays silent."""
        return self.send({"type": "text", "text": text})

    def send(self, message: Json) -> list[Json]:
        text = str(message.get("text", ""))
        if len(text) > MIXED_UP or (text and not text.isascii()):
            self.whole.app.typed.add(text)
        return self._after(lambda: self._do("say", {"message": message}))

    def tap(self, data: str) -> list[Json]:
        """Taps the newest button on the screen whose data begin so; fails if there is none."""
        return self._after(lambda: self._do("act", {"action": self.button(data)}))

    def pick(self, data: str, **params: str) -> list[Json]:
        """The same for a date picker, with what was picked."""
        return self._after(lambda: self._do("act", {"action": self.button(data), "params": params}))

    def press(self, action: Json) -> list[Json]:
        """An action that need not be on the screen, such as one of an old message."""
        return self._after(lambda: self._do("act", {"action": action}))

    def button(self, data: str) -> Json:
        for message in reversed(self.shown):
            for action in actions(message):
                if str(action.get("data", "")).startswith(data):
                    return action
        raise AssertionError(f"no button {data!r}; there are {[a.get('data') for m in self.shown for a in actions(m)]}")

    def read(self) -> list[Json]:
        """The clinic's messages since this person last looked."""
        items = self.whole.sim("GET", f"people/{self.user_id}/chat", after=self.seen)["items"]
        self.seen = max([self.seen, *(int(item["seq"]) for item in items)])
        new = [dict(item["message"]) for item in items if item["from"] == "bot"]
        self.shown += new
        return new

    @property
    def menu(self) -> str:
        """The name of the rich menu under the chat; empty if there is none."""
        menu = self.whole.sim("GET", f"people/{self.user_id}/chat", after=self.seen)["rich_menu"]
        return str(menu["name"]) if menu else ""

    def _do(self, what: str, body: Json | None = None) -> None:
        self.whole.sim("POST", f"people/{self.user_id}/{what}", body or {})

    def _after(self, do: Callable[[], None]) -> list[Json]:
        before = self.whole.arrivals()
        do()
        eventually(lambda: self.whole.arrivals() > before)
        self.whole.settled()
        return self.read()


def walk(node: Any) -> Iterator[Json]:
    """Every object in a message."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


def actions(message: Json) -> list[Json]:
    """The buttons of a message, its quick replies included."""
    return [node for node in walk(message) if node.get("type") in {"postback", "message", "uri", "datetimepicker"}]


def words(messages: list[Json]) -> str:
    """Everything that can be read in some messages."""
    texts = (
        node[key]
        for message in messages
        for node in walk(message)
        for key in ("altText", "text", "label")
        if key in node
    )
    return "\n".join(str(text) for text in texts)


def held(language: Language, points: int) -> str:
    """How the points card says what a bronze member has to spend."""
    amount = language.n("{count} point", "{count} points", points)
    return language("You have {points} to spend. Your tier is {tier}.", points=amount, tier=language("Bronze"))
