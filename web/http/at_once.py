"""An answer from one statement, which checks the key as well: for what is asked so often that this costs as much.

The statement begins where a key of a clinic has been found, so one that is revoked gets nothing, and nothing is kept
from one request to the next.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from psycopg.rows import dict_row
from sqlalchemy import Engine, text

from models.clinic_settings import ClinicSettings, cached
from runtime.context import Runtime
from runtime.database import direct, in_words
from web.http import keys
from web.http.values import ResponseModel

Row = Mapping[str, Any]
_COLUMNS = """
    key.id AS key_id, key.scopes, clinic.id AS clinic_id, clinic.data_key, clinic.settings AS own_settings,
    clinic.settings_version
"""


@dataclass(frozen=True)
class AtOnce:
    """What an operation asks beside its key, of the clinic that is `clinic` in the statement."""

    columns: str
    joins: str
    """All of them LEFT JOINs: the key is found whatever they find."""
    values: Callable[[Any, datetime], dict[str, Any] | None]
    """Of the checked query; None where one statement cannot answer, and it takes the usual way."""
    answer: Callable[[Row, ClinicSettings, datetime], ResponseModel]
    """Raises `Problem`."""

    @cached_property
    def _statement(self) -> bytes:
        columns = f"{_COLUMNS}, {self.columns}"
        return in_words(text(f"SELECT {columns} {keys.KNOWN.format(joins=self.joins)}"))

    def ask(self, engine: Engine, secret: str, values: dict[str, Any]) -> Row:
        """Raises `Problem` (unauthorized)."""
        given = {**keys.asked(secret), **values}
        with direct(engine) as connection, connection.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(self._statement, given, prepare=True).fetchone()
        if found is None:
            raise keys.unauthorized()
        return found


def settings_of(row: Row, runtime: Runtime) -> ClinicSettings | None:
    """Of the clinic in the row; None where something of it cannot be read, as in `models.clinics.unreadable`."""
    id_, own = row["clinic_id"], row["own_settings"] or {}
    try:
        runtime.vault.data_key(row["data_key"], (id_,))
        return cached(id_, row["settings_version"], own, runtime.settings.clinic_defaults)
    except Exception:  # noqa: BLE001 - whatever it is, the usual way tells it
        return None
