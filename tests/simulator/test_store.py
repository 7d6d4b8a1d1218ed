"""The simulator's file holds chats and channels' secrets: whoever started it reads it, and nobody else."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.store import Store


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_nobody_else_can_read_the_file(open_umask: None, tmp_path: Path) -> None:
    file = tmp_path / "simulator" / "simulator.sqlite"
    for _ in range(2):
        store = Store(file)
        store.run("PRAGMA user_version = 1")
        assert file.parent.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {0o600}
        store.close()
        file.chmod(0o644)  # as a version before this one left it
