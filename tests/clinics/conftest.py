"""A clinic that was made from a file, and what happens to it when the file changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from clinics.apply import apply, create
from clinics.check import check
from clinics.contents import ClinicFile
from clinics.current import as_text, current
from clinics.difference import Difference, difference, refused
from customers.people import meet_on_line
from local.demo import FILE
from loyalty import points
from models.clinics import Clinic
from models.customers import Customer
from runtime.settings import ClinicDefaults
from tests.fixtures.clinic import NOW

WHOLE = FILE.read_text(encoding="utf-8")
"""The demo's: one that uses most of what there is."""


def right(text: str, defaults: ClinicDefaults) -> ClinicFile:
    checked = check(text.encode(), defaults)
    assert checked.problems == ()
    assert checked.file is not None
    return checked.file


@dataclass
class Desk:
    """An owner's: the file on it, and the clinic."""

    session: Session
    clinic: Clinic
    text: str = WHOLE
    now: datetime = NOW

    @property
    def defaults(self) -> ClinicDefaults:
        found: ClinicDefaults = self.session.info["clinic_defaults"]
        return found

    def export(self) -> str:
        self.session.flush()
        self.session.expire_all()
        return as_text(current(self.session, self.clinic), self.clinic)

    def write(self, old: str, new: str) -> None:
        assert self.text.count(old) == 1, old
        self.text = self.text.replace(old, new)

    def differs(self) -> Difference:
        return difference(self.session, self.clinic, right(self.text, self.defaults), self.now)

    def changes(self) -> list[str]:
        return [str(one) for one in self.differs().changes]

    def apply(self) -> None:
        file = right(self.text, self.defaults)
        assert list(refused(self.session, self.clinic, file)) == []
        apply(self.session, self.clinic, file, self.now)
        self.session.flush()

    def refused(self) -> list[tuple[Any, str]]:
        return list(refused(self.session, self.clinic, right(self.text, self.defaults)))

    def member(self, number: int, total: int = 0) -> Customer:
        """Somebody who has earned so much in all."""
        customer = meet_on_line(self.session, self.clinic, f"U{number:032x}", NOW).customer
        customer.joined_at = NOW
        self.session.flush()
        joined = points.create_loyalty_profile(self.session, customer, NOW)
        more = total - joined.total_points
        if more > 0:
            points.adjust_points(self.session, customer, more, "test", now=NOW, actor="staff", counts=True)
        return customer


@pytest.fixture
def desk(session: Session) -> Desk:
    defaults = session.info["clinic_defaults"]
    return Desk(session, create(session, "aura", right(WHOLE, defaults), NOW))
