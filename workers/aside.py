"""Clinics that cannot be read are set aside as a whole: their work keeps its tries and waits until they are mended.

Whoever goes round the clinics asks here first, so that a clinic's fault is found before any of its rows is touched:
settings that are wrong, a data key that no key of the ring opens, credentials that no request can carry.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, SelectBase, func, literal_column, or_, select, union_all, update
from sqlalchemy.orm import Session

from channels.line.client import Line
from models.clinics import Clinic, unreadable
from runtime.clock import DATABASE_NOW
from runtime.context import Runtime
from runtime.database import direct, in_words
from runtime.timing import after_failure

log = structlog.get_logger(__name__)

_TO_LOOK_AT = or_(Clinic.aside_until.is_(None), Clinic.aside_until <= DATABASE_NOW)
_VERSION: ColumnElement[object] = literal_column("clinics.xmin")
"""Another one after each change of the row, by whomever. postgresql.org/docs/current/ddl-system-columns.html"""


@dataclass(frozen=True)
class Aside:
    runtime: Runtime
    line: Line
    _well: dict[UUID, object] = field(default_factory=dict)
    """The version of the row by which a clinic could be read: until it changes nobody need try."""

    def with_work(self, kinds: Sequence[SelectBase]) -> list[list[UUID]]:
        """Of each kind of work, given by the clinics that have some, those whose work may be taken."""
        with direct(self.runtime.sessions.kw["bind"]) as connection:
            found = connection.execute(_with_work(tuple(kinds)), prepare=True).fetchall()
        changed = {id_ for _, id_, version in found if self._well.get(id_) != version}
        well = {id_ for _, id_, _ in found} - changed | set(self.at_work(changed))
        return [[id_ for kind, id_, _ in found if kind == place and id_ in well] for place in range(len(kinds))]

    def at_work(self, clinic_ids: Collection[UUID]) -> list[UUID]:
        """Those of these clinics whose work may be taken, in their order; which can be read is looked at now."""
        if not clinic_ids:
            return []
        faults: dict[UUID, str | None] = {}
        with self.runtime.sessions.begin() as session:
            looked_at = select(Clinic, _VERSION).where(Clinic.id.in_(clinic_ids), _TO_LOOK_AT)
            for clinic, version in session.execute(looked_at).all():
                faults[clinic.id] = fault = fault_of(clinic, self.line)
                self._note(session, clinic, fault)
                if fault is None:
                    self._well[clinic.id] = version
        return [id_ for id_ in clinic_ids if id_ in faults and faults[id_] is None]

    def look_at_all(self) -> None:
        """Every clinic now, whenever its next look is due: somebody asks how they are."""
        with self.runtime.sessions.begin() as session:
            session.execute(update(Clinic).where(Clinic.aside_until.is_not(None)).values(aside_until=DATABASE_NOW))
            everybody = session.scalars(select(Clinic.id)).all()
        self.at_work(everybody)

    def _note(self, session: Session, clinic: Clinic, fault: str | None) -> None:
        """Nothing is written for a clinic that was well and is."""
        if fault is None and clinic.aside_reason is None:
            return
        # Who holds the row may hold it long, and all clinics wait here; the next round notes it.
        free = select(Clinic.id).where(Clinic.id == clinic.id).with_for_update(skip_locked=True, key_share=True)
        if session.scalar(free) is None:
            return
        if fault is None:
            values: dict[str, Any] = {"aside_reason": None, "aside_since": None, "aside_until": None, "aside_looks": 0}
            log.info("clinic is back", clinic=clinic.slug)
        else:
            looks = clinic.aside_looks + 1
            values = {
                "aside_reason": fault,
                "aside_since": func.coalesce(Clinic.aside_since, DATABASE_NOW),
                "aside_until": DATABASE_NOW + after_failure(self.runtime.timing.aside, looks),
                "aside_looks": looks,
            }
            log.error("clinic set aside", clinic=clinic.slug, reason=fault)
        session.execute(
            update(Clinic)
            .where(Clinic.id == clinic.id, _TO_LOOK_AT)
            .values(values)
            .execution_options(synchronize_session=False)
        )


@cache
def _with_work(kinds: tuple[SelectBase, ...]) -> bytes:
    """Each clinic that has work and may be looked at: the place of the kind, its id, and the version of its row."""
    each = (
        select(literal_column(str(place)).label("kind"), kind.subquery().c.clinic_id)
        for place, kind in enumerate(kinds)
    )
    found = union_all(*each).subquery()
    return in_words(
        select(found.c.kind, Clinic.id, _VERSION).join(found, found.c.clinic_id == Clinic.id).where(_TO_LOOK_AT)
    )


def fault_of(clinic: Clinic, line: Line) -> str | None:
    """What of the clinic cannot be read, and where; None when it is well. Needs the clinic in a session."""
    if (fault := unreadable(clinic)) is not None:
        return fault
    try:
        unusable = line.access(clinic).unusable
    except Exception as error:  # noqa: BLE001 - whatever it is, this clinic waits and no other does
        return f"line_credentials: {type(error).__name__}"
    return None if unusable is None else f"line_credentials: {unusable}"
