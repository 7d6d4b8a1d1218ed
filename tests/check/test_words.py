"""What the project may not contain: traces of the place it was made in, vague names, long files, swallowed errors."""

import ast
import re
from collections.abc import Mapping

import pytest

from tests.check.tree import ROOT, sources, tracked

LONGEST = 350
COUNTED = ("*.py", "*.js", "*.css", "*.html", "*.sh", "Makefile", "*.toml")
UNCOUNTED = ("models/migrations/versions/",)
BINARY = (".png", ".jpg", ".jpeg", ".ttf", ".woff2", ".ico", ".gz", ".mp4", ".m4a", ".pdf")
# From the list of words: a file is not named by a word that blurs another.
AVOIDED = {
    "shop", "patient", "patients", "coupon", "coupons", "voucher", "vouchers", "invite", "invites", "ticket", "tickets",
    "bucket", "buckets", "rank", "ranks", "utils", "util", "common", "helpers", "helper", "core", "services", "misc",
    "stuff",
}  # fmt: skip
SIMULATED = {"mock", "mocks", "fake", "fakes", "stub", "stubs"}
"""What the product calls a simulator; a test calls its stub a stub."""
# A bracket around one letter keeps a pattern from finding itself.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.])/(?:work|root|tmp/w)/",
    "a neighbour of the repository": r"\.\./share[d]",
    "how the work is organised": r"(?i)\bissue\s+#?\d|developers?'? session|\bmain author\b|\bsub-?agent|\bthe brief\b",
    "a registry's host": r"(?i)pypi\.or[g]|pythonhosted\.or[g]|npm[j]s|registry\.np[m]",
    "a promise instead of work": r"\b(?:TO[D]O|FIX[M]E|XX[X])\b",
}


def texts() -> dict[str, str]:
    kept = {}
    for path in tracked():
        if not path.endswith(BINARY):
            kept[path] = (ROOT / path).read_text(encoding="utf-8", errors="replace")
    return kept


def forbidden(files: Mapping[str, str]) -> list[str]:
    return [
        f"{path}:{number}: {what}: {line.strip()[:100]}"
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in FORBIDDEN.items()
        if re.search(pattern, line)
    ]


def badly_named(paths: tuple[str, ...]) -> list[str]:
    def avoided(path: str) -> set[str]:
        return AVOIDED if path.startswith("tests/") else AVOIDED | SIMULATED

    return [path for path in paths if avoided(path) & {part.split(".")[0].lower() for part in path.split("/")}]


def long_files(files: Mapping[str, str]) -> list[str]:
    lengths = {path: len(text.splitlines()) for path, text in files.items() if not path.startswith(UNCOUNTED)}
    return [f"{path}: {length} lines, at most {LONGEST}" for path, length in lengths.items() if length > LONGEST]


def swallowed(files: Mapping[str, str]) -> list[str]:
    """Handlers that do nothing: every silence needs a stored reason."""

    def nothing(statement: ast.stmt) -> bool:
        return isinstance(statement, ast.Pass) or (
            isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        )

    return [
        f"{path}:{node.lineno}"
        for path, text in files.items()
        for node in ast.walk(ast.parse(text, path))
        if isinstance(node, ast.ExceptHandler) and all(nothing(statement) for statement in node.body)
    ]


def test_no_traces_of_where_it_was_made() -> None:
    assert forbidden(texts()) == []


def test_files_are_named_for_what_they_are() -> None:
    assert badly_named(tracked()) == []


def test_files_stay_short() -> None:
    assert long_files(sources(*COUNTED)) == []


def test_no_error_is_swallowed() -> None:
    assert swallowed(sources("*.py")) == []


@pytest.mark.parametrize(
    "line",
    [
        "see /wo" + "rk/main/app.py",
        "open('/ro" + "ot/.config/x')",
        "../sha" + "red/design",
        "as iss" + "ue #2 asks",
        "index: https://py" + "pi.org/simple",
        "# TO" + "DO later",
    ],
)
def test_each_trace_is_seen(line: str) -> None:
    assert len(forbidden({"a.md": line})) == 1


def test_innocent_lines_are_not_refused() -> None:
    innocent = [
        "python -m workers/work",
        "GET /v2/bot/richmenu",
        "an issue with two parts",
        "https://developers.line.biz/en/",
    ]
    assert forbidden({"a.md": "\n".join(innocent)}) == []


def test_the_other_checks_can_fail() -> None:
    names = ("web/helpers.py", "loyalty/coupons.py", "bot/routes.py", "tests/local/stub/app.py", "simulator/stub.py")
    assert badly_named(names) == ["web/helpers.py", "loyalty/coupons.py", "simulator/stub.py"]
    assert long_files(
        {"bot/a.py": "x\n" * 351, "models/migrations/versions/1.py": "x\n" * 999, "bot/b.py": "x\n" * 350}
    ) == ["bot/a.py: 351 lines, at most 350"]
    handlers = ("except ValueError:\n    pass", "except OSError:\n    ...", "except KeyError:\n    g()")
    assert swallowed({"a.py": "\n".join(f"try:\n    f()\n{handler}" for handler in handlers)}) == ["a.py:3", "a.py:7"]
