"""The two embedded servers, as every other test meets them."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from redis import Redis
from redis.exceptions import TimeoutError as RedisTimeout

from local.place import Place, prepare, remove, temporary
from local.postgres import Postgres
from local.server import Running
from local.valkey import Valkey
from tests.fixtures.servers import libpq


@pytest.fixture
def own_place() -> Iterator[Place]:
    """Folders for servers of the test's own, with a name that shells and addresses trip over."""
    folder = temporary("bna-own-")
    folder.chmod(0o711)  # as /var/tmp is: the servers' account passes through
    place = prepare(folder / "Aura's clinic, %20 ที่หนึ่ง")
    yield place
    remove(place)
    folder.rmdir()


def test_postgres_restarts_after_a_kill_with_its_data(own_place: Place) -> None:
    server = Running(Postgres(own_place), own_place.logs / "postgres.log")
    try:
        address = libpq(Postgres(own_place).ensure_database())
        with psycopg.connect(address) as connection:
            connection.execute("CREATE TABLE kept (text text)")
            connection.execute("INSERT INTO kept VALUES ('น้ำผึ้ง')")
        server.kill()
        server.start()
        with psycopg.connect(address) as connection:
            assert connection.execute("SELECT text FROM kept").fetchone() == ("น้ำผึ้ง",)
            encoding = connection.execute("SELECT datcollate FROM pg_database WHERE datname = current_database()")
            assert encoding.fetchone() == ("C.UTF-8",)
    finally:
        server.stop()


def test_valkey_keeps_its_data_hangs_and_is_wiped(own_place: Place) -> None:
    valkey = Valkey(own_place)
    server = Running(valkey, own_place.logs / "valkey.log")
    try:
        with Redis.from_url(valkey.url(3), socket_timeout=0.2, retry=None) as redis:
            redis.set("wake", "1")
            server.stop()
            server.start()
            assert redis.get("wake") == b"1"
            server.pause()
            with pytest.raises(RedisTimeout):
                redis.get("wake")
            server.resume()
            server.kill()
            valkey.wipe()
            server.start()
            assert redis.get("wake") is None
    finally:
        server.stop()


def test_sockets_are_closed_to_others(own_place: Place) -> None:
    assert own_place.sockets.stat().st_mode & 0o777 == 0o700
    assert own_place.logs.stat().st_mode & 0o777 == 0o700
    assert own_place.sockets.stat().st_uid == (own_place.account.uid if own_place.account else os.geteuid())


def test_nothing_is_kept_where_others_can_look(own_place: Place) -> None:
    """Not only closed files: the name of the folder is made of the checkout's path, so anybody can say it."""
    (own_place.data / "children.json").write_text("{}")
    for folder in (own_place.data, own_place.sockets.parent, own_place.logs, own_place.simulator):
        assert folder.stat().st_mode & 0o007 == 0, f"{folder}: {oct(folder.stat().st_mode)}"
    assert own_place.simulator.stat().st_mode & 0o777 == own_place.logs.stat().st_mode & 0o777 == 0o700
    if own_place.account:
        assert own_place.data.stat().st_gid == own_place.account.gid


def test_a_folder_that_was_open_is_closed_at_the_next_start(own_place: Place) -> None:
    own_place.simulator.chmod(0o755)
    own_place.data.chmod(0o711)
    prepare(own_place.data)
    assert own_place.simulator.stat().st_mode & 0o777 == 0o700
    assert own_place.data.stat().st_mode & 0o007 == 0


def test_a_half_made_cluster_is_made_again(own_place: Place) -> None:
    half = own_place.data / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    postgres = Postgres(own_place, durable=False)
    Running(postgres, own_place.logs / "postgres.log").stop()
    assert (postgres.data / "PG_VERSION").exists()
    assert not half.exists()


@pytest.mark.parametrize("time", ["first", "second"])
def test_every_test_starts_clean(time: str, database_url: str, redis_url: str) -> None:
    with psycopg.connect(libpq(database_url), autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM clinics").fetchone() == (0,)
        connection.execute(
            "INSERT INTO clinics (id, slug, name, data_key, settings, created_at, aside_looks)"
            " VALUES (gen_random_uuid(), 'aura', 'Aura Clinic', '', '{}', now(), 0)"
        )
    with Redis.from_url(redis_url) as redis:
        assert redis.dbsize() == 0
        redis.set("left", "over")
