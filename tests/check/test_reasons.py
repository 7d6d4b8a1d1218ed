"""`docs/follow-ups.md` explains every reason that the code can give for a follow-up, and every kind."""

import ast
import re
from collections.abc import Iterator

import followups.kinds  # noqa: F401 - fills the registry
from followups.kind import kinds
from models.followups import RESTS
from tests.check.tree import ROOT

PAGE = (ROOT / "docs/follow-ups.md").read_text(encoding="utf-8")
DESK = (ROOT / "simulator/static/followup_words.js").read_text(encoding="utf-8")
PLACES = (
    "followups/leaving.py", "followups/courses.py", "followups/restored.py", "followups/reentry.py",
    "followups/rides.py",
    *(f"followups/{name}.py" for name in ("gates", "ways", "dispatch", "fates", "plan", "planner")),
    *(f"followups/{name}.py" for name in ("own_hours", "treated", "tasks")),
    *sorted(str(one.relative_to(ROOT)) for one in (ROOT / "followups/kinds").glob("*.py")),
    "channels/line/channel.py", "channels/call.py", "channels/in_app.py", "channels/sms/channel.py",
    "channels/email/channel.py",
)  # fmt: skip
GIVEN = {"End": 1, "Hold": 1, "NoWay": 0, "_end_some": 2, "end": 2, "planned": 4}
"""What is called with a reason, and as which argument."""
ANSWERS = {
    "why_not", "why_not_of", "refused", "_spent", "suppressed", "not_over", "way_over", "ways_for", "_unproved",
    "against",
}  # fmt: skip
"""Functions that return one."""
CODE = re.compile(r"[a-z]+(_[a-z]+)*:?_?")


def texts(node: ast.AST) -> Iterator[str]:
    """The texts that an expression may come to; of one that is put together, how it begins. Not what it only asks."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from texts(node.values[0])
    elif isinstance(node, ast.IfExp):
        yield from (*texts(node.body), *texts(node.orelse))
    elif isinstance(node, ast.BoolOp):
        yield from (one for each in node.values for one in texts(each))
    elif isinstance(node, ast.Tuple):
        yield from (one for each in node.elts for one in texts(each))
    elif isinstance(node, ast.Dict):
        yield from (one for each in node.values for one in texts(each))


def given(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = GIVEN.get(called)
            if place is not None and len(node.args) > place:
                yield from texts(node.args[place])
            yield from (one for word in node.keywords if word.arg == "reason" for one in texts(word.value))
        elif isinstance(node, ast.FunctionDef) and node.name in ANSWERS:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield from texts(inner.value)
        elif isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "_FATES":
            assert isinstance(node.value, ast.Dict)
            for fate in node.value.values:
                assert isinstance(fate, ast.Tuple)
                yield from texts(fate.elts[1])


def explained() -> set[str]:
    """The reasons of the table, as their texts begin."""
    table = PAGE.partition("| reason | with |")[2].partition("\n\n")[0]
    cells = re.findall(r"^\| ([^|]+) \| [a-z, ]+ \|", table, re.MULTILINE)
    return {code.removesuffix("…") for cell in cells for code in re.findall(r"`([^`]+)`", cell)}


def test_every_reason_is_explained() -> None:
    found = {RESTS, "known_too_late"}  # written by SQL
    for place in PLACES:
        found |= set(given(ast.parse((ROOT / place).read_text(encoding="utf-8"))))
    assert {one for one in found if not CODE.fullmatch(one)} == set()
    assert len(found) > 30
    assert (found - explained(), explained() - found) == (set(), set())


def test_every_kind_is_explained() -> None:
    table = PAGE.partition("| `type` |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE)) == set(kinds)


def test_what_a_kind_takes_is_explained() -> None:
    for name in kinds:
        (row,) = re.findall(rf"^\| `{name}` \|.*$", PAGE, re.MULTILINE)
        taken = {one.alias or name for name, one in kinds[name].conditions.model_fields.items()}
        assert taken == set(re.findall(r"`([a-z]+[A-Z][A-Za-z]+)`", row)), name


def test_the_desk_has_words_for_every_reason_and_kind() -> None:
    """Of the simulator, which imports nothing. What stands behind a colon is named as it is."""
    table = PAGE.partition("| reason | with |")[2].partition("\n\n")[0]
    states = {
        code for after in re.findall(r"else its state: ([^|]+)\|", table) for code in re.findall(r"`(\w+)`", after)
    }
    assert {"confirmed", "paid"} <= states
    words = dict(re.findall(r'^  (\w+): \["([^"]+)", "[^"]+"', DESK, re.MULTILINE))
    wanted = {f"reason_{code.rstrip(':')}" for code in explained() | states}
    wanted |= {f"{about}_{name}" for about in ("kind", "of") for name in kinds}
    assert {one for one in wanted if one not in words} == set()
    told = {name.removeprefix("reason_") for name in words if name.startswith("reason_")} - {""}
    assert told - {code.rstrip(":") for code in explained()} - states == OF_APPOINTMENTS - states


OF_APPOINTMENTS = {"requested", "completed", "no_show"}
"""States that the page means by its dots."""
