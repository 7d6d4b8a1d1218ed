"""What every table shares: ids, types, names of constraints, and sealed columns."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, Self, TypeVar, cast, overload
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    LargeBinary,
    MetaData,
    Text,
    Uuid,
    any_,
    func,
    literal,
    literal_column,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import BIT, JSONB
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column, object_session
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine
from uuid_utils.compat import uuid7

from runtime.keys import DataKey, Vault

T = TypeVar("T")


def among(column: InstrumentedAttribute[Any], ids: Collection[UUID]) -> ColumnElement[bool]:
    """That it is one of these. One parameter, however many they are: the statement stays the same and is planned
    once."""
    return column == any_(literal(list(ids), ARRAY(Uuid())))


def new_id() -> UUID:
    """UUIDv7: ids made later sort later, so that inserts stay at the end of each index."""
    return uuid7()


def made_at(id_: InstrumentedAttribute[UUID]) -> ColumnElement[datetime]:
    """When an id of `new_id` was made, in real time: its first twelve digits are the milliseconds."""
    digits = func.substr(func.replace(sql_cast(id_, Text), "-", ""), 1, 12)
    milliseconds = sql_cast(sql_cast(func.concat("x0000", digits), BIT(64)), BigInteger)
    return func.to_timestamp(milliseconds / literal_column("1000.0"), type_=DateTime(timezone=True))


def moment_of(id_: UUID) -> datetime:
    """The same of an id at hand."""
    return datetime.fromtimestamp((id_.int >> 80) / 1000, UTC)


class _Written(TypeEngine.Comparator[Any]):
    def operate(self, op: OperatorType, *other: Any, **options: Any) -> ColumnElement[Any]:
        return super().operate(op, *map(_written, other), **options)


def _written(value: object) -> Any:
    if isinstance(value, (tuple, list, set, frozenset)):
        return [_written(one) for one in value]
    if isinstance(value, str):
        if not value.isidentifier():
            raise ValueError(f"{value!r} is no word of the program: nothing else is written into a statement")
        return literal_column(f"'{value}'", Text())
    return literal_column("0", BigInteger()) if value == 0 and type(value) is int else value


class Word(Text):
    """A column of words of the program, such as states: what it is compared with is written into the statement.

    A prepared statement may come to a plan that was made without its values. Such a plan uses a partial index only
    where it sees the word, and would read the whole table else. Raises `ValueError` where it is compared with other
    text.
    """

    class Comparator(_Written, Text.Comparator[Any]):
        pass

    comparator_factory = Comparator


class Rest(BigInteger):
    """A number that tells by being 0 that nothing is left to do; as with `Word`, 0 is written into the statement."""

    class Comparator(_Written, BigInteger.Comparator[Any]):
        pass

    comparator_factory = Comparator


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
    clinic_id: UUID = owner.clinic_of()
    row = (owner.id,) if clinic_id == owner.id else (owner.id, clinic_id)
    key = vault.data_key(owner.data_key, row)
    owner.__dict__["_open_key"] = (owner.data_key, key)
    return key


class Sealed(Generic[T]):
    """An attribute over a `<name>_sealed` column: plain to the program, AES-GCM in the database.

    Reads None when nothing was stored or when the owner's data key has been destroyed. Writing about a person who was
    erased raises `ValueError`. `bound_as` names the column in the associated data, `table.column` as it was first
    called: it is written down, so that a table may be given another name while what was sealed still opens.
    """

    def __init__(self, bound_as: str, encode: Callable[[T], bytes], decode: Callable[[bytes], T]) -> None:
        self.bound_as = bound_as
        self._encode, self._decode = encode, decode

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.column = f"{name}_sealed"

    def associated_data(self, clinic_id: UUID, row_key: str) -> bytes:
        """What a value of this column is bound to: moved to another row, column or clinic it does not open."""
        return f"{clinic_id}|{self.bound_as}|{row_key}".encode()

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: object, owner: type) -> T | None: ...
    def __get__(self, row: Any, owner: type) -> Self | T | None:
        if row is None:
            return self
        sealed = getattr(row, self.column)
        key = open_key(row.key_owner()) if sealed is not None else None
        return (
            None
            if key is None
            else self._decode(key.open(sealed, self.associated_data(row.clinic_of(), row.row_key())))
        )

    def __set__(self, row: Any, plain: T | None) -> None:
        if plain is None:
            setattr(row, self.column, None)
            return
        key = open_key(row.key_owner())
        if key is None:
            raise ValueError(f"{self.bound_as}: the person was erased; nothing more may be written")
        bound = self.associated_data(row.clinic_of(), row.row_key())
        setattr(row, self.column, key.seal(self._encode(plain), bound))


class Sealing(Base):
    """A table with sealed columns. A sealed value is bound to its row by `row_key`, which never changes."""

    __abstract__ = True

    sealed: ClassVar[tuple[str, ...]] = ()
    """The names of its sealed attributes."""

    def __init_subclass__(cls, **options: Any) -> None:
        cls.sealed = tuple(name for name, value in vars(cls).items() if isinstance(value, Sealed))
        super().__init_subclass__(**options)

    def __init__(self, **values: Any) -> None:
        # Sealed columns bind to the row's key and owner, so plain columns are set first.
        sealed = {name: values.pop(name) for name in self.sealed if name in values}
        super().__init__(**values)
        for name, value in sealed.items():
            setattr(self, name, value)

    def row_key(self) -> str:
        """What tells this row from the others of its table in its clinic."""
        raise NotImplementedError


class Identified(Sealing):
    """A table whose rows have an id of their own, given when the object is made: sealing needs it before the flush."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        super().__init__(**values)

    def row_key(self) -> str:
        return str(self.id)


def sealed_bytes(bound_as: str) -> Sealed[bytes]:
    return Sealed(bound_as, bytes, bytes)


def sealed_text(bound_as: str) -> Sealed[str]:
    """Lone surrogates survive: customers do send them."""
    return Sealed(
        bound_as, lambda text: text.encode("utf-8", "surrogatepass"), lambda raw: raw.decode("utf-8", "surrogatepass")
    )
