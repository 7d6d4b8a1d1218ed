"""For each daily job a row that is due, which write of the job breaks, and how to tell that it was done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from customers import grants, one_time, staff_members
from customers.people import new_customer
from facts.visited import visited
from followups import rules
from followups.rules import Draft
from loyalty import points, rewards
from models.access import ApiKey, ApiRequest, StaffGroup
from models.cards import CardCode
from models.conversations import InboxEvent, Send
from models.customers import Customer, LineLink
from models.facts import Referral
from models.followups import FollowupExecution, FollowupRule
from models.grants import Grant
from models.joined_records import JoinedRecord
from models.loyalty import LoyaltyProfile, Notification, PointTransaction
from models.one_time import OneTimeCode
from models.portal import PortalSession, PortalToken
from models.rewards import Redemption
from models.short_links import ShortLink
from models.staff import StaffMember
from models.staff_notices import StaffNotice
from runtime.clock import real
from tests.fixtures.portal import signed_in, token_shown
from tests.fixtures.rewards import enrich, make_reward

FIRST = datetime(2027, 3, 1, 3, 0, tzinfo=UTC)
"""Ten in the morning of the first of a month in Bangkok."""
OLD = timedelta(days=400)


@dataclass(frozen=True)
class Case:
    """How a person gets a row that is due, which write of the job breaks, and how to tell that it was done."""

    begin: Callable[[Session, Customer], UUID]
    """The id that stands in the trigger's column."""
    breaks: str
    """`table.column` and the kind of write."""
    done: Callable[[Session, Customer], bool]
    at: datetime = FIRST


def member(session: Session, customer: Customer) -> UUID:
    points.create_loyalty_profile(session, customer, FIRST - OLD)
    return customer.id


def entered(source: str) -> Callable[[Session, Customer], bool]:
    return lambda session, who: (
        session.scalar(
            select(func.count()).where(PointTransaction.customer_id == who.id, PointTransaction.source == source)
        )
        == 1
    )


Forgotten = type[
    InboxEvent | Send | ApiRequest | StaffNotice | CardCode | OneTimeCode | JoinedRecord | ShortLink | PortalSession
    | PortalToken
]  # fmt: skip


def told(kind: str) -> Callable[[Session, Customer], bool]:
    return lambda session, who: (
        session.scalar(select(func.count()).where(Notification.customer_id == who.id, Notification.kind == kind)) == 1
    )


def born(session: Session, customer: Customer) -> UUID:
    customer.birth_month_day = "03-15"
    points.create_loyalty_profile(session, customer, FIRST - timedelta(days=2))
    return customer.id


def born_today(session: Session, customer: Customer) -> UUID:
    member(session, customer)
    customer.birth_month_day = "03-01"
    return customer.id


def bought(session: Session, customer: Customer) -> UUID:
    member(session, customer)
    enrich(session, customer, 1_000)
    reward = make_reward(session, customer.clinic, f"mask-{customer.id.hex[-6:]}")
    return rewards.redeem(session, customer, reward.id, FIRST - timedelta(days=40)).id


def brought(session: Session, customer: Customer) -> UUID:
    member(session, customer)
    friend = new_customer(session, customer.clinic, FIRST - OLD)
    session.flush()
    referral = Referral(
        clinic_id=customer.clinic_id, referrer_id=customer.id, friend_id=friend.id, state="qualified",
        bound_at=FIRST - OLD, pays_at=FIRST - timedelta(days=1),
    )  # fmt: skip
    session.add(referral)
    return referral.id


def high(session: Session, customer: Customer) -> UUID:
    """Gold, and nothing earned in a year."""
    member(session, customer)
    session.flush()
    session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id)).current_tier = "gold"
    return customer.id


def risen(session: Session, customer: Customer) -> UUID:
    """Silver by the points, and not yet by the tiers that have changed."""
    high(session, customer)
    points.adjust_points(session, customer, 1_000, "test", now=FIRST - timedelta(days=9), actor="staff", counts=True)
    session.flush()
    session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id)).current_tier = "bronze"
    customer.clinic.tiers_due = True
    return customer.id


def looked_after(session: Session, customer: Customer) -> UUID:
    """Three days ago, and known in LINE."""
    index = session.info["vault"].index(customer.clinic_id, "line", str(customer.id))
    session.add(
        LineLink(
            clinic_id=customer.clinic_id, customer_id=customer.id, customer=customer, user_index=index, user_id="U"
        )
    )
    visited(
        session, customer, source="till", external_id=str(customer.id), visited_at=FIRST - timedelta(days=3),
        service_code=None, now=FIRST,
    )  # fmt: skip
    return customer.id


