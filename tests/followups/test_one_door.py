"""Nothing is said unasked but through the gates: who else may write to the outbox is named here, with why."""

import ast
from collections.abc import Iterator

from tests.check.tree import sources

DOOR = "followups/dispatch.py"
RIDES = "followups/rides.py"
MAY_WRITE = {
    DOOR: "rules speak, each execution through the gates",
    "followups/notifications.py": "news of what the customer has done or has: points, rewards, grants, a question",
    "facts/linked.py": "a one-time code that somebody has just asked for, to the phone that they typed",
    "bot/chats/own_email.py": "a one-time code that somebody has just asked for, to the mail address that they typed",
    "facts/answered.py": "an answer of the staff's to what the customer wrote",
    "channels/line/replies.py": "an answer of the bot's whose token was no longer taken",
    "bot/staff_notices.py": "the staff's group, never a customer",
}
CALLS = {
    "channels/line/channel.py": "the channel itself, which the outbox alone calls",
    "channels/line/client.py": "the address of LINE's platform",
}
WIRE = ("message/push", "message/multicast", "message/narrowcast", "message/broadcast")
SHIPPED = {
    path: text for path, text in sources("*.py").items() if not path.startswith(("tests/", "benchmarks/", "simulator/"))
}


def calls(text: str) -> Iterator[tuple[str, str]]:
    """(function in which it stands, what is called) of each call."""

    def within(node: ast.AST, function: str) -> Iterator[tuple[str, str]]:
        for child in ast.iter_child_nodes(node):
            inner = child.name if isinstance(child, ast.FunctionDef) else function
            if isinstance(child, ast.Call):
                yield inner, ast.unparse(child.func)
            yield from within(child, inner)

    return within(ast.parse(text), "")


def callers(*names: str) -> set[str]:
    return {path for path, text in SHIPPED.items() if any(called.endswith(names) for _, called in calls(text))}


def test_only_these_write_to_the_outbox() -> None:
    writing = {
        path
        for path, text in SHIPPED.items()
        if any(called in ("outbox.write", "write_send") for _, called in calls(text))
    }
    assert writing == MAY_WRITE.keys()
    aliased = [path for path, text in SHIPPED.items() if "from channels.outbox import write" in text]
    assert aliased == []


def test_only_the_outbox_makes_sends_and_carries_them() -> None:
    made = {path for path, text in SHIPPED.items() if any(called == "Send" for _, called in calls(text))}
    assert made == {"channels/outbox.py"}
    assert {path for path in callers(".push") if not path.startswith("runtime/")} <= CALLS.keys()
    assert {path for path, text in SHIPPED.items() if any(one in text for one in WIRE)} <= CALLS.keys()


def test_in_the_door_nothing_leaves_but_what_the_gates_let_go() -> None:
    found = list(calls(SHIPPED[DOOR]))
    assert [function for function, called in found if called == "outbox.write"] == ["send"]
    assert {function for function, called in found if called == "send"} == {"_say"}
    assert {function for function, called in found if called == "_say"} == {"say"}
    assert {function for function, called in found if called == "_ready"} == {"_say"}
    assert {function for function, called in found if called in ("Ready", "judged", "gone")} == {"_ready"}
    order = [
        called for function, called in found if function == "judged" and called in ("verdict", "ways_for", "Going")
    ]
    assert order == ["verdict", "ways_for", "Going"]
    assert {function for function, called in found if called in ("verdict", "Going")} == {"judged"}


def test_in_an_answer_nothing_rides_but_what_the_gates_let_go() -> None:
    """It counts as said by `gone`, which wants what `judged` alone gives."""
    found = [one for one in calls(SHIPPED[RIDES]) if one[1] in ("judged", "gone", "send", "Going", "Ready")]
    assert found == [("_said", "judged"), ("_said", "gone"), ("_said", "send"), ("_said", "Ready")]
    asking = [path for path, text in SHIPPED.items() if "from followups.dispatch import" in text]
    assert asking == [RIDES]
    assert callers("dispatch.gone", "dispatch.judged", "dispatch.send") == set()


def test_the_staffs_notices_name_no_customer() -> None:
    (written,) = [
        node
        for node in ast.walk(ast.parse(SHIPPED["bot/staff_notices.py"]))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "outbox.write"
    ]
    assert ast.unparse(written.args[3]) == "None"
