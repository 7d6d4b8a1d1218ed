"""Wrong API keys are counted by address, right ones always let in; over the gate, with Flask and Redis behind it."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from flask import Flask, request_started
from redis import Redis
from sqlalchemy import update
from sqlalchemy.orm import Session

from app import Aura, gated
from models.access import ApiKey
from models.clinics import Clinic
from runtime.reach import Reach
from runtime.settings import Settings
from runtime.timing import Timing
from tests.fixtures.clinic import NOW
from web import door
from web.http import keys
from web.http.rates import Rates

PROFILE = "/api/loyalty/profile?customerId=ext:till:nobody"
PROXY = "10.0.0.1"
LET_IN = 404
"""There is no such customer."""
Ask = Callable[..., Awaitable[httpx.Response]]
Conversation = Callable[..., None]


@pytest.fixture
def secret(session: Session, clinic: Clinic) -> str:
    made = keys.create(session, clinic, "the till", ["loyalty:read"], NOW)[1]
    session.commit()
    return made


@pytest.fixture
def asked(settings: Settings, make_aura: Callable[..., Aura]) -> Conversation:
    """Runs a conversation with the gate of a new process: it is given a function that asks, from an address."""

    def run(talk: Callable[[Ask], Awaitable[None]], **more: object) -> None:
        async def with_gate() -> None:
            gate = gated(make_aura(settings.model_copy(update=more)))

            async def ask(key: str, address: str = "203.0.113.7", **headers: str) -> httpx.Response:
                way = httpx.ASGITransport(app=gate, client=(address, 1234))
                async with httpx.AsyncClient(transport=way, base_url="http://here") as client:
                    told = {name.replace("_", "-"): text for name, text in headers.items()}
                    return await client.get(PROFILE, headers={"Authorization": f"Bearer {key}", **told})

            await talk(ask)

        # In a thread of its own: a browser of another test may have left its event loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, with_gate()).result()

    return run


def wrong() -> str:
    return keys.new_secret("aura")


async def close(ask: Ask, *origin: str, **headers: str) -> None:
    """Asks with wrong keys until no more of them are looked at."""
    for _ in range(2 * door.WRONG_KEYS + 1):  # a minute may end between them
        if (await ask(wrong(), *origin, **headers)).status_code == 429:
            return
    raise AssertionError("never closed")


def test_many_wrong_keys_are_refused_and_a_right_one_gets_in(
    asked: Conversation, secret: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async def talk(ask: Ask) -> None:
        answers = [await ask(wrong()) for _ in range(700)]
        statuses = [answer.status_code for answer in answers]
        assert set(statuses) == {401, 429}
        assert statuses.count(401) in (door.WRONG_KEYS, 2 * door.WRONG_KEYS), "a minute may have ended between"
        refused = answers[statuses.index(429)]
        assert refused.json()["code"] == "too_many_wrong_keys"
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert (await ask(secret)).status_code == LET_IN
        assert (await ask(wrong(), "203.0.113.8")).status_code == 401

    asked(talk)
    with Redis.from_url(settings.redis_url) as redis:
        kept = [str(name) for name in redis.scan_iter()]
    assert len(kept) <= 3, "one for the address, one for its neighbour, one for the right key"
    assert "203.0.113" not in " ".join(kept) + capsys.readouterr().err


def test_a_wrong_key_too_many_takes_no_thread_and_no_look_at_the_database(asked: Conversation) -> None:
    async def talk(ask: Ask) -> None:
        await close(ask)
        seen: list[Flask] = []
        with request_started.connected_to(seen.append):
            assert {(await ask(wrong())).status_code for _ in range(50)} == {429}
        assert seen == []

    asked(talk)


def test_a_key_made_while_its_address_is_closed_gets_in(
    asked: Conversation, session: Session, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "READ_AGAIN_SECONDS", 0.0)

    async def talk(ask: Ask) -> None:
        await close(ask)
        made = keys.create(session, clinic, "the till", ["loyalty:read"], NOW)[1]
        session.commit()
        assert (await ask(made)).status_code == LET_IN
        assert (await ask(wrong())).status_code == 429

    session.commit()
    asked(talk)


def test_a_key_that_was_revoked_is_a_wrong_one(asked: Conversation, session: Session, secret: str) -> None:
    async def talk(ask: Ask) -> None:
        assert (await ask(secret)).status_code == LET_IN
        session.execute(update(ApiKey).values(revoked_at=NOW))
        session.commit()
        statuses = [(await ask(secret)).status_code for _ in range(2 * door.WRONG_KEYS + 2)]
        assert (statuses[0], 429 in statuses) == (401, True)

    asked(talk)


def test_who_writes_other_addresses_into_the_header_is_counted_by_their_own(asked: Conversation) -> None:
    async def talk(ask: Ask) -> None:
        answers = [await ask(wrong(), X_Forwarded_For=f"198.51.100.{n}") for n in range(2 * door.WRONG_KEYS + 1)]
        assert 429 in {answer.status_code for answer in answers}

    asked(talk)


def test_behind_a_proxy_everybody_is_counted_by_whom_it_has_seen(asked: Conversation) -> None:
    async def talk(ask: Ask) -> None:
        await close(ask, PROXY, X_Forwarded_For="198.51.100.1, 203.0.113.7")
        for said in ("203.0.113.7", "198.51.100.9,203.0.113.7"):
            assert (await ask(wrong(), PROXY, X_Forwarded_For=said)).status_code == 429
        for said in ("203.0.113.8", "203.0.113.7, 203.0.113.9"):
            assert (await ask(wrong(), PROXY, X_Forwarded_For=said)).status_code == 401

    asked(talk, trusted_proxies=1)


def test_one_house_has_one_counter_of_all_its_addresses(asked: Conversation) -> None:
    async def talk(ask: Ask) -> None:
        house = [f"2001:db8:1:2::{n:x}" for n in range(2 * door.WRONG_KEYS + 1)]
        assert 429 in {(await ask(wrong(), address)).status_code for address in house}
        assert (await ask(wrong(), "2001:db8:1:3::1")).status_code == 401

    asked(talk)


def test_without_redis_nobody_is_counted(asked: Conversation, secret: str) -> None:
    async def talk(ask: Ask) -> None:
        assert {(await ask(wrong())).status_code for _ in range(2 * door.WRONG_KEYS + 1)} == {401}
        assert (await ask(secret)).status_code == LET_IN

    asked(talk, redis_url="redis://127.0.0.1:1")


@pytest.mark.parametrize(
    ("hops", "told", "meant"),
    [
        (0, [b"1.1.1.1"], PROXY),
        (1, [], PROXY),
        (1, [b""], PROXY),
        (1, [b"1.1.1.1"], "1.1.1.1"),
        (1, [b"1.1.1.1,2.2.2.2"], "2.2.2.2"),
        (1, [b"1.1.1.1", b"2.2.2.2 , 3.3.3.3 "], "3.3.3.3"),
        (2, [b"1.1.1.1", b"2.2.2.2, 3.3.3.3"], "2.2.2.2"),
        (2, [b"1.1.1.1"], PROXY),
    ],
)
def test_the_trusted_proxies_say_who_asks(settings: Settings, hops: int, told: list[bytes], meant: str) -> None:
    one = door.Door(hops, Rates(settings.redis_url, "none", Reach(Timing().wake_rest)), frozenset)
    assert one.client_of({"headers": [(b"x-forwarded-for", text) for text in told], "client": (PROXY, 1)}) == meant


def test_an_address_in_other_clothes_is_the_same() -> None:
    assert door.bucket_of("::ffff:203.0.113.7") == door.bucket_of("203.0.113.7")
    assert door.bucket_of("2001:db8::1%eth0") == door.bucket_of("2001:DB8:0:0:ffff::2")
    assert {door.bucket_of(f"203.0.113.7:{port}") for port in (1, 65535)} == {door.bucket_of("203.0.113.7")}
    assert door.bucket_of("[2001:db8::2]:4711") == door.bucket_of("[2001:db8::2]") == door.bucket_of("2001:db8::1")
    assert {
        0 <= door.bucket_of(odd) < door.BUCKETS for odd in ("", "unknown", "\xff", "1.2.3:80", "[", "[]:", ":", "a:b:c")
    } == {True}
