"""What is told again once the clinic's file knows the service: the treatment and the visit have its code from then."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from facts.hear import hear
from facts.told import Fact, Performed, Person, TreatmentTold, VisitTold
from models.branches import Service
from models.clinics import Clinic
from models.facts import Visit
from models.treatments import Treatment
from tests.fixtures.clinic import NOW

MALI, AT = Person(id="P", name="Mali"), NOW - timedelta(hours=2)


def twice(session: Session, clinic: Clinic, fact: Fact) -> None:
    assert hear(session, clinic, "standard", fact, NOW).unmapped
    session.add(Service(clinic_id=clinic.id, code="HYDRA", names={"th": "ไฮดราเฟเชียล"}))
    assert not hear(session, clinic, "standard", fact, NOW).unmapped


def test_a_treatment_told_again_has_the_service_that_the_file_knows_by_now(session: Session, clinic: Clinic) -> None:
    twice(session, clinic, TreatmentTold("T", "performed", 1, AT, Performed(MALI, AT, "HYDRA")))
    assert session.scalars(select(Treatment.service_code)).all() == ["HYDRA"]
    assert session.scalars(select(Visit.service_code)).all() == ["HYDRA"]


def test_a_visit_told_again_has_the_service_that_the_file_knows_by_now(session: Session, clinic: Clinic) -> None:
    twice(session, clinic, VisitTold("V", MALI, AT, "HYDRA"))
    assert session.scalars(select(Visit.service_code)).all() == ["HYDRA"]
