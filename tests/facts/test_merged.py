"""Mali as the till knows her and Mali on LINE become one, and nobody else does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import Result
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.chats.referrals import STEP
from channels.line.accounts import reachable
from customers.contacts import tell
from customers.people import identify, known_as, meet_on_line, new_customer
from facts.merged import merge
from loyalty import points, reconcile
from loyalty.merge import CannotMerge
from models.clinics import Clinic
from models.contacts import CustomerContact
from models.conversations import ConversationState
from models.customers import Customer, CustomerIdentity, LineLink
from models.loyalty import LoyaltyProfile
from runtime.settings import Settings
from tests.fixtures.clinic import NOW, Talk, make_clinic
from tests.fixtures.menus import looked_at, menu_of


def at_the_till(session: Session, clinic: Clinic, number: str = "HN-1") -> Customer:
    """Known by the till's number, and never joined."""
    customer = new_customer(session, clinic, NOW)
    identify(session, customer, "booking:till", number, None)
    session.flush()
    return customer


def on_line(talk: Talk) -> Customer:
    """A member who writes to the clinic."""
    talk.tap("join")
    return found(talk.session, talk.clinic, "line", talk.user_id)


def found(session: Session, clinic: Clinic, kind: str, value: str) -> Customer:
    customer = known_as(session, clinic, kind, value)
    assert customer is not None
    return customer


def link_of(session: Session, customer: Customer) -> LineLink | None:
    return session.scalars(select(LineLink).where(LineLink.customer_id == customer.id)).one_or_none()


def account_of(session: Session, talk: Talk) -> LineLink:
    return next(link for link in session.scalars(select(LineLink)) if link.user_id == talk.user_id)


def accounts(session: Session, customer: Customer) -> set[str | None]:
    links = session.scalars(select(LineLink).where(LineLink.customer_id == customer.id))
    return {link.user_id for link in links}


def held(session: Session, customer: Customer) -> int:
    return session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id)).available_points


def known_by(session: Session, customer: Customer) -> dict[str, str | None]:
    rows = session.scalars(select(CustomerIdentity).where(CustomerIdentity.customer_id == customer.id))
    return {row.kind: row.value for row in rows}


def heard(talk: Talk, text: str) -> str:
    return str(talk.say(text).reply.messages)


def merged(session: Session, duplicate: Customer, survivor: Customer) -> None:
    """And what was kept of it, read again; without the key of the duplicate."""
    merge(session, duplicate, survivor, NOW, actor="staff")
    session.flush()
    duplicate.data_key = None
    session.flush()
    session.expire_all()
    assert reconcile.check(session, survivor.clinic) == []


@pytest.fixture
def till(session: Session, clinic: Clinic) -> Customer:
    customer = at_the_till(session, clinic)
    points.award_points(session, customer, 4_321, "x", now=NOW)
    return customer


def test_the_member_keeps_the_points_of_both(session: Session, clinic: Clinic, talk: Talk, till: Customer) -> None:
    member = on_line(talk)
    sum_ = held(session, member) + 4_321
    merged(session, till, member)
    assert (held(session, member), held(session, till)) == (sum_, 0)
    assert known_by(session, member) == {"line": talk.user_id, "booking:till": "HN-1"}
    assert known_by(session, till) == {}
    assert found(session, clinic, "booking:till", "HN-1") is member
    assert f"{sum_:,}" in heard(talk, "แต้ม")
    link = link_of(session, member)
    assert link is not None
    assert menu_of(session, link) == "gold-th"


