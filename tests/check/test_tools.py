"""Style, types, dependencies and the pages' scripts: each tool is content. mypy and ruff keep what they know."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.check.tree import ROOT

TOOLS = {
    "ruff": ("ruff", "check", "--quiet"),
    "format": ("ruff", "format", "--check", "--quiet", "."),
    "mypy": ("mypy", "--strict", "--no-error-summary", "."),
    "deptry": ("deptry", "."),
    "oxlint": ("oxlint", "--deny-warnings"),
}
PROGRAMS = Path(sys.executable).parent


def complaints(tool: str, folder: Path = ROOT) -> str:
    """What the tool says about the project in `folder`; empty when it is content."""
    program, *arguments = TOOLS[tool]
    run = subprocess.run([PROGRAMS / program, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return f"status {run.returncode}\n{run.stdout}{run.stderr}" if run.returncode else ""


@pytest.mark.parametrize("tool", ["mypy", "ruff", "format", "deptry", "oxlint"])
def test_the_tool_is_content(tool: str) -> None:
    assert complaints(tool) == ""


@pytest.mark.parametrize(
    ("tool", "file", "text", "said"),
    [
        ("mypy", "a.py", "def f(x: int) -> str:\n    return x\n", "Incompatible return value"),
        ("ruff", "a.py", "import os\n", "F401"),
        ("format", "a.py", "x = {  'a':1 }\n", "status 1"),
        ("deptry", "a.py", "import schemathesis\n", "DEP004"),
        ("oxlint", "a.js", "var a = b == 1;\n", "eqeqeq"),
    ],
)
def test_each_tool_can_complain(tmp_path: Path, tool: str, file: str, text: str, said: str) -> None:
    for name in ("pyproject.toml", ".oxlintrc.json"):
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / file).write_text(text)
    assert said in complaints(tool, tmp_path)
