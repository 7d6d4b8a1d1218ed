"""The house stays a house: imports go down only, rooms on one floor do not know each other, nothing goes in circles."""

import ast
import re
from collections.abc import Iterator, Mapping

import pytest

from tests.check.tree import sources

FLOORS = (
    {"runtime"},
    {"models"},
    {"channels"},
    {"customers", "ai"},
    {"loyalty", "privacy", "analytics"},
    {"facts", "followups", "richmenus"},
    {"bot", "clinics"},
    {"workers", "web", "webhooks"},
    {"app", "local"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
APART = "simulator"
OUTSIDE = {"benchmarks", "tests"}
VAGUE = {"utils", "util", "common", "helpers", "helper", "core", "services", "misc"}
MOUTHS = {"channels/line/sdk.py"}
NARROW = {
    # A receiver stores what came; whoever understands it is handed to the engine.
    "webhooks": {"facts", "channels", "models", "runtime"},
    # It carries every face and knows no room.
    "web/http": {"models", "runtime"},
}
"""Folders that may import themselves and these rooms only."""
DOTTED = re.compile(r"[a-z_]+([.:]\w+)+")
IMPORTERS = {"import_module", "__import__"}
STARTED = {("local/plan.py", "app.create_gate")}
"""The supervisor starts the product as another program, by the name on its command line."""
TABLES = {"customers", "clinics"}
"""Tables that are called as a room is: in a string, `customers.id` is a column."""
LOOKED_UP = {"current_app", "app_ctx", "_cv_app", "load_app", "get_current_context"}
"""What hands out the application behind the reader's back."""


def imports(path: str, text: str, files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(dotted name, file of ours or "") of every import: inside functions, by literal name, and in any other string.

    A name in a string is one where it leads to a file of ours.
    """
    package = path.split("/")[:-1]
    for node in ast.walk(ast.parse(text, path)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, node.module] if node.module else above)
            names = [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in IMPORTERS:
            given = [str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)]
            names = [f"{given[1]}{given[0]}" if given[0].startswith(".") and given[1:] else given[0]] if given else []
        elif isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
            begun = re.match(r"([a-z_]+)[.:]", str(node.values[0].value))
            names = [begun[1]] if begun and begun[1] in FLOOR and begun[1] not in TABLES else []
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and DOTTED.fullmatch(node.value):
            name = node.value.replace(":", ".")
            named = _file_of(name, files) and name.split(".")[0] not in TABLES and (path, name) not in STARTED
            names = [name] if named else []
        for name in names:
            yield name, _file_of(name, files)


def _file_of(name: str, files: Mapping[str, str]) -> str:
    """The file of a module, or of the module that something is in; empty if it is none of ours."""
    steps = name.split(".")
    tries = [
        "/".join(steps[:end]) + ending for end in (len(steps), len(steps) - 1) for ending in (".py", "/__init__.py")
    ]
    return next((file for file in tries if file in files), "")


def globals_asked(text: str) -> bool:
    """Whether it asks Flask's global for what it should be handed: an import that no reader sees."""
    nodes = list(ast.walk(ast.parse(text)))
    used = {getattr(node, "id", getattr(node, "attr", "")) for node in nodes}
    return bool(LOOKED_UP & (used | {node.name for node in nodes if isinstance(node, ast.alias)}))


def renamed(text: str) -> bool:
    """Whether what imports by name is itself imported under another name, so that nobody sees it used."""
    names = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.alias)]
    return any(node.name in IMPORTERS and node.asname for node in names)


def violations(files: Mapping[str, str]) -> list[str]:
    """What breaks the house rules in a tree of path → text."""
    found: list[str] = []
    graph: dict[str, set[str]] = {}
    for path, text in files.items():
        room = path.split("/")[0].removesuffix(".py")
        found += [
            f"{path}: {part} says nothing; name what it is"
            for part in path.removesuffix(".py").split("/")
            if part in VAGUE
        ]
        if room in OUTSIDE:
            continue
        if room not in FLOOR and room != APART:
            found.append(f"{path}: {room} has no floor; give it one in this file")
        for name, target in imports(path, text, files):
            other = name.split(".")[0]
            if target and target != path:
                graph.setdefault(path, set()).add(target)
            found += [f"{path} imports {name}: {reason}" for reason in _too_wide(path, name)]
            if other == "linebot" and path not in MOUTHS:
                found.append(f"{path}: only {', '.join(sorted(MOUTHS))} import LINE's SDK")
            elif other != room and (other in FLOOR or other in OUTSIDE or other == APART):
                found += [f"{path} imports {name}: {reason}" for reason in _refusals(room, other)]
        if room != APART and globals_asked(text):
            found.append(f"{path} looks into current_app; be handed what it needs")
        if renamed(text):
            found.append(f"{path} hides an import behind another name")
    return found + [f"circle: {' -> '.join(circle)}" for circle in _circles(graph)]


def _refusals(room: str, other: str) -> Iterator[str]:
    if APART in (room, other):
        yield f"{APART} is apart"
    elif other in OUTSIDE:
        yield "the product does not import it"
    elif FLOOR.get(other, 0) > FLOOR.get(room, 99):
        yield f"{other} is above {room}"
    elif FLOOR.get(other) == FLOOR.get(room):
        yield f"{other} and {room} are on one floor"


def _too_wide(path: str, name: str) -> Iterator[str]:
    for folder, rooms in NARROW.items():
        inside = f"{name}.".startswith(f"{folder.replace('/', '.')}.")
        other = name.split(".", maxsplit=1)[0]
        if path.startswith(f"{folder}/") and other in FLOOR and other not in rooms and not inside:
            yield f"{folder} imports {', '.join(sorted(rooms))} only"


def _circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    circles: list[list[str]] = []
    done: set[str] = set()

    def visit(path: str, trail: list[str]) -> None:
        if path in trail:
            circles.append([*trail[trail.index(path) :], path])
        elif path not in done:
            for target in sorted(graph.get(path, ())):
                visit(target, [*trail, path])
            done.add(path)

    for start in sorted(graph):
        visit(start, [])
    return circles


def test_the_house_rules_hold() -> None:
    files = sources("*.py")
    assert files
    assert violations(files) == []


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"gadgets/__init__.py": ""}, "gadgets has no floor"),
        ({"gadget.py": ""}, "gadget has no floor"),
        ({"loyalty/a.py": "import bot"}, "bot is above loyalty"),
        ({"loyalty/a.py": "def f():\n    from bot.routes import hear"}, "bot is above loyalty"),
        ({"models/a.py": "import importlib\nimportlib.import_module('web.api')"}, "web is above models"),
        ({"runtime/keys.py": "from models.base import Base"}, "models is above runtime"),
        ({"loyalty/a.py": "from privacy import consent"}, "privacy and loyalty are on one floor"),
        ({"app.py": "import local.demo"}, "local and app are on one floor"),
        ({"simulator/a.py": "from runtime.settings import Settings"}, "simulator is apart"),
        ({"local/a.py": "import simulator.app"}, "simulator is apart"),
        ({"web/a.py": "from tests.payloads import load"}, "the product does not import it"),
        (
            {"webhooks/a.py": "from customers.people import identify"},
            "webhooks imports channels, facts, models, runtime",
        ),
        ({"runtime/a.py": "x = 'bot.b.f'", "bot/b.py": ""}, "bot is above runtime"),
        (
            {"bot/a.py": "from flask import current_app\ncurrent_app.extensions['x']"},
            "bot/a.py looks into current_app",
        ),
        ({"bot/a.py": "import flask\nflask.current_app.config"}, "bot/a.py looks into current_app"),
        ({"bot/a.py": "from flask import current_app as app"}, "bot/a.py looks into current_app"),
        ({"bot/a.py": "from flask.globals import app_ctx"}, "bot/a.py looks into current_app"),
        ({"bot/a.py": "import click\nclick.get_current_context().obj"}, "bot/a.py looks into current_app"),
        ({"loyalty/a.py": "x = 'bot.b:f'", "bot/b.py": ""}, "bot is above loyalty"),
        ({"loyalty/a.py": "x = 'bot.build'", "bot/__init__.py": ""}, "bot is above loyalty"),
        ({"loyalty/a.py": "def f(n):\n    return f'bot.{n}'"}, "bot is above loyalty"),
        (
            {"loyalty/a.py": "import importlib\nimportlib.import_module('.b', 'bot')", "bot/b.py": ""},
            "bot is above loyalty",
        ),
        ({"loyalty/a.py": "from importlib import import_module as go"}, "hides an import"),
        ({"web/http/a.py": "from web.api.loyalty import lookups"}, "web/http imports models, runtime only"),
        ({"web/http/a.py": "from loyalty.errors import LoyaltyError"}, "web/http imports models, runtime only"),
        ({"web/http/a.py": "def f():\n    import web.pictures"}, "web/http imports models, runtime only"),
        ({"web/utils.py": ""}, "utils says nothing"),
        ({"tests/helpers/__init__.py": ""}, "helpers says nothing"),
        ({"bot/a.py": "def f():\n    from linebot.v3.messaging import ApiClient"}, "import LINE's SDK"),
        (
            {"bot/a.py": "from bot.b import x", "bot/b.py": "def f():\n    from bot import a"},
            "circle: bot/a.py -> bot/b.py",
        ),
        ({"bot/a.py": "from .b import x", "bot/b.py": "from . import a"}, "circle: bot/a.py -> bot/b.py"),
        (
            {"runtime/a.py": "from runtime import b", "runtime/b.py": "import runtime.a"},
            "circle: runtime/a.py -> runtime/b.py",
        ),
    ],
)
def test_each_rule_can_be_broken(files: dict[str, str], said: str) -> None:
    assert [said in line for line in violations(files)] == [True]


