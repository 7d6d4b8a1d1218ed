"""The booking system's own rows: what is booked, and what of it has been told to the product or waits for that."""

from collections.abc import Sequence
from dataclasses import replace

from simulator.booking.source import AFTER, OPEN, Booking, Source
from simulator.store import Row, Store

LATEST = 8
_COLUMNS = ("uid", "starts_at", "state", "version")


def new(
    store: Store, source: Source, *, name: str, phone: str, email: str, service: str, starts_at: float, token: str
) -> Booking:
    """The same name and contact is the same person to a source that has ids of people; without a contact, who came by
    the same link: else two friends of one name would be one."""
    known = store.row(
        "SELECT person FROM bookings WHERE source = ? AND name = ? AND phone = ? AND email = ?"
        " AND (phone || email <> '' OR token = ?)",
        source.name, name, phone, email, token,
    )  # fmt: skip
    booking = Booking(
        0, source.name, source.uid(), known["person"] if known else source.person(), name, phone, email, service,
        starts_at, token, "booked", 1,
    )  # fmt: skip
    number = store.add(
        "INSERT INTO bookings (source, uid, person, name, phone, email, service, starts_at, token, state, version)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        booking.source, booking.uid, booking.person, name, phone, email, service, starts_at, token, "booked", 1,
    )  # fmt: skip
    return replace(booking, number=number)


def after(source: Source, booking: Booking, deed: str, starts_at: float | None) -> Booking:
    """The booking as it is after the deed; not yet kept."""
    moved = deed == "move"
    return replace(
        booking,
        uid=source.uid() if moved and source.moves_to_another else booking.uid,
        starts_at=starts_at if moved and starts_at is not None else booking.starts_at,
        state=AFTER.get(deed, booking.state),
        version=booking.version + 1,
    )


def keep(store: Store, booking: Booking) -> None:
    values = [getattr(booking, name) for name in _COLUMNS]
    store.run(
        f"UPDATE bookings SET {', '.join(f'{name} = ?' for name in _COLUMNS)} WHERE number = ?",  # noqa: S608 - listed
        *values, booking.number,
    )  # fmt: skip


def may(source: Source, booking: Booking) -> list[str]:
    """What can be done with it as it stands."""
    if booking.state == "come":
        return [deed for deed in source.deeds if AFTER.get(deed) == "completed"]
    if booking.state not in OPEN:
        return []
    return [deed for deed in source.deeds if AFTER.get(deed) != booking.state or deed == "move"]


def found(row: Row) -> Booking:
    return Booking(**{name: row[name] for name in Booking.__dataclass_fields__})


def latest(store: Store) -> Sequence[Row]:
    return store.rows("SELECT * FROM bookings ORDER BY number DESC LIMIT ?", LATEST)


def of(store: Store, number: int) -> Row | None:
    return store.row("SELECT * FROM bookings WHERE number = ?", number)
