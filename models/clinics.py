"""A clinic: one brand with one LINE Official Account, its customers, rules and settings."""

from datetime import date, datetime
from typing import Any, ClassVar, cast
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Computed,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    and_,
    false,
    inspect,
)
from sqlalchemy.orm import (
    Mapped,
    MappedColumn,
    Relationship,
    declared_attr,
    foreign,
    mapped_column,
    object_session,
    relationship,
    remote,
    validates,
)
from sqlalchemy.schema import SchemaItem

from models.base import Base, Identified, open_key, sealed_text
from models.clinic_settings import BadSettings, ClinicSettings, cached, effective, parse
from models.lifecycle import WHILE_KNOWN, Merge, Retention
from runtime.settings import ClinicDefaults


class Clinic(Identified):
    __tablename__ = "clinics"
    # An API key ends its clinic's slug with an underscore, an address with a slash.
    __table_args__ = (CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,39}$'", name="slug"),)

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    data_key: Mapped[bytes]
    own_settings: Mapped[dict[str, Any]] = mapped_column("settings", default=dict)
    """What the clinic has chosen, in the sections of `models/clinic_settings.py`; read through `settings`. To change
    it, assign a new dictionary: a wrong one raises `BadSettings`."""
    settings_version: Mapped[str] = mapped_column(Computed("md5(settings::text)", persisted=True))
    """Another one for each change of the settings, whoever made it."""
    next_tiers: Mapped[dict[str, Any] | None]
    """The section `tiers` as it will be: those who lose by it have been told, and have until then."""
    next_tiers_on: Mapped[date | None]
    """The clinic's day on which it begins."""
    tiers_due: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether its tiers have changed since everybody's was last worked out (`loyalty/terms.py`)."""
    goals: Mapped[int] = mapped_column(default=0, server_default="0")
    """Counts the changes of its achievements: a profile with a smaller number was not held against all of them."""
    line_channel_id: Mapped[str | None]
    line_basic_id: Mapped[str | None]
    line_channel_secret_sealed: Mapped[bytes | None]
    line_bot_token_sealed: Mapped[bytes | None]
    sms_key_sealed: Mapped[bytes | None]
    email_password_sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]

    aside_reason: Mapped[str | None]
    """What of the clinic cannot be read, and where; while it stands nobody takes up the clinic's work."""
    aside_since: Mapped[datetime | None]
    aside_until: Mapped[datetime | None]
    """When it is looked at again, in the database's time."""
    aside_looks: Mapped[int] = mapped_column(default=0)
    """How often in a row it could not be read."""

    line_channel_secret = sealed_text("clinics.line_channel_secret")
    line_bot_token = sealed_text("clinics.line_bot_token")
    sms_key = sealed_text("clinics.sms_key")
    """`key:secret`, as its provider of SMS gives them."""
    email_password = sealed_text("clinics.email_password")

    @validates("own_settings")
    def _checked(self, _name: str, own: dict[str, Any]) -> dict[str, Any]:
        parse(own)
        return own

    @property
    def settings(self) -> ClinicSettings:
        """What holds for the clinic now. Needs the clinic in a session; raises `BadSettings` for a row that was written
        past this program."""
        own = self.own_settings
        known: tuple[dict[str, Any], ClinicSettings] | None = self.__dict__.get("_settings")
        if known is not None and known[0] is own:
            return known[1]
        session = object_session(self)
        if session is None:
            raise RuntimeError(f"Clinic {self.id} is in no session: its settings cannot be completed")
        defaults: ClinicDefaults = session.info["clinic_defaults"]
        if inspect(self).attrs.own_settings.history.has_changes():
            # Not in the database yet, so it has no version: it is this object's own.
            found = effective(own, defaults)
        else:
            found = cached(self.id, self.settings_version, own or {}, defaults)
        self.__dict__["_settings"] = (own, found)
        return found

    def called(self, language: str) -> str:
        """Its name in this language."""
        return self.settings.voice.names.get(language, self.name)

    def choose(self, **sections: Any) -> None:
        """Change whole sections of the settings. Raises `BadSettings`."""
        self.own_settings = {**self.own_settings, **sections}

    def key_owner(self) -> "Clinic":
        return self

    def clinic_of(self) -> UUID:
        return self.id