def test_what_is_allowed() -> None:
    files = {
        "app.py": "import web.api\nfrom workers import jobs",
        "web/api.py": "from loyalty import points\nfrom . import views",
        "web/views.py": "import runtime.settings",
        "web/http/a.py": "from web.http import b\nimport models.access, runtime.errors",
        "runtime/wake.py": "from runtime.registry import Registry",
        "models/__init__.py": "from models import customers",
        "models/customers.py": "from models.base import Base",
        "channels/line/sdk.py": "def f():\n    import linebot.v3.messaging",
        "simulator/app.py": "from simulator.store import Store",
        "tests/test_a.py": "import simulator.app, linebot, app",
        "benchmarks/chat.py": "import bot",
    }
    assert violations(files) == []


def test_what_is_no_import_is_not_taken_for_one() -> None:
    files = {
        "app.py": 'x = "workers.jobs.drain"',
        "workers/jobs.py": 'table = "customers.id"\nlog = "bot.unknown"',
        "models/a.py": '"""See bot.b and bot/b.py."""\nx = "bot.b is mentioned"\nforeign_key = "customers.id"',
        "customers/__init__.py": "",
        "bot/b.py": "",
        "simulator/a.py": "from flask import current_app\ncurrent_app.extensions",
    }
    assert violations(files) == []