def planned_for(session: Session, customer: Customer) -> UUID:
    """Born on that day, and one of the rules is theirs; all three speak to everybody."""
    customer.birth_month_day, customer.joined_at = f"{FIRST:%m-%d}", FIRST - OLD
    draft = Draft(name=str(customer.id), channels=["line"], active=True)
    rule = rules.make(session, customer.clinic, "birthday_special", draft, FIRST - OLD)
    rule.to_plan = False
    return rule.id


def planned_by_theirs(session: Session, who: Customer) -> bool:
    mine = select(FollowupExecution.id).join(FollowupRule, FollowupRule.id == FollowupExecution.rule_id)
    return session.scalar(mine.where(FollowupRule.name == str(who.id)).limit(1)) is not None


def gone(model: Forgotten) -> Callable[[Session, Customer], bool]:
    """Those of this person: they are made with one row each."""
    return lambda session, who: session.scalar(select(func.count()).select_from(model).where(_whose(model, who))) == 0


def _whose(model: Forgotten, who: Customer) -> ColumnElement[bool]:
    if model is InboxEvent:
        return InboxEvent.event_key == str(who.id)
    if model is ShortLink:
        return ShortLink.code == str(who.id)
    if model is PortalToken:
        return PortalToken.token_hash == who.id.bytes
    if model is JoinedRecord:
        return JoinedRecord.survivor_id == who.id
    if model is StaffNotice or model is CardCode or model is OneTimeCode or model is PortalSession:
        return model.customer_id == who.id
    return Send.customer_id == who.id if model is Send else ApiRequest.key == str(who.id)


def heard(session: Session, customer: Customer) -> UUID:
    at = real() - timedelta(days=31)
    event = InboxEvent(
        clinic_id=customer.clinic_id, clinic=customer.clinic, source="line", event_key=str(customer.id), type="message",
        actor_index=customer.id.bytes, occurred_at=at, received_at=at, due_at=at, raw=b"{}", state="done",
    )  # fmt: skip
    session.add(event)
    return event.id


def sent(session: Session, customer: Customer) -> UUID:
    at = real() - timedelta(days=31)
    send = Send(
        clinic_id=customer.clinic_id, clinic=customer.clinic, customer_id=customer.id, customer=customer,
        channel="line", recipient="U", body=b"[]", reason="test", state="sent", due_at=at, created_at=at,
    )  # fmt: skip
    session.add(send)
    return send.id


def followed(session: Session, customer: Customer) -> UUID:
    at = real() - timedelta(days=101)
    rule = rules.make(session, customer.clinic, "post_treatment", Draft(name=str(customer.id), channels=["sms"]), at)
    session.flush()
    said = FollowupExecution(
        clinic_id=customer.clinic_id, rule_id=rule.id, rule_version=1, customer_id=customer.id, anchor="short",
        about_id=customer.id, purpose="care", status="sent", due_at=at, not_after=at, held=0, created_at=at,
    )  # fmt: skip
    session.add(said)
    session.flush()
    session.add(
        ShortLink(
            clinic_id=customer.clinic_id, code=str(customer.id), execution_id=said.id, channel="sms", number=0,
            leads_to="https://aura.example", made_at=at, created_at=at,
        )
    )  # fmt: skip
    return said.id


def shown(session: Session, customer: Customer) -> UUID:
    at = real() - timedelta(days=3)
    code = CardCode(
        clinic_id=customer.clinic_id, customer_id=customer.id, code_index=customer.id.bytes, until=at, created_at=at
    )  # fmt: skip
    session.add(code)
    return code.id


def joined(session: Session, customer: Customer) -> UUID:
    at = real() - timedelta(days=31)
    other = new_customer(session, customer.clinic, at)
    session.flush()
    record = JoinedRecord(
        clinic_id=customer.clinic_id, duplicate_id=other.id, survivor_id=customer.id, joined_by="system", joined_at=at,
        created_at=at,
    )  # fmt: skip
    session.add(record)
    session.flush()
    return record.id


def coded(session: Session, customer: Customer) -> UUID:
    row, _code = one_time.begin(session, customer, "link", FIRST - OLD, by="staff")
    row.created_at = real() - timedelta(days=31)
    return row.id


def granted_for_a_time(session: Session, customer: Customer) -> UUID:
    """A minor's, until this very day."""
    holder = new_customer(session, customer.clinic, FIRST - OLD)
    session.flush()
    grant, _new = grants.give(
        session, customer, holder, "reminders", FIRST - OLD, by="staff", reason="parent_of_minor", until=FIRST.date()
    )
    return grant.id


