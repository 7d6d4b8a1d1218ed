"""What every table shares: ids, types, names of constraints, and sealed columns."""

from datetime import datetime
from typing import Any, ClassVar, Protocol, cast, overload
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, object_session
from uuid_utils.compat import uuid7

from crypto import DataKey, Vault


def new_id() -> UUID:
    """UUIDv7: ids made later sort later, so that inserts stay at the end of each index."""
    return uuid7()


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        str: Text,
        bytes: LargeBinary,
        dict[str, Any]: JSONB,
        dict[str, object]: JSONB,
    }


class Identified(Base):
    """A table whose rows have an id of their own, given when the object is made: sealing needs it before the flush."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True)

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        # Sealed columns bind to the row's id and owner, so plain columns are set first.
        sealed = {name: values.pop(name) for name in list(values) if isinstance(getattr(type(self), name), SealedBytes)}
        super().__init__(**values)
        for name, value in sealed.items():
            setattr(self, name, value)


class KeyOwner(Protocol):
    """A row with a data key: a clinic or a customer."""

    id: Any
    data_key: Any


class Sealable(Protocol):
    """A row with sealed columns: it knows whose key they are under and to which clinic they belong."""

    id: Any

    def key_owner(self) -> Any: ...
    def clinic_of(self) -> UUID: ...


def open_key(owner: Any) -> DataKey | None:
    """The owner's data key, kept on the object once unwrapped; None after erasure. Needs the owner in a session."""
    if owner.data_key is None:
        return None
    kept = owner.__dict__.get("_open_key")
    if kept is not None and kept[0] == owner.data_key:
        return cast(DataKey, kept[1])
    session = object_session(owner)
    if session is None:
        raise RuntimeError(f"{type(owner).__name__} {owner.id} is in no session: its data key cannot be opened")
    vault: Vault = session.info["vault"]
    key = vault.data_key(owner.data_key, owner.id)
    owner.__dict__["_open_key"] = (owner.data_key, key)
    return key


class SealedBytes:
    """An attribute over a `<name>_sealed` column: plain bytes to the program, AES-GCM in the database.

    Reads None when nothing was stored or when the owner's data key has been destroyed.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.column = f"{name}_sealed"

    def _place(self, row: Any) -> bytes:
        return f"{row.clinic_of()}|{row.__tablename__}|{self.name}|{row.id}".encode()

    def _read(self, row: Any) -> bytes | None:
        sealed = getattr(row, self.column)
        key = open_key(row.key_owner()) if sealed is not None else None
        return None if key is None else key.open(sealed, self._place(row))

    def _write(self, row: Any, plain: bytes | None) -> None:
        if plain is None:
            setattr(row, self.column, None)
            return
        key = open_key(row.key_owner())
        if key is None:
            raise ValueError(f"{row.__tablename__}.{self.name}: the person was erased; nothing may be written about them")
        setattr(row, self.column, key.seal(plain, self._place(row)))

    @overload
    def __get__(self, row: None, owner: type) -> "SealedBytes": ...
    @overload
    def __get__(self, row: object, owner: type) -> bytes | None: ...
    def __get__(self, row: object | None, owner: type) -> "SealedBytes | bytes | None":
        return self if row is None else self._read(row)

    def __set__(self, row: object, plain: bytes | None) -> None:
        self._write(row, plain)


class SealedText(SealedBytes):
    """The same for text. Lone surrogates survive: customers do send them."""

    @overload
    def __get__(self, row: None, owner: type) -> "SealedText": ...
    @overload
    def __get__(self, row: object, owner: type) -> str | None: ...
    def __get__(self, row: object | None, owner: type) -> "SealedText | str | None":  # type: ignore[override]
        if row is None:
            return self
        plain = self._read(row)
        return None if plain is None else plain.decode("utf-8", "surrogatepass")

    def __set__(self, row: object, plain: str | None) -> None:  # type: ignore[override]
        self._write(row, None if plain is None else plain.encode("utf-8", "surrogatepass"))
