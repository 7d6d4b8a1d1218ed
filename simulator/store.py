"""The simulator's own SQLite file. One connection behind one lock: writers never meet, readers see whole steps."""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

Row = sqlite3.Row
Value = str | int | float | bytes | None


class Store:
    """Thread-safe access to one file. `write()` is a transaction; a nested one joins the outer."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made here, since SQLite would let everybody read it; its other files take over the mode of this one.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, cached_statements=512)
        self._db.row_factory = sqlite3.Row
        # NORMAL with a write-ahead log survives a killed process; only a power cut can cost the last steps.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript((Path(__file__).parent / "schema.sql").read_text(encoding="utf-8"))

    @contextmanager
    def write(self) -> Iterator[None]:
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    def run(self, sql: str, *args: Value) -> int:
        """Executes one statement; the number of rows it changed."""
        with self._lock:
            return self._db.execute(sql, args).rowcount

    def add(self, sql: str, *args: Value) -> int:
        """Executes one INSERT; the row id it received."""
        with self._lock:
            return self._db.execute(sql, args).lastrowid or 0

    def row(self, sql: str, *args: Value) -> Row | None:
        with self._lock:
            found: Row | None = self._db.execute(sql, args).fetchone()
            return found

    def rows(self, sql: str, *args: Value) -> Sequence[Row]:
        with self._lock:
            return self._db.execute(sql, args).fetchall()

    def close(self) -> None:
        with self._lock:
            self._db.close()
