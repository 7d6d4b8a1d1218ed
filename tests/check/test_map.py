"""`ls` is the feature list: it stays short, and the README's map is the tree."""

import re
from collections.abc import Iterable, Iterator

from tests.check.test_floors import APART, FLOORS, OUTSIDE
from tests.check.tree import ROOT, tracked

ENTRIES = 26
NO_ROOMS = OUTSIDE | {"docs"}


def shown(paths: Iterable[str]) -> set[str]:
    """What `ls` shows of these files."""
    return {name for name in (path.split("/")[0] for path in paths) if not name.startswith(".")}


def rooms_of(paths: Iterable[str]) -> set[tuple[int | str, str]]:
    """(floor, room) of the tree; a file at the root is a room too, by its name without the ending."""
    found = {path.split("/")[0].removesuffix(".py") for path in paths if path.endswith(".py")} - NO_ROOMS
    floors = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    return {("apart" if room == APART else floors[room], room) for room in found}


def drawn(readme: str) -> Iterator[tuple[int | str, str]]:
    """(floor, room) of each row of the README's map; an empty floor is that of the row above."""
    floor: int | str = ""
    for first, second in re.findall(r"^\| *(\d+|apart|) *\| *(`[^|]+`) *\|", readme, re.MULTILINE):
        floor = (int(first) if first.isdigit() else first) or (0 if first == "0" else floor)
        for room in re.findall(r"`([a-z_]+)(?:/|\.py)`", second):
            yield floor, room


def test_ls_stays_short() -> None:
    entries = shown(tracked())
    assert len(entries) <= ENTRIES, f"{len(entries)} entries: {', '.join(sorted(entries))}"


def test_the_map_of_the_readme_is_the_tree() -> None:
    rooms = list(drawn((ROOT / "README.md").read_text(encoding="utf-8")))
    assert len(rooms) == len(set(rooms))
    assert set(rooms) == rooms_of(tracked("*.py"))


def test_the_map_is_read_as_it_is_drawn() -> None:
    readme = """
| floor | room | what is in it |
|---|---|---|
| 8 | `app.py` | all |
| | `local/` | more |
| 3 | `customers/` `ai/` | who |
| 0 | `runtime/` | ground |
| apart | `simulator/` | LINE |

| `PORT` | `8000` | a setting |
"""
    files = (
        "app.py",
        "local/a.py",
        "customers/b/c.py",
        "ai/__init__.py",
        "runtime/x.py",
        "simulator/y.py",
        "tests/z.py",
    )
    assert set(drawn(readme)) == rooms_of([*files, "docs/a.py", "README.md"])
    assert set(drawn(readme.replace("| 3 |", "| 2 |"))) != rooms_of(files)
    assert set(drawn(readme.replace("`ai/`", ""))) != rooms_of(files)
    assert shown(["README.md", ".ci/run", "bot/a.py", "bot/b.py"]) == {"README.md", "bot"}
