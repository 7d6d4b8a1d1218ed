"""The ledger against its model: whatever happens in whatever order, they agree, and the sums are the sums.

Each step is a transaction of its own on a real database, and any of them may be cut off after any of its statements.
LEDGER_EXAMPLES=5000 looks further, differently at each run, and makes what it finds short.
"""

import os
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, cast
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from customers.people import new_customer
from facts.paid import paid
from facts.refunded import refunded
from loyalty import expiry, ledger, payments, pending, points, reconcile, redemptions, rewards
from loyalty.entries import Cause
from loyalty.merge import merge_customers
from models.base import new_id
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment
from models.loyalty import LoyaltyProfile
from models.rewards import Redemption, Reward
from runtime import errors
from runtime.work import Batch
from tests.fixtures.clinic import NOW, make_clinic
from tests.loyalty.agreement import EVERYTHING, agree
from tests.loyalty.cutting import Cut, cutting
from tests.loyalty.reference_model import Ledger, Purse, Refused

PRICES = (30, 120, 400)
MONTHS = 1
"""Points live shortly here, so that a few steps see them expire."""

people = st.sampled_from([0, 0, 0, 1, 1, 2])
some = st.integers(0, 50)
keys = st.one_of(st.none(), st.sampled_from(["a", "b", "c"]))