def ended(session: Session, who: Customer) -> bool:
    return session.scalars(select(Grant.ended_why).where(Grant.owner_id == who.id)).one() == "end_date"


def noticed(session: Session, customer: Customer) -> UUID:
    at = real() - timedelta(days=31)
    notice = StaffNotice(
        clinic_id=customer.clinic_id, customer_id=customer.id, kind="low_rating", key=str(customer.id), due_at=at,
        push_at=at, until=at, state="sent", created_at=at,
    )  # fmt: skip
    session.add(notice)
    return notice.id


def asked(session: Session, customer: Customer) -> UUID:
    key = ApiKey(
        clinic_id=customer.clinic_id, name="till", key_hash=customer.id.bytes, scopes=[], created_at=FIRST
    )  # fmt: skip
    session.add(key)
    session.flush()
    at = real() - timedelta(days=31)
    session.add(
        ApiRequest(clinic_id=customer.clinic_id, api_key_id=key.id, key=str(customer.id), body_hash=b"x", created_at=at)
    )
    return key.id


def on_duty(session: Session, customer: Customer) -> UUID:
    """A member of the staff, by the customer's id."""
    group = StaffGroup(clinic_id=customer.clinic_id, clinic=customer.clinic, group_id="C" + "1" * 32, created_at=FIRST)
    session.add(group)
    session.flush()
    member = staff_members.meet(session, group, str(customer.id), FIRST)
    member.ask_due_at = None
    return member.id


def to_be_asked(session: Session, who: Customer) -> bool:
    index = session.info["vault"].index(who.clinic_id, "line", str(who.id))
    asked = select(StaffMember.ask_due_at).where(StaffMember.member_index == index)
    return session.scalars(asked).one() is not None


def silver(session: Session, who: Customer) -> bool:
    return session.get_one(LoyaltyProfile, (who.id, who.clinic_id), populate_existing=True).current_tier == "silver"


CASES = {
    "begin_tiers": Case(risen, "loyalty_profiles.customer_id UPDATE", silver),
    "ask_memberships": Case(on_duty, "staff_members.id UPDATE", to_be_asked),
    "settle_points": Case(member, "point_transactions.customer_id INSERT", entered("expiry")),
    "birthday_points": Case(born, "point_transactions.customer_id INSERT", entered("birthday")),
    "expire_redemptions": Case(
        bought,
        "redemptions.id UPDATE",
        lambda session, who: (
            session.scalars(select(Redemption.state).where(Redemption.customer_id == who.id)).one() == "expired"
        ),
    ),
    "pay_referrals": Case(brought, "referrals.id UPDATE", entered("referral")),
    "review_tiers": Case(
        high,
        "customer_journey_events.customer_id INSERT",
        silver,
    ),
    "warn_tiers": Case(high, "notifications.customer_id INSERT", told("tier_at_risk"), at=FIRST + timedelta(days=24)),
    "warn_expiry": Case(
        member,
        "notifications.customer_id INSERT",
        told("points_expiring"),
        at=datetime(2027, 2, 1, 3, 0, tzinfo=UTC) - timedelta(days=7),
    ),
    "plan_day": Case(planned_for, "followup_executions.rule_id INSERT", planned_by_theirs),
    "congratulate": Case(born_today, "notifications.customer_id INSERT", told("congratulation")),
    "ask_feedback": Case(
        looked_after, "notifications.customer_id INSERT", told("feedback_asked"), at=FIRST + timedelta(hours=2)
    ),
    "end_grants": Case(granted_for_a_time, "grants.id UPDATE", ended),
    "forget_one_time_codes": Case(coded, "one_time_codes.id DELETE", gone(OneTimeCode)),
    "forget_portal_sessions": Case(signed_in, "portal_sessions.id DELETE", gone(PortalSession)),
    "forget_portal_tokens": Case(token_shown, "portal_tokens.id DELETE", gone(PortalToken)),
    "forget_joined_records": Case(joined, "joined_records.id DELETE", gone(JoinedRecord)),
    "forget_card_codes": Case(shown, "card_codes.id DELETE", gone(CardCode)),
    "forget_short_links": Case(followed, "short_links.execution_id DELETE", gone(ShortLink)),
    "forget_inbox": Case(heard, "inbox.id DELETE", gone(InboxEvent)),
    "forget_sends": Case(sent, "sends.id DELETE", gone(Send)),
    "forget_staff_notices": Case(noticed, "staff_notices.id DELETE", gone(StaffNotice)),
    "forget_api_requests": Case(asked, "api_requests.api_key_id DELETE", gone(ApiRequest)),
}
