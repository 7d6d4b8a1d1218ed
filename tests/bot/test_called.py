"""A clinic that is called otherwise in another language is called so to who speaks it."""

import json

import pytest
from sqlalchemy.orm import Session

from channels.line.render import wire
from models.clinics import Clinic
from tests.fixtures.clinic import Talk, make_clinic


@pytest.fixture
def clinic(session: Session) -> Clinic:
    return make_clinic(session, voice={"names": {"th": "ออร่าคลินิก"}})


def test_each_language_has_its_name(clinic: Clinic, talk: Talk) -> None:
    said = json.dumps(wire(talk.event("follow").reply), ensure_ascii=False)
    assert "ออร่าคลินิก" in said
    assert "Aura Clinic" not in said
    talk.tap("language", to="en")
    assert "Aura Clinic" in json.dumps(wire(talk.event("follow").reply), ensure_ascii=False)
