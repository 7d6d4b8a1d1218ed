"""What is sealed is bound to its column, by a text written on it, and to its row."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Base
from models.base import Sealed, Sealing
from models.clinics import Clinic
from models.customers import CustomerIdentity, LineLink
from runtime.keys import CannotOpen

SEALED = [
    (model, name, vars(model)[name])
    for model in sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__name__)
    if issubclass(model, Sealing)
    for name in model.sealed
]


def test_no_two_columns_are_bound_by_the_same_text() -> None:
    texts = [sealed.bound_as for _, _, sealed in SEALED]
    assert len(texts) == len(set(texts)) > 10


def test_every_sealed_attribute_has_its_column() -> None:
    for model, name, sealed in SEALED:
        assert isinstance(sealed, Sealed)
        assert f"{name}_sealed" in model.__table__.columns, f"{model.__name__}.{name}"


def test_a_column_of_another_name_opens_what_was_sealed_before(
    session: Session, mali: LineLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LineLink, "__tablename__", "line_accounts")
    monkeypatch.setattr(LineLink.user_id, "name", "line_user")
    assert mali.user_id == "U" + "a" * 32


def test_what_was_sealed_for_one_row_or_column_opens_in_no_other(
    session: Session, clinic: Clinic, mali: LineLink
) -> None:
    identity = session.scalars(select(CustomerIdentity)).one()
    assert identity.value == mali.user_id
    identity.value_sealed = mali.user_id_sealed
    with pytest.raises(CannotOpen):
        _ = identity.value