def test_the_till_s_record_takes_the_place_in_line(
    session: Session, clinic: Clinic, talk: Talk, till: Customer
) -> None:
    member = on_line(talk)
    member.display_name, member.birth_month_day, member.language = "มะลิ", "02-14", "en"
    talk.say("English")
    talk.say("what nobody hears")  # keeps in mind that it was answered
    talk.tap("birthday")
    sum_ = held(session, member) + 4_321
    before = link_of(session, member)
    assert before is not None
    assert session.get(ConversationState, (before.clinic_id, before.user_index)) is not None
    looked_at(session, before)
    merged(session, member, till)
    link = link_of(session, till)
    assert link is before
    assert (link.user_id, link_of(session, member)) == (talk.user_id, None)
    assert menu_of(session, link) == "gold-en"
    assert (till.display_name, till.birth_month_day, till.language, till.language_chosen) == (
        "มะลิ", "02-14", "en", True,
    )  # fmt: skip
    assert till.joined_at == NOW
    assert session.get(ConversationState, (before.clinic_id, before.user_index)) is None
    assert f"{sum_:,}" in heard(talk, "แต้ม")
    assert session.scalars(select(LineLink)).all() == [link]


def test_what_was_told_of_either_is_told_of_the_one_who_stays(session: Session, talk: Talk, till: Customer) -> None:
    member = on_line(talk)
    tell(session, till, "phone", "0812345678", source="till", now=NOW)
    tell(session, till, "email", "mali@example.com", source="till", now=NOW)
    tell(session, member, "phone", "+660812345678", source="staff", now=NOW)
    merged(session, till, member)
    rows = session.scalars(select(CustomerContact)).all()
    assert {(row.customer_id, row.kind, row.value, row.source) for row in rows} == {
        (member.id, "phone", "+66812345678", "staff"),
        (member.id, "email", "mali@example.com", "till"),
    }
    assert len(rows) == 2


def test_what_is_known_of_the_one_who_stays_is_kept(session: Session, talk: Talk, till: Customer) -> None:
    member = on_line(talk)
    member.display_name, member.birth_month_day, member.language = "มะลิ", "02-14", "th"
    till.display_name, till.birth_month_day, till.language = "Mali S.", "03-15", "en"
    merged(session, till, member)
    assert (member.display_name, member.birth_month_day, member.language) == ("มะลิ", "02-14", "th")


def test_two_accounts_of_one_person_share_the_points(
    session: Session, talk: Talk, talks: Callable[[str], Talk], clinic: Clinic
) -> None:
    other = talks("U" + "c" * 32)
    member, second = on_line(talk), on_line(other)
    points.award_points(session, second, 3_210, "x", now=NOW)
    sum_ = held(session, member) + held(session, second)
    merged(session, second, member)
    assert accounts(session, member) == {talk.user_id, other.user_id}
    assert accounts(session, second) == set()
    assert found(session, clinic, "line", other.user_id) is member
    for phone in (talk, other):
        assert f"{sum_:,}" in heard(phone, "แต้ม")
    assert len(session.scalars(select(LineLink)).all()) == 2


def test_a_block_of_one_account_leaves_the_other_reachable_and_its_menu(
    session: Session, talk: Talk, talks: Callable[[str], Talk]
) -> None:
    other = talks("U" + "c" * 32)
    member, second = on_line(talk), on_line(other)
    merged(session, second, member)
    first_link, second_link = account_of(session, talk), account_of(session, other)
    first_link.linked_menu = second_link.linked_menu = "richmenu-1"
    other.event("unfollow", at=NOW + timedelta(minutes=1))
    assert (first_link.reachable, second_link.reachable) == (True, False)
    assert reachable(session, member) is first_link
    looked_at(session, first_link)
    other.event("follow", at=NOW + timedelta(minutes=2))
    session.expire_all()
    assert [link.linked_menu for link in (first_link, second_link)] == ["richmenu-1", None]
    assert (first_link.menu_due_at is None, second_link.menu_due_at is None) == (True, False)
    assert reachable(session, member) is second_link, "it was heard from last"


def test_a_question_belongs_to_the_account_that_was_asked(
    session: Session, talk: Talk, talks: Callable[[str], Talk]
) -> None:
    other = talks("U" + "c" * 32)
    member, second = on_line(talk), on_line(other)
    merged(session, second, member)
    other.say("what nobody hears")
    asked = session.get_one(ConversationState, (talk.clinic.id, account_of(session, other).user_index))
    asked.step, asked.expires_at = STEP, NOW + timedelta(minutes=5)
    assert "ไม่พบโค้ด" not in heard(talk, "WRONGCODE"), "it was not asked"
    assert "ไม่พบโค้ด WRONGCODE" in heard(other, "WRONGCODE")


