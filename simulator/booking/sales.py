"""What the booking system has sold: bills, and courses of sessions. Its own rows, and what can be done with them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

from simulator.booking.source import Booking
from simulator.store import Row, Store

LATEST = 8
PUT_OFF = timedelta(days=7)
EXTENDED = timedelta(days=30)
SHARED = 2
"""Sessions that go to another person at once."""


@dataclass(frozen=True)
class Sale:
    """A bill or a course, as the booking system has it. Amounts in baht, days in ISO."""

    number: int
    kind: str
    """`invoice` or `course`."""
    source: str
    uid: str
    person: str
    name: str
    phone: str
    token: str
    service: str
    baht: int
    payments: str
    """`[[id, baht], …]`, in JSON."""
    sessions: int
    told: int
    """The last number that was given to a session."""
    planned: int
    used: int
    last_used: int
    """The number of the session that is planned, and of that used last; 0 where there is none."""
    shared: int
    day: str
    """On which a bill is due, or a course ends."""
    state: str
    version: int

    @property
    def paid(self) -> list[tuple[str, int]]:
        return [(str(id_), int(baht)) for id_, baht in json.loads(self.payments)]

    @property
    def owed(self) -> int:
        return self.baht - sum(baht for _, baht in self.paid)

    @property
    def left(self) -> int:
        return self.sessions - self.used - self.shared

    @property
    def session(self) -> int:
        """Which is used next."""
        return self.planned or self.told + 1

    def later(self, by: timedelta) -> str:
        return (date.fromisoformat(self.day) + by).isoformat()

    def pays(self, baht: int) -> "Sale":
        payments = [*self.paid, (f"{self.uid}-P{self.version + 1}", baht)]
        return replace(self, payments=json.dumps(payments))


_COLUMNS = [one.name for one in fields(Sale) if one.name != "number"]
INVOICE: dict[str, Callable[[Sale], Sale]] = {
    "due_moved": lambda it: replace(it, day=it.later(PUT_OFF)),
    "pay_part": lambda it: replace(it.pays(it.owed // 2), state="part_paid"),
    "pay": lambda it: replace(it.pays(it.owed), state="paid"),
    "void": lambda it: replace(it, state="void"),
    "refund": lambda it: replace(it, state="refunded"),
}
COURSE: dict[str, Callable[[Sale], Sale]] = {
    "plan": lambda it: replace(it, told=it.told + 1, planned=it.told + 1),
    "use": lambda it: replace(
        it, told=max(it.told, it.session), used=it.used + 1, last_used=it.session, planned=0,
        state="used_up" if it.left == 1 else it.state,
    ),
    "give_back": lambda it: replace(it, used=it.used - 1, last_used=0, state="active"),
    "freeze": lambda it: replace(it, state="frozen"),
    "resume": lambda it: replace(it, state="active"),
    "extend": lambda it: replace(it, day=it.later(EXTENDED), state="active" if it.state == "ended" else it.state),
    "share": lambda it: replace(it, shared=it.shared + SHARED),
    "end": lambda it: replace(it, state="ended"),
    "refund": lambda it: replace(it, state="refunded"),
}  # fmt: skip
DEEDS = {"invoice": INVOICE, "course": COURSE}
_MAY = {
    ("invoice", "open"): ("pay_part", "pay", "due_moved", "void"),
    ("invoice", "part_paid"): ("pay", "due_moved"),
    ("invoice", "paid"): ("refund",),
    ("course", "active"): ("plan", "use", "give_back", "freeze", "extend", "share", "end", "refund"),
    ("course", "frozen"): ("resume", "extend", "end", "refund"),
    ("course", "ended"): ("extend", "refund"),
    ("course", "used_up"): ("give_back",),
}


def may(it: Sale) -> list[str]:
    """What can be done with it as it stands."""
    bars = {
        "plan": it.planned > 0,
        "give_back": it.last_used == 0,
        "share": it.left <= SHARED,
        "refund": it.kind == "course" and not it.paid,
    }
    return [deed for deed in _MAY.get((it.kind, it.state), ()) if not bars.get(deed)]


def after(it: Sale, deed: str) -> Sale:
    """As it is after the deed; not yet kept."""
    return replace(DEEDS[it.kind][deed](it), version=it.version + 1)


def sold(booking: Booking, kind: str, uid: str, *, baht: int, sessions: int, day: str) -> Sale:
    """To the person of a booking; not yet kept."""
    return Sale(
        0, kind, booking.source, uid, booking.person, booking.name, booking.phone, booking.token, booking.service,
        baht, "[]", sessions, 0, 0, 0, 0, 0, day, "open" if kind == "invoice" else "active", 1,
    )  # fmt: skip


def new(store: Store, it: Sale) -> Sale:
    marks = ",".join("?" * len(_COLUMNS))
    number = store.add(
        f"INSERT INTO sales ({', '.join(_COLUMNS)}) VALUES ({marks})",  # noqa: S608 - listed
        *(getattr(it, name) for name in _COLUMNS),
    )
    return replace(it, number=number)


def keep(store: Store, it: Sale) -> None:
    store.run(
        f"UPDATE sales SET {', '.join(f'{name} = ?' for name in _COLUMNS)} WHERE number = ?",  # noqa: S608 - listed
        *(getattr(it, name) for name in _COLUMNS), it.number,
    )  # fmt: skip


def found(row: Row) -> Sale:
    return Sale(**{name: row[name] for name in ("number", *_COLUMNS)})


def latest(store: Store) -> Sequence[Row]:
    return store.rows("SELECT * FROM sales ORDER BY number DESC LIMIT ?", LATEST)


def of(store: Store, number: int) -> Row | None:
    return store.row("SELECT * FROM sales WHERE number = ?", number)