class Together(RuleBasedStateMachine):
    """Does everything twice: to the ledger and to the model."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        super().__init__()
        self.sessions = sessions
        self.cut_after: int | None = None
        self.unchecked = True
        with sessions.begin() as session:
            clinic = make_clinic(session, slug=f"c{new_id().hex}", points={"life_months": MONTHS})
            customers = sorted(new_customer(session, clinic, NOW).id for _ in range(3))
            self.clinic, self.ids = clinic.id, dict(zip("abc", customers, strict=True))
            self.rewards = [new_id() for _ in PRICES]
            for id_, price in zip(self.rewards, PRICES, strict=True):
                reward = Reward(id=id_, clinic_id=clinic.id, code=f"{price}", kind="discount", name="", points=price)
                reward.code_days = 4_000
                session.add(reward)
        self.model = Ledger(NOW, MONTHS, {name: Purse() for name in self.ids})
        self.told: list[UUID] = []
        self.bought: list[UUID] = []
        self.settled: set[int] = set()

    # What may happen ------------------------------------------------------------------------------------------------

    @rule(who=people, amount=st.integers(1, 900), key=keys)
    def award(self, who: int, amount: int, key: str | None) -> None:
        name = self.living(who)

        def real(session: Session, now: datetime) -> None:
            points.award_points(session, self.customer(session, name), amount, "กล้วยไม้", now=now, key=key)

        self.do(real, lambda model: model.award(model.purses[name], amount, key))

    @rule(who=people, amount=st.integers(1, 300), days=st.integers(1, 70), key=st.sampled_from(["p", "q", "r", "s"]))
    def promise(self, who: int, amount: int, days: int, key: str) -> None:
        name, at = self.living(who), self.model.now + timedelta(days=days)

        def real(session: Session, now: datetime) -> None:
            profile = ledger.open_profile(session, self.customer(session, name), now)
            pending.promise(session, profile, amount, Cause("survey", key=key, description="กล้วยไม้"), at, now)

        self.do(real, lambda model: model.promise(model.purses[name], amount, at, key))

    @rule(who=people, amount=st.integers(-300, 300).filter(bool), counts=st.booleans())
    def adjust(self, who: int, amount: int, counts: bool) -> None:
        name = self.living(who)
        self.do(
            lambda session, now: points.adjust_points(
                session, self.customer(session, name), amount, "why", now=now, actor="staff", counts=counts
            ),
            lambda model: model.adjust(model.purses[name], amount, counts=counts),
        )

    @rule(who=people, which=st.integers(0, 2))
    def buy(self, who: int, which: int) -> None:
        name = self.living(who)

        def real(session: Session, now: datetime) -> UUID:
            return rewards.redeem(session, self.customer(session, name), self.rewards[which], now).id

        self.do(real, lambda model: model.buy(model.purses[name], PRICES[which]), self.bought.append)

    @precondition(lambda self: self.waiting)
    @rule(pick=some, use=st.booleans())
    def use_or_return(self, pick: int, use: bool) -> None:
        which = self.waiting[pick % len(self.waiting)]

        def real(session: Session, now: datetime) -> None:
            bought = session.get_one(Redemption, (self.bought[which], self.clinic))
            if use:
                redemptions.confirm(session, self.of(session), bought.code, now, actor="staff")
            else:
                redemptions.cancel(session, bought, now, actor="customer")

        def pretend(model: Ledger) -> None:
            if not use:
                model.give_back(model.purchases[which])

        self.do(real, pretend, then=lambda _: self.settled.add(which))

    @precondition(lambda self: self.waiting)
    @rule(pick=some)
    def return_late(self, pick: int) -> None:
        """When the lots it came from have ended."""
        took = self.model.purchases[self.waiting[pick % len(self.waiting)]].took
        self.model.now = max([self.model.now, *(lot.ends for lot, _ in took if lot.ends)])
        self.use_or_return(pick, use=False)

    @rule(who=people, which=st.integers(0, 2), spend=st.booleans())
    def ask_for_ever(self, who: int, which: int, spend: bool) -> None:
        """Bought and given back after the end, twice: the second time the lot has had its grace."""
        for _ in range(2):
            number = len(self.bought)
            self.buy(who, which)
            if number < len(self.bought):
                self.return_late(len(self.waiting) - 1)
        left = self.model.purses[self.living(who)].available
        if spend and left > 0:
            self.adjust(who, -left, False)

    @rule(
        who=people,
        satang=st.integers(1, 2_000_000),
        wait=st.sampled_from([0, 0, 7, 40]),
        late=st.sampled_from([0, 0, 3, 400]),
    )
    def pay(self, who: int, satang: int, wait: int, late: int) -> None:
        name, number = self.living(who), len(self.told)

        def real(session: Session, now: datetime) -> UUID:
            clinic = self.of(session)
            clinic.own_settings = {"points": {**clinic.own_settings["points"], "treatment_pending_days": wait}}
            customer, amount = self.customer(session, name), Decimal(satang) / 100
            quoted = payments.quote(session, customer, amount, now)
            payment = self.tell(session, name, number, amount, now, late)
            assert payment.points == quoted.points
            return payment.id

        self.do(
            real,
            lambda model: model.pay(model.purses[name], satang, timedelta(days=wait), timedelta(days=late)),
            self.told.append,
        )

    @precondition(lambda self: self.told)
    @rule(pick=some)
    def tell_again(self, pick: int) -> None:
        which = pick % len(self.told)
        payment = self.model.payments[which]
        name = next(name for name, purse in self.model.purses.items() if purse is payment.purse)
        self.do(
            lambda session, now: self.tell(session, name, which, Decimal(payment.satang) / 100, now),
            lambda model: model.post(model.purses[name]),
        )

    @precondition(lambda self: self.told)
    @rule(pick=some, share=st.sampled_from([1, 2, 3, 7]), again=st.booleans())
    def refund(self, pick: int, share: int, again: bool) -> None:
        which = pick % len(self.told)
        payment = self.model.payments[which]
        satang = max((payment.satang - payment.refunded) // share, 1)

        def real(session: Session, now: datetime) -> None:
            for _ in range(2 if again else 1):
                refunded(
                    session, session.get_one(Payment, (self.told[which], self.clinic)),
                    external_id=f"{which}:{payment.refunded}", amount=Decimal(satang) / 100, refunded_at=now, now=now,
                )  # fmt: skip

        self.do(real, lambda model: model.refund(model.payments[which], satang))

    @precondition(lambda self: len(self.model.merged) < 2)
    @rule(pick=some)
    def merge(self, pick: int) -> None:
        names = [name for name in self.ids if name not in self.model.merged]
        gone = names.pop(pick % len(names))
        stays = names[pick // 3 % len(names)]
        self.do(
            lambda session, now: merge_customers(
                session, self.customer(session, gone), self.customer(session, stays), now, actor="staff"
            ),
            lambda model: model.merge(gone, stays),
        )

    @rule(who=people, satang=st.integers(10_000, 500_000), spend=st.booleans(), share=st.integers(1, 3))
    def change_their_mind(self, who: int, satang: int, spend: bool, share: int) -> None:
        """Paid and given back, with the points spent meanwhile: so they fall below nothing."""
        name, number = self.living(who), len(self.told)
        self.pay(who, satang, 0, 0)
        left = self.model.purses[name].available
        if spend and left > 0:
            self.adjust(who, -left, False)
        if number < len(self.told):  # it was not cut off
            self.refund(number, share, again=False)

    @rule(days=st.integers(1, 45))
    def wait(self, days: int) -> None:
        self.model.now += timedelta(days=days, hours=1)

    @precondition(lambda self: self.next_due())
    @rule()
    def wait_for_it(self) -> None:
        """To the very instant at which something ends or matures."""
        self.model.now = self.next_due() or self.model.now

    @precondition(lambda self: self.cut_after is None)
    @rule(statements=st.integers(0, 40))
    def die_soon(self, statements: int) -> None:
        """The next transaction is cut off after so many statements, or just before its commit."""
        self.cut_after = statements

    @rule(hours=st.integers(0, 1_500))
    def midnight(self, hours: int) -> None:
        """One by one and all at once write the same lines."""
        self.model.now += timedelta(hours=hours)

        def real(session: Session, now: datetime) -> None:
            one_by_one, at_once = session.begin_nested(), {"clinic": self.clinic}
            ours = select(LoyaltyProfile.customer_id).where(
                LoyaltyProfile.clinic_id == self.clinic, LoyaltyProfile.due_at <= now
            )
            for id_ in session.scalars(ours).all():
                ledger.post_due(session, [session.get_one(LoyaltyProfile, (id_, self.clinic))], now)
            session.flush()
            expected = session.execute(EVERYTHING, at_once).all()
            one_by_one.rollback()
            while expiry.post_due(session, self.of(session), now, Batch(2)):
                pass
            assert session.execute(EVERYTHING, at_once).all() == expected

        def pretend(model: Ledger) -> None:
            for purse in model.purses.values():
                model.post(purse)

        self.do(real, pretend)

    # How it is held together ----------------------------------------------------------------------------------------

    @property
    def waiting(self) -> list[int]:
        return [which for which in range(len(self.bought)) if which not in self.settled]

    def living(self, who: int) -> str:
        name = "abc"[who]
        while name in self.model.merged:
            name = self.model.merged[name]
        return name

    def next_due(self) -> datetime | None:
        purses = self.model.purses.values()
        ends = [lot.ends for purse in purses for lot in purse.full if lot.ends and lot.ends > self.model.now]
        comes = [promise.at for purse in purses for promise in purse.promises if promise.at > self.model.now]
        return min([*ends, *comes], default=None)

    def customer(self, session: Session, name: str) -> Customer:
        return session.get_one(Customer, (self.ids[name], self.clinic))

    def of(self, session: Session) -> Clinic:
        return session.get_one(Clinic, self.clinic)

    def tell(self, session: Session, name: str, number: int, amount: Decimal, now: datetime, late: int = 0) -> Payment:
        return paid(
            session, self.customer(session, name), source="till", external_id=str(number), amount=amount,
            paid_at=now - timedelta(days=late), service_code="laser", now=now,
        ).payment  # fmt: skip

    def do(
        self,
        real: Callable[[Session, datetime], Any],
        pretend: Callable[[Ledger], Any],
        then: Callable[[Any], Any] = lambda _: None,
    ) -> None:
        """In one transaction. What is refused or cut off leaves both as they were."""
        self.unchecked = True
        after, refused = deepcopy(self.model), False
        try:
            pretend(after)
        except Refused:
            refused = True
        try:
            with cutting(self.sessions, self.cut_after), self.sessions.begin() as session:
                answer = real(session, self.model.now)
                session.flush()
                if self.cut_after is not None:
                    raise Cut
        except errors.Refused:
            assert refused
        except Cut:
            self.cut_after = None
        else:
            assert not refused
            self.model = after
            then(answer)

    @invariant()
    def they_agree(self) -> None:
        if self.unchecked:
            with self.sessions() as session:
                assert reconcile.check(session, self.of(session)) == []
                agree(session, {self.ids[name]: purse for name, purse in self.model.purses.items()})
        self.unchecked = False


def test_the_ledger_agrees_with_its_model(sessions: sessionmaker[Session]) -> None:
    wanted = os.environ.get("LEDGER_EXAMPLES")
    run_state_machine_as_test(
        cast("type[RuleBasedStateMachine]", partial(Together, sessions)),
        settings=settings(
            max_examples=int(wanted or 50),
            stateful_step_count=25,
            derandomize=not wanted,
            database=None,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            phases=list(Phase) if wanted else [Phase.generate],
        ),
    )
