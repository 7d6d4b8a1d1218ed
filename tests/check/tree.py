"""What is tracked: the checks read the project as its readers will, not what happens to lie in a working folder."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def tracked(*patterns: str) -> tuple[str, ...]:
    """Tracked files that still exist, by their path from the root; `*` crosses folders, as in `git ls-files`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    return tuple(path for path in sorted(listed.split("\0")) if path and (ROOT / path).exists())


def sources(*patterns: str) -> dict[str, str]:
    """Path → text."""
    return {path: (ROOT / path).read_text(encoding="utf-8") for path in tracked(*patterns)}
