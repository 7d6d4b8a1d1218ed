"""What every table shares: ids, types, names of constraints, and sealed columns."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, Generic, Self, TypeVar, cast, overload
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, object_session
from uuid_utils.compat import uuid7

from runtime.keys import DataKey, Vault

T = TypeVar("T")


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
        # No dictionary is NULL, not the JSON word null.
        dict[str, Any]: JSONB(none_as_null=True),
        dict[str, object]: JSONB(none_as_null=True),
    }


class Identified(Base):
    """A table whose rows have an id of their own, given when the object is made: sealing needs it before the flush."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        # Sealed columns bind to the row's id and owner, so plain columns are set first.
        sealed = {name: values.pop(name) for name in list(values) if isinstance(getattr(type(self), name), Sealed)}
        super().__init__(**values)
        for name, value in sealed.items():
            setattr(self, name, value)


def open_key(owner: Any) -> DataKey | None:
    """The owner's data key, kept on the object once unwrapped; None after erasure. Needs the owner in a session."""
    if owner.data_key is None:
        return None
    kept = owner.__dict__.get("_open_key")
    if kept is not None and kept[0] == owner.data_key:
        return cast("DataKey", kept[1])
    session = object_session(owner)
    if session is None:
        raise RuntimeError(f"{type(owner).__name__} {owner.id} is in no session: its data key cannot be opened")
    vault: Vault = session.info["vault"]
    key = vault.data_key(owner.data_key, owner.id)
    owner.__dict__["_open_key"] = (owner.data_key, key)
    return key


class Sealed(Generic[T]):
    """An attribute over a `<name>_sealed` column: plain to the program, AES-GCM in the database.

    Reads None when nothing was stored or when the owner's data key has been destroyed. Writing about a person who was
    erased raises `ValueError`.
    """

    def __init__(self, encode: Callable[[T], bytes], decode: Callable[[bytes], T]) -> None:
        self._encode, self._decode = encode, decode

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.column = f"{name}_sealed"

    def _place(self, row: Any) -> bytes:
        return f"{row.clinic_of()}|{row.__tablename__}|{self.name}|{row.id}".encode()

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: object, owner: type) -> T | None: ...
    def __get__(self, row: Any, owner: type) -> Self | T | None:
        if row is None:
            return self
        sealed = getattr(row, self.column)
        key = open_key(row.key_owner()) if sealed is not None else None
        return None if key is None else self._decode(key.open(sealed, self._place(row)))

    def __set__(self, row: Any, plain: T | None) -> None:
        if plain is None:
            setattr(row, self.column, None)
            return
        key = open_key(row.key_owner())
        if key is None:
            raise ValueError(f"{row.__tablename__}.{self.name}: the person was erased; nothing more may be written")
        setattr(row, self.column, key.seal(self._encode(plain), self._place(row)))


def sealed_bytes() -> Sealed[bytes]:
    return Sealed(bytes, bytes)


def sealed_text() -> Sealed[str]:
    """Lone surrogates survive: customers do send them."""
    return Sealed(lambda text: text.encode("utf-8", "surrogatepass"), lambda raw: raw.decode("utf-8", "surrogatepass"))
