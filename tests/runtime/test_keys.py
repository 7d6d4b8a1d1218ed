"""Keys: what is sealed opens only with its key and in its place; rotation and erasure do what they promise."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.keys import CannotOpen, DataKey, Vault

RING = [b"a" * 32, b"b" * 32]


@given(st.binary(max_size=200), st.binary(max_size=40), st.binary(max_size=40))
def test_what_is_sealed_opens_in_its_place_only(plain: bytes, place: bytes, elsewhere: bytes) -> None:
    key = DataKey(b"k" * 32)
    sealed = key.seal(plain, place)
    assert key.open(sealed, place) == plain
    if place != elsewhere:
        with pytest.raises(CannotOpen):
            key.open(sealed, elsewhere)


def test_rotation_rewraps_keys_and_leaves_what_they_seal() -> None:
    old, both = Vault(RING[1:], b"i" * 32), Vault(RING, b"i" * 32)
    owner = (uuid4(), uuid4())
    wrapped = old.new_data_key(owner)
    sealed = old.data_key(wrapped, owner).seal(b"text", b"place")
    newly = both.rewrap(wrapped, owner)
    assert newly != wrapped
    assert both.rewrap(newly, owner) == newly
    only_new = Vault(RING[:1], b"i" * 32)
    assert only_new.data_key(newly, owner).open(sealed, b"place") == b"text"
    with pytest.raises(CannotOpen, match="SECRET_KEYS"):
        only_new.data_key(wrapped, owner)


def test_a_data_key_belongs_to_its_owner_in_their_clinic() -> None:
    vault = Vault(RING, b"i" * 32)
    person, clinic = uuid4(), uuid4()
    wrapped = vault.new_data_key((person, clinic))
    assert vault.data_key(wrapped, (person, clinic))
    for other in ((uuid4(), clinic), (person, uuid4()), (person,)):
        with pytest.raises(CannotOpen):
            vault.data_key(wrapped, other)


def test_a_blind_index_is_of_one_clinic_and_kind() -> None:
    vault, clinic = Vault(RING, b"i" * 32), uuid4()
    index = vault.index(clinic, "phone", "+66812345678")
    assert index == Vault(RING[:1], b"i" * 32).index(clinic, "phone", "+66812345678")  # rotation changes nobody
    assert len({index, vault.index(clinic, "line", "+66812345678"), vault.index(uuid4(), "phone", "+66812345678")}) == 3
