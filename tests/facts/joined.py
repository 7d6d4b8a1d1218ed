"""The till's record of somebody, and a friend in LINE who was taken for them."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from customers import apart
from customers.contacts import tell
from customers.people import identify, meet_on_line, new_customer
from facts.cut import cut, of
from facts.merged import merge
from facts.paid import paid
from facts.visited import visited
from loyalty import ledger, points, reconcile
from loyalty.apart import Returned
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment, Visit
from models.joined_records import JoinedRecord
from models.loyalty import LoyaltyProfile
from tests.fixtures.clinic import NOW

DAY = timedelta(days=1)
LATER = NOW + 3 * DAY
Who = Literal["record", "friend"]


class Two:
    """The till's record of somebody, and a friend in LINE who was taken for them."""

    def __init__(self, session: Session, clinic: Clinic) -> None:
        self.session, self.clinic = session, clinic
        self.record = new_customer(session, clinic, NOW)
        self.record.display_name = "Mali Srisuk"
        self.record.birth_month_day, self.record.adult = "02-14", True
        identify(session, self.record, "booking:till", "HN-1", None)
        tell(session, self.record, "phone", "0812345678", source="till", now=NOW)
        self.friend = meet_on_line(session, clinic, "U" + "7" * 32, NOW).customer
        session.flush()
        self.friend.display_name = "Ploy"
        points.create_loyalty_profile(session, self.friend, NOW)
        ledger.open_profile(session, self.record, NOW)

    def profile(self, one: Customer) -> LoyaltyProfile:
        self.session.expire_all()
        return self.session.get_one(LoyaltyProfile, (one.id, one.clinic_id))

    def pay(self, who: Customer, number: str, baht: int = 1_000, at: datetime = NOW, source: str = "till") -> Payment:
        return paid(
            self.session, who, source=source, external_id=number, amount=Decimal(baht), paid_at=at,
            service_code="laser", now=at,
        ).payment  # fmt: skip

    def visit(self, who: Customer, number: str, at: datetime = NOW, source: str = "till") -> Visit:
        return visited(
            self.session, who, source=source, external_id=number, visited_at=at, service_code=None, branch_id=None,
            now=at,
        )  # fmt: skip

    def link(self, at: datetime = NOW + DAY) -> JoinedRecord:
        merge(self.session, self.record, self.friend, at, actor="staff")
        joined = apart.last(self.session, self.friend)
        assert joined is not None
        return joined

    def cut(self, at: datetime = LATER) -> Returned:
        returned = cut(self.session, of(self.session, self.friend, at), at, actor="staff:x")
        self.session.flush()
        self.agrees()
        return returned

    def agrees(self) -> None:
        self.session.expire_all()
        assert reconcile.check(self.session, self.clinic) == []
        for one in (self.record, self.friend):
            profile, theirs = self.profile(one), (Payment.customer_id == one.id, Payment.uncounted.is_(None))
            spent = self.session.scalar(select(func.sum(Payment.amount - Payment.refunded)).where(*theirs))
            seen = Visit.customer_id == one.id, Visit.uncounted.is_(None)
            visits = self.session.scalar(select(func.count()).select_from(Visit).where(*seen))
            assert (profile.total_spent, profile.total_visits) == (spent or 0, visits)
