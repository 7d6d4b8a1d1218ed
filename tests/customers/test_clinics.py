"""A clinic is made with what every clinic has."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.clinics import new_clinic
from models.branches import Branch
from models.clinic_settings import BadSettings
from tests.fixtures.clinic import NOW


def test_it_has_a_place_that_bears_its_name(session: Session) -> None:
    aura, glow = (new_clinic(session, name.lower(), name, NOW) for name in ("Aura", "Glow"))
    names = dict(session.execute(select(Branch.clinic_id, Branch.name)).all())
    assert names == {aura.id: "Aura", glow.id: "Glow"}


def test_it_can_keep_a_secret(session: Session) -> None:
    clinic = new_clinic(session, "aura", "Aura", NOW)
    clinic.line_channel_secret = "secret"
    session.flush()
    session.expire(clinic)
    assert clinic.line_channel_secret == "secret"


def test_it_is_not_made_with_settings_that_cannot_be(session: Session) -> None:
    with pytest.raises(BadSettings):
        new_clinic(session, "aura", "Aura", NOW, {"voice": {"zone": "here"}})
