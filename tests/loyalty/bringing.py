"""Friends who are brought, pay and are given their money back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from facts.paid import paid
from facts.refunded import refunded
from loyalty import referrals
from models.customers import Customer
from models.facts import Payment, Referral
from models.loyalty import LoyaltyProfile, PointTransaction
from tests.fixtures.clinic import NOW

LATER = NOW + timedelta(hours=3)
DUE = LATER + timedelta(days=7)
Meet = Callable[..., Customer]


def code_of(session: Session, customer: Customer) -> str:
    return session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id)).referral_code


def pay(session: Session, customer: Customer, *, now: datetime = LATER, baht: int = 1_000, name: str = "") -> Payment:
    return paid(
        session, customer, source="till", external_id=name or f"{customer.id}:{now.isoformat()}", amount=Decimal(baht),
        paid_at=now, service_code=None, now=now,
    ).payment  # fmt: skip


def refund(session: Session, payment: Payment, baht: int, now: datetime) -> None:
    refunded(session, payment, external_id=f"r{baht}", amount=Decimal(baht), refunded_at=now, now=now)


def brought(session: Session, meet: Meet, referrer: Customer, now: datetime = NOW) -> tuple[Customer, Referral]:
    """Ken, bound to Mali."""
    ken = meet()
    return ken, referrals.bind(session, ken, code_of(session, referrer), now)


def earned(session: Session, customer: Customer) -> int:
    """By referrals."""
    line = PointTransaction
    mine = select(func.sum(line.amount)).where(line.customer_id == customer.id, line.source == "referral")
    return session.scalar(mine) or 0
