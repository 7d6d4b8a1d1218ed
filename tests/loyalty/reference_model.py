"""The ledger once more, as simply as it can be said: lists in memory, no caches, no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

BANGKOK = ZoneInfo("Asia/Bangkok")
TIERS = ((0, "bronze", 1), (1_000, "silver", 1.5), (3_000, "gold", 2), (7_000, "platinum", 2.5), (15_000, "diamond", 3))
FOREVER = datetime.max.replace(tzinfo=BANGKOK)


class Refused(Exception):
    """The ledger must refuse this, and change nothing."""


@dataclass(eq=False)
class Lot:
    """Points that expire together; a debt when fewer than none are left."""

    left: int
    ends: datetime | None
    made: tuple[datetime, int]
    expired: int = 0
    graced: bool = False

    @property
    def turn(self) -> Any:
        return self.ends or FOREVER, self.made


@dataclass(eq=False)
class Earning:
    points: int
    lot: Lot
    day: datetime
    counts: bool = True
    taken: int = 0


@dataclass(eq=False)
class Promise:
    points: int
    at: datetime
    number: int
    earned: Earning | None = None


@dataclass(eq=False)
class Payment:
    purse: Purse
    satang: int
    worth: int
    got: Promise | Earning | None
    refunded: int = 0
    taken: int = 0


@dataclass(eq=False)
class Purchase:
    purse: Purse
    took: list[tuple[Lot, int]]


@dataclass(eq=False)
class Purse:
    """What one customer has."""

    lots: list[Lot] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    lines: list[tuple[datetime, int]] = field(default_factory=list)
    """When it happened, and how many points it moved."""
    counted: list[tuple[datetime, int]] = field(default_factory=list)
    """To which day it belongs, and what it adds to the total."""
    spent: int = 0
    """Satang."""

    @property
    def available(self) -> int:
        return sum(lot.left for lot in self.lots)

    @property
    def total(self) -> int:
        return sum(points for _, points in self.counted)

    @property
    def debt(self) -> int:
        return -sum(lot.left for lot in self.lots if lot.left < 0)

    @property
    def tier(self) -> tuple[int, str, float]:
        return [tier for tier in TIERS if tier[0] <= max(self.total, 0)][-1]

    @property
    def full(self) -> list[Lot]:
        """In the order in which they are spent."""
        return sorted((lot for lot in self.lots if lot.left > 0), key=lambda lot: lot.turn)

    def pay_debts(self) -> None:
        for lot in self.full:
            for debt in sorted((lot for lot in self.lots if lot.left < 0), key=lambda lot: lot.made):
                amount = min(lot.left, -debt.left)
                lot.left, debt.left = lot.left - amount, debt.left + amount

    def take(self, points: int) -> list[tuple[Lot, int]]:
        took = []
        for lot in self.full:
            amount = min(lot.left, points)
            lot.left, points = lot.left - amount, points - amount
            took.append((lot, amount))
        return [(lot, amount) for lot, amount in took if amount]


@dataclass(eq=False)
class Ledger:
    now: datetime
    months: int
    purses: dict[str, Purse]
    payments: list[Payment] = field(default_factory=list)
    purchases: list[Purchase] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    merged: dict[str, str] = field(default_factory=dict)
    made: int = 0

    def number(self) -> int:
        self.made += 1
        return self.made

    def ends(self, earned: datetime) -> datetime:
        """The first instant of a month."""
        day = earned.astimezone(BANGKOK).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        for _ in range(self.months + 1):
            day = (day + timedelta(days=32)).replace(day=1)
        return day

    def post(self, purse: Purse) -> None:
        """What has come due."""
        for promise in sorted(purse.promises, key=lambda promise: (promise.at, promise.number)):
            if promise.at <= self.now:
                purse.promises.remove(promise)
                promise.earned = self.earn(purse, promise.points, promise.at)
        for lot in purse.full:
            if lot.ends and lot.ends <= self.now:
                self.expire(purse, lot, lot.ends)

    def expire(self, purse: Purse, lot: Lot, at: datetime) -> None:
        purse.lines.append((at, -lot.left))
        lot.expired += lot.left
        lot.left = 0

    def earn(
        self, purse: Purse, points: int, at: datetime, *, counts: bool = True, happened: datetime | None = None
    ) -> Earning:
        day = happened or at
        lot = Lot(points, self.ends(day), (at, self.number()))
        purse.lots.append(lot)
        purse.lines.append((day, points))
        purse.counted.append((day, points if counts else 0))
        purse.pay_debts()
        return Earning(points, lot, day, counts)

    def award(self, purse: Purse, points: int, key: str | None) -> None:
        self.post(purse)
        if key not in self.keys:
            self.earn(purse, points, self.now)
        self.keys |= {key} if key else set()

    def promise(self, purse: Purse, points: int, at: datetime, key: str | None = None) -> Promise:
        self.post(purse)
        promise = Promise(points, at, self.number())
        if key not in self.keys:
            purse.promises.append(promise)
        self.keys |= {key} if key else set()
        return promise

    def adjust(self, purse: Purse, points: int, *, counts: bool) -> None:
        self.post(purse)
        if points > 0:
            self.earn(purse, points, self.now, counts=counts)
        elif purse.available + points < 0 or (counts and purse.total + points < 0):
            raise Refused
        else:
            purse.take(-points)
            purse.lines.append((self.now, points))
            purse.counted.append((self.now, points if counts else 0))

    def buy(self, purse: Purse, price: int) -> None:
        self.post(purse)
        if purse.available < price:
            raise Refused
        self.purchases.append(Purchase(purse, purse.take(price)))
        purse.lines.append((self.now, -price))

    def give_back(self, purchase: Purchase) -> None:
        purse = purchase.purse
        self.post(purse)
        purse.lines.append((self.now, sum(amount for _, amount in purchase.took)))
        for lot, amount in sorted(purchase.took, key=lambda took: took[0].turn):
            lot.left += amount
            over = bool(lot.ends and lot.ends <= self.now)
            if over and not lot.graced:
                lot.ends, lot.graced, over = self.now + timedelta(days=30), True, False
            purse.pay_debts()
            if over and lot.left:
                self.expire(purse, lot, self.now)

    def worth(self, purse: Purse, satang: int) -> int:
        return floor(Fraction(satang, 1_000) * Fraction(purse.tier[2]))

    def pay(self, purse: Purse, satang: int, wait: timedelta, late: timedelta = timedelta()) -> None:
        self.post(purse)
        worth = self.worth(purse, satang)
        payment = Payment(purse, satang, worth, None)
        if worth:
            if wait > late:
                payment.got = self.promise(purse, worth, self.now - late + wait)
            else:
                payment.got = self.earn(purse, worth, self.now, happened=self.now - late)
                self.post(purse)
        purse.spent += satang
        self.payments.append(payment)

    def refund(self, payment: Payment, satang: int) -> None:
        purse = payment.purse
        self.post(purse)
        if payment.refunded + satang > payment.satang:
            raise Refused
        payment.refunded += satang
        purse.spent -= satang
        share = floor(Fraction(payment.worth * payment.refunded, payment.satang))
        points, payment.taken = share - payment.taken, share
        got = payment.got.earned or payment.got if isinstance(payment.got, Promise) else payment.got
        if isinstance(got, Promise):
            got.points -= points
            if not got.points:
                purse.promises.remove(got)
                payment.got = None
        elif got is not None and points:
            self.claw_back(purse, got, points)

    def claw_back(self, purse: Purse, earning: Earning, points: int) -> None:
        """What has expired is gone; of the rest, what is left of it first, then what was spent: from whatever there is,
        and as a debt."""
        there = min(points, earning.points - earning.lot.expired - earning.taken)
        earning.taken += there
        purse.lines.append((self.now, -there))
        purse.counted.append((earning.day, -points if earning.counts else 0))
        own = min(there, max(earning.lot.left, 0))
        earning.lot.left -= own
        rest = there - own - sum(amount for _, amount in purse.take(there - own))
        if rest:
            purse.lots.append(Lot(-rest, None, (self.now, self.number())))

    def merge(self, gone: str, stays: str) -> None:
        source, target = self.purses[gone], self.purses[stays]
        self.post(source)
        self.post(target)
        moved, total = source.available, source.total
        target.lots += source.lots
        target.promises += source.promises
        target.spent += source.spent
        for purse, sign in ((source, -1), (target, 1)):
            purse.lines.append((self.now, sign * moved))
            purse.counted.append((self.now, sign * total))
        facts: list[Payment | Purchase] = [*self.payments, *self.purchases]
        for fact in facts:
            fact.purse = target if fact.purse is source else fact.purse
        source.lots, source.promises, source.spent = [], [], 0
        target.pay_debts()
        self.merged[gone] = stays
