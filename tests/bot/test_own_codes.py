"""A customer's own reward code, written to the clinic instead of shown at its counter."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty import redemptions
from models.clinics import Clinic
from models.rewards import Redemption, Reward
from runtime import codes
from tests.bot.test_rewards_chat import content, customer_of, redeemed, words
from tests.fixtures.clinic import NOW, Talk
from tests.fixtures.rewards import enrich, make_reward


@pytest.fixture
def member(session: Session, talk: Talk) -> Talk:
    """A member with 1,000 points."""
    talk.tap("join")
    enrich(session, customer_of(session, talk), 900)
    return talk


@pytest.fixture
def mask(session: Session, clinic: Clinic) -> Reward:
    return make_reward(session, clinic, "mask", 800)


@pytest.mark.parametrize("said", ["{}", "โค้ด {} ใช้ยังไงคะ", "my code is {}", "{} {}", "({}) please"])
def test_ones_own_code_in_the_chat_is_for_the_counter(session: Session, member: Talk, mask: Reward, said: str) -> None:
    redeemed(member, mask)
    code = session.scalars(select(Redemption)).one().code
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    thai = code.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    for shown in (code, codes.spaced(code).lower(), f"{code[:4]}.{code[4:]}", f"{code[:4]}–{code[4:]}", wide, thai):
        answered = words(member.say(said.format(shown, shown)))
        assert "แสดงต่อพนักงานที่เคาน์เตอร์" in answered
        assert f"รางวัล mask: โค้ดของคุณคือ {codes.spaced(code)} ใช้ได้ถึง 5 มี.ค. 2569" in answered
    assert session.scalars(select(Redemption.state)).all() == ["issued"]


def test_a_code_that_is_over_says_what_became_of_it(
    session: Session, clinic: Clinic, member: Talk, mask: Reward
) -> None:
    redeemed(member, mask)
    code = session.scalars(select(Redemption.code)).one()
    customer_of(session, member).language = "en"
    assert "show it to our staff at the counter" in words(member.say(code))
    redemptions.confirm(session, clinic, code, NOW, actor="staff")
    answered = words(member.say(code))
    assert "Used on" in answered
    assert "counter" not in answered


def test_another_ones_code_is_told_nothing_of(
    session: Session, member: Talk, talks: Callable[[str], Talk], mask: Reward
) -> None:
    redeemed(member, mask)
    code = session.scalars(select(Redemption.code)).one()
    other = talks("U" + "c" * 32)
    other.tap("join")
    other.say("help")
    assert "mask" not in content(other.say(code))
    assert "เคาน์เตอร์" not in words(other.say(code))


def test_of_several_own_codes_the_list_is_shown(session: Session, clinic: Clinic, member: Talk, mask: Reward) -> None:
    redeemed(member, mask)
    redeemed(member, make_reward(session, clinic, "serum", 100))
    both = " และ ".join(session.scalars(select(Redemption.code)))
    answered = content(member.say(both))
    assert "รางวัล mask" in answered
    assert "รางวัล serum" in answered
