"""Addresses that lead on: what one clinic has signed, and nothing else."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.followed import LIFE, Followed, address, read
from channels.line.limits import URI
from channels.message import Link
from followups.links import LONGEST
from runtime.settings import Settings
from tests.conftest import new_key
from tests.fixtures.clinic import NOW

DAY = timedelta(days=1)
LINK = Link("https://aura.example/book?a=1&b=%E0%B8%81#top", uuid4(), 1, NOW)


def token(settings: Settings, link: Link = LINK, slug: str = "aura") -> str:
    made = address(settings, Followed(slug, "line", link))
    before = f"{settings.public_url}/l/{slug}/"
    assert made.startswith(before)
    return made.removeprefix(before)


def test_what_was_signed_is_read_again(settings: Settings) -> None:
    found = read(settings, "aura", token(settings))
    assert found is not None
    assert (found.slug, found.channel) == ("aura", "line")
    assert (found.link.to, found.link.execution_id, found.link.number) == (LINK.to, LINK.execution_id, 1)
    assert timedelta(0) <= NOW - found.link.made < DAY


def test_under_the_name_of_another_clinic_it_is_none(settings: Settings) -> None:
    assert read(settings, "luna", token(settings)) is None


def test_signed_by_another_installation_it_is_none_and_by_an_older_key_it_holds(settings: Settings) -> None:
    signed = token(settings)
    strange = settings.model_copy(update={"secret_keys": type(settings.secret_keys)(new_key())})
    assert read(strange, "aura", signed) is None
    ring = f"{new_key()},{settings.secret_keys.get_secret_value()}"
    rotated = settings.model_copy(update={"secret_keys": type(settings.secret_keys)(ring)})
    assert read(rotated, "aura", signed) is not None


def test_a_picture_s_signature_signs_no_link(settings: Settings) -> None:
    from channels.pictures import CARD
    from channels.pictures import address as picture

    made = picture(settings.model_copy(update={"line_api_base": "http://127.0.0.1:1"}), CARD, uuid4(), uuid4())
    assert made is not None
    assert read(settings, "aura", made.rpartition("/")[2].removesuffix(".png")) is None


@given(place=st.integers(min_value=0), letter=st.sampled_from("ABCxyz019-_."))
def test_each_letter_of_it_counts(settings: Settings, place: int, letter: str) -> None:
    signed = token(settings)
    place %= len(signed)
    changed = signed[:place] + letter + signed[place + 1 :]
    found = read(settings, "aura", changed)
    # The last letter of a signature holds two bits that stand for nothing.
    assert found is None or found == read(settings, "aura", signed)
    assert found is None or changed == signed or place == len(signed) - 1


@given(st.text(max_size=300))
def test_whatever_is_written_in_its_place_is_none(settings: Settings, written: str) -> None:
    assert read(settings, "aura", written) is None


def test_the_longest_is_within_what_line_takes(settings: Settings) -> None:
    long = settings.model_copy(update={"public_url": "https://" + "a" * 60 + ".example"})
    link = Link("https://aura.example/".ljust(LONGEST, "x"), uuid4(), 1, NOW)
    assert len(address(long, Followed("a" * 40, "line", link))) <= URI


@pytest.mark.parametrize(("age", "old"), [(timedelta(0), False), (LIFE, False), (LIFE + 2 * DAY, True)])
def test_it_grows_old(settings: Settings, age: timedelta, old: bool) -> None:
    found = read(settings, "aura", token(settings))
    assert found is not None
    at: datetime = NOW + age
    assert found.old(at) is old
