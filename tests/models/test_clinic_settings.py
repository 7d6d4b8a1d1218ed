"""A clinic's settings: complete, checked when saved, worked out once for each version of the row."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from models import clinic_settings
from models.clinic_settings import BadSettings, ClinicSettings
from models.clinics import Clinic
from runtime.settings import ClinicDefaults
from tests.fixtures.clinic import NOW, make_clinic

TIER = {"name": "a", "threshold": 0, "discount": 1, "multiplier": 1}
DEFAULTS = ClinicDefaults(points_per_baht=Decimal("0.3"), referral_bonus_points=70)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"voice": {"zone": "Asia/Bankok"}}, "voice.zone: write the name of a time zone, such as Asia/Bangkok"),
        ({"voice": {"zone": "Asia"}}, "voice.zone: write the name"),
        ({"voice": {"zone": ""}}, "voice.zone: write the name"),
        ({"voice": {"zone": "../../etc/passwd"}}, "voice.zone: write the name"),
        ({"voice": {"zone": 7}}, "voice.zone: write the name"),
        ({"voice": {"persona": "robot"}}, "voice.persona: input should be 'female' or 'male'"),
        ({"voice": {"brand_color": "red"}}, "voice.brand_color: write a colour as #RRGGBB"),
        ({"voice": {"brand_color": "#8E5A6D\n"}}, "voice.brand_color: write a colour as #RRGGBB"),
        (
            {"voice": {"languages": ["th", "fr"]}},
            "voice.languages.1: there is no language fr here: write some of",
        ),
        ({"voice": {"languages": ["th", "th"]}}, "voice.languages: write each language once"),
        ({"voice": {"languages": []}}, "voice.languages: "),
        ({"points": {"welcome": -1}}, "points.welcome: input should be greater than or equal to 0 (not -1)"),
        ({"points": {"welcome": True}}, "points.welcome: input should be a valid integer"),
        ({"points": {"welcome": "100"}}, "points.welcome: input should be a valid integer"),
        ({"points": {"per_baht": "-0.1"}}, "points.per_baht: input should be greater than or equal to 0"),
        ({"points": {"per_baht": "NaN"}}, "points.per_baht: input should be a finite number"),
        ({"points": {"life_months": 0}}, "points.life_months: input should be greater than or equal to 1"),
        ({"points": {"welcom": 3}}, "points: there is no welcom here: write some of per_baht, welcome, review"),
        ({"timezone": "Asia/Bangkok"}, "settings: there is no timezone here: write some of voice, points"),
        ({"points": [100]}, "points: input should be a valid dictionary"),
        ({"referral": {"daily_limit": -1}}, "referral.daily_limit: input should be greater than or equal to 0"),
        ({"links": {"booking": "http://book.example"}}, "links.booking: write an address that begins with https://"),
        ({"links": {"booking": "https://[a"}}, "links.booking: write an address that begins with https://"),
        ({"links": {"booking": "https://book.example/จอง"}}, "links.booking: write an address"),
        ({"tiers": {"policy": "for_ever"}}, "tiers.policy: input should be 'lifetime' or 'rolling_12_months'"),
        ({"tiers": {"steps": []}}, "tiers.steps: write at least one tier"),
        ({"tiers": {"steps": [{**TIER, "threshold": 10}]}}, "one with the threshold 0"),
        ({"tiers": {"steps": [TIER, {**TIER, "threshold": 10}]}}, "two tiers have the name 'a'"),
        ({"tiers": {"steps": [TIER, {**TIER, "name": "b"}]}}, "two tiers have the threshold 0"),
        ({"tiers": {"steps": [{**TIER, "discount": 101}]}}, "tiers.steps.0.discount: input should be less than"),
        ({"tiers": {"steps": [{"name": "a", "threshold": 0, "discount": 1}]}}, "tiers.steps.0.multiplier: field req"),
    ],
)
def test_what_is_wrong_cannot_be_saved(own: dict[str, Any], said: str) -> None:
    with pytest.raises(BadSettings) as refused:
        Clinic(slug="aura", name="Aura Clinic", own_settings=own, created_at=NOW)
    assert said in str(refused.value)
    clinic = Clinic(slug="aura", name="Aura Clinic", own_settings={}, created_at=NOW)
    with pytest.raises(BadSettings):
        clinic.own_settings = own
    assert clinic.own_settings == {}


def test_each_wrong_setting_is_a_line() -> None:
    with pytest.raises(BadSettings) as refused:
        clinic_settings.parse({"voice": {"zone": "here"}, "points": {"welcome": -1, "review": -2}})
    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == [
        "voice.zone", "points.welcome", "points.review",
    ]  # fmt: skip


def test_what_was_chosen_holds_and_the_rest_is_the_products() -> None:
    own = {
        "voice": {"zone": "America/New_York", "persona": "male"},
        "points": {"per_baht": "0.25", "welcome": 0},
        "tiers": {"steps": [{**TIER, "name": "b", "threshold": 10}, TIER]},
    }
    settings = clinic_settings.parse(own)
    assert settings.voice.zone == ZoneInfo("America/New_York")
    assert (settings.voice.persona, settings.voice.brand_color) == ("male", "#8E5A6D")
    assert (settings.points.per_baht, settings.points.welcome, settings.points.review) == (Decimal("0.25"), 0, 50)
    assert [tier.name for tier in settings.tiers.steps] == ["a", "b"]
    assert settings.referral == ClinicSettings().referral


@pytest.mark.parametrize(
    "own", [{}, {"points": {"per_baht": None}, "referral": {"points_referrer": None}}, {"points": None}]
)
def test_what_is_null_or_left_out_is_the_installations(own: dict[str, Any]) -> None:
    settings = clinic_settings.effective(own, DEFAULTS)
    assert (settings.points.per_baht, settings.referral.points_referrer) == (Decimal("0.3"), 70)


def test_what_the_clinic_has_chosen_stands_before_the_installation() -> None:
    settings = clinic_settings.effective({"points": {"per_baht": 0}, "referral": {"points_referrer": 0}}, DEFAULTS)
    assert (settings.points.per_baht, settings.referral.points_referrer) == (Decimal(0), 0)


def test_they_are_worked_out_once_for_each_version(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        id_ = make_clinic(session, points={"welcome": 1}).id
    with sessions() as one, sessions() as other:
        first, again = one.get_one(Clinic, id_), other.get_one(Clinic, id_)
        assert first is not again
        assert first.settings is again.settings
        assert first.settings.points.welcome == 1


def test_a_change_of_the_row_is_seen(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        id_ = make_clinic(session, points={"welcome": 1}).id
    for change in (2, 3):
        with sessions.begin() as session:
            clinic = session.get_one(Clinic, id_)
            clinic.own_settings = {"points": {"welcome": change}}
            assert clinic.settings.points.welcome == change
        with sessions() as session:
            assert session.get_one(Clinic, id_).settings.points.welcome == change
    with sessions.begin() as session:  # past the program: the version is the database's
        session.execute(text("""UPDATE clinics SET settings = '{"points": {"welcome": 4}}'"""))
    with sessions() as session:
        assert session.get_one(Clinic, id_).settings.points.welcome == 4


def test_what_was_rolled_back_was_never_chosen(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        id_ = make_clinic(session, points={"welcome": 1}).id
    with sessions() as session:
        clinic = session.get_one(Clinic, id_)
        clinic.own_settings = {"points": {"welcome": 2}}
        session.flush()
        assert clinic.settings.points.welcome == 2
        session.rollback()
        assert clinic.settings.points.welcome == 1


def test_another_installations_defaults_are_not_kept(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        id_ = make_clinic(session).id
        defaults: ClinicDefaults = session.info["clinic_defaults"]
    more = replace(defaults, referral_bonus_points=defaults.referral_bonus_points + 1)
    for given in (defaults, more, defaults):
        with sessions(info={"clinic_defaults": given}) as session:
            assert session.get_one(Clinic, id_).settings.referral.points_referrer == given.referral_bonus_points


def test_a_row_written_past_the_program_says_what_is_wrong(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        id_ = make_clinic(session).id
        session.execute(text("""UPDATE clinics SET settings = '{"voice": {"zone": "here"}}'"""))
    with sessions() as session, pytest.raises(BadSettings, match=r"voice\.zone"):
        session.get_one(Clinic, id_).settings  # noqa: B018 - reading it is the act