def unreadable(clinic: Clinic) -> str | None:
    """What of the clinic's own row cannot be read, and where; None when all can. Needs the clinic in a session."""
    try:
        _ = clinic.settings
    except BadSettings as error:
        return f"settings: {str(error).partition(':')[0]}"  # the place alone: the rest quotes what stands there
    except Exception as error:  # noqa: BLE001 - whatever it is, this clinic waits and no other does
        return f"settings: {type(error).__name__}"
    try:
        open_key(clinic)
    except Exception as error:  # noqa: BLE001 - as above
        return f"data_key: {type(error).__name__}"
    return None


class OfClinic(Base):
    """A row of one clinic. The clinic is in its key, in its unique keys and in what it points at: no row can point into
    another clinic, and all rows of a clinic can be kept in one place.

    A row with an id has the key `(id, clinic_id)`, in this order: ids are made in the order of time, so the index grows
    at its end and is half as large as with the clinic first. Any other key begins with the clinic.
    Columns come from `mapped_column` and `belongs_to`; relationships from `related`.
    """

    __abstract__ = True
    # Without it a reference that is null would be asked for: half of its key, the clinic, is known.
    __mapper_args__ = {"allow_partial_pks": False}  # noqa: RUF012

    retention: ClassVar[Retention] = WHILE_KNOWN
    """How long its rows are kept; a table with a customer says it itself."""

    clinic_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)

    @declared_attr
    @classmethod
    def clinic(cls) -> Mapped[Clinic]:
        """Read only: a row says by `clinic_id`, when it is made, whose it is."""
        return relationship(primaryjoin=lambda: Clinic.id == foreign(cls.clinic_id), viewonly=True)

    def clinic_of(self) -> UUID:
        return self.clinic_id

    @classmethod
    def __table_cls__(cls, name: str, metadata: MetaData, *items: SchemaItem, **options: Any) -> Table:
        """Adds the keys of each `belongs_to`. A row that always belongs to another needs no key to the clinic."""
        columns = [item for item in items if isinstance(item, Column) and OF in item.info]
        keys: list[SchemaItem] = [
            ForeignKeyConstraint(
                ["clinic_id", column.name], [f"{column.info[OF]}.{key}" for key in ("clinic_id", column.info["key"])]
            )
            for column in columns
        ]
        keys += [UniqueConstraint(column.name, "clinic_id") for column in columns if column.info["once"]]
        if all(column.nullable for column in columns):
            keys.append(ForeignKeyConstraint(["clinic_id"], ["clinics.id"]))
        return Table(name, metadata, *items, *keys, **options)


OF = "of"
"""Under this name a column keeps in its `info` the table that it points at."""


def belongs_to(
    table: str, *, key: str = "id", unique: bool = False, merge: Merge | None = None, **options: Any
) -> MappedColumn[Any]:
    """The id, or another `key`, of a row of this table, of the same clinic; null where the annotation allows it.

    `merge`: what becomes of it when the customer it names is merged into another; each column of a customer says so.
    """
    return mapped_column(info={OF: table, "key": key, "once": unique, "merge": merge}, **options)


def related(column: Mapped[Any], *, viewonly: bool = False) -> Relationship[Any]:
    """The row that a `belongs_to` column names. Setting it writes that column and never the clinic.

    `viewonly`: it writes nothing, and costs the unit of work nothing; the column says it, of a row that is there.
    """

    def join() -> ColumnElement[bool]:
        own: Column[Any] = cast("MappedColumn[Any]", column).column
        theirs = own.table.metadata.tables[own.info[OF]]
        return and_(
            remote(theirs.c.clinic_id) == own.table.c.clinic_id, remote(theirs.c[own.info["key"]]) == foreign(own)
        )

    return relationship(primaryjoin=join, viewonly=viewonly)


class RichMenu(OfClinic):
    """What the last sync saw on the platform, which is the truth; this row only saves asking."""

    __tablename__ = "rich_menus"

    name: Mapped[str] = mapped_column(primary_key=True)
    """`<look>-<language>`, such as `guest-th`."""
    rich_menu_id: Mapped[str]
    content_hash: Mapped[str]
    synced_at: Mapped[datetime]


class BusinessClock(Base):
    """How far business time is moved ahead of real time; one row, in development only."""

    __tablename__ = "business_clock"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, default=1)
    offset_seconds: Mapped[int] = mapped_column(default=0)