def test_a_friend_who_was_a_member_elsewhere_gets_their_menu(
    session: Session, clinic: Clinic, mali: LineLink, till: Customer
) -> None:
    looked_at(session, mali)
    points.create_loyalty_profile(session, till, NOW)
    merged(session, till, mali.customer)
    assert (menu_of(session, mali), mali.customer.joined_at) == ("gold-th", NOW)


def test_who_cannot_be_merged(session: Session, clinic: Clinic, till: Customer) -> None:
    second, third = at_the_till(session, clinic, "HN-2"), at_the_till(session, clinic, "HN-3")
    stranger = at_the_till(session, make_clinic(session, "glow"))
    erased = at_the_till(session, clinic, "HN-4")
    erased.data_key = None
    merge(session, second, third, NOW, actor="staff")
    for duplicate, survivor in (
        (till, till), (till, stranger), (stranger, till), (till, erased), (erased, till), (second, till),
        (till, second),
    ):  # fmt: skip
        with pytest.raises(CannotMerge):
            merge(session, duplicate, survivor, NOW, actor="staff")
    session.expire_all()
    assert (held(session, till), known_by(session, till)) == (4_321, {"booking:till": "HN-1"})


class Desk:
    """`flask customers merge` and a clinic it can be tried on."""

    def __init__(self, sessions: sessionmaker[Session], app: Any) -> None:
        self.app = app
        with sessions.begin() as session:
            clinic = make_clinic(session)
            self.clinic = clinic.id
            till = at_the_till(session, clinic)
            points.award_points(session, till, 70, "x", now=NOW)
            self.till, self.line = till.id, meet_on_line(session, clinic, "U" + "a" * 32, NOW).customer_id
            self.stranger = at_the_till(session, make_clinic(session, "glow")).id

    def merge(self, duplicate: UUID | str, survivor: UUID | str, slug: str = "aura") -> Result:
        result: Result = self.app.test_cli_runner().invoke(
            args=["customers", "merge", slug, str(duplicate), str(survivor)]
        )
        return result


@pytest.fixture
def desk(settings: Settings, make_app: Any, sessions: sessionmaker[Session]) -> Desk:
    return Desk(sessions, make_app(settings))


def test_the_command_says_what_it_has_done(desk: Desk, sessions: sessionmaker[Session]) -> None:
    result = desk.merge(desk.till, desk.line)
    assert result.exit_code == 0, result.output
    assert result.output == (
        f"{desk.till} is merged into {desk.line}, who now has 70 points and is known by: booking:till, line\n"
    )
    with sessions() as session:
        assert session.get_one(Customer, (desk.till, desk.clinic)).merged_into == desk.line
        assert known_by(session, session.get_one(Customer, (desk.line, desk.clinic))) == {
            "line": "U" + "a" * 32,
            "booking:till": "HN-1",
        }
    again = desk.merge(desk.till, desk.line)
    assert (again.exit_code, "Nothing was changed" in again.output) == (1, True)


def test_the_command_refuses_politely(desk: Desk, sessions: sessionmaker[Session]) -> None:
    nobody = uuid4()
    for duplicate, survivor, slug, said in (
        (desk.till, desk.line, "nowhere", "There is no clinic 'nowhere'"),
        (desk.till, nobody, "aura", f"has no customer {nobody}"),
        (nobody, desk.line, "aura", f"has no customer {nobody}"),
        (desk.stranger, desk.line, "aura", f"has no customer {desk.stranger}"),
        (desk.till, desk.stranger, "aura", f"has no customer {desk.stranger}"),
        (desk.till, desk.till, "aura", "Nothing was changed: these two cannot be merged"),
        (desk.till, "HN-1", "aura", "'HN-1' is not a valid UUID"),
    ):
        result = desk.merge(duplicate, survivor, slug)
        assert result.exit_code != 0
        assert said in result.output
    with sessions() as session:
        assert session.scalars(select(Customer.merged_into).where(Customer.merged_into.is_not(None))).all() == []
