"""Fixtures for every test: real servers, a clean database, settings with keys of their own."""

import base64
import gc
import os
import secrets
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from runtime.settings import Settings

pytest_plugins = [
    "tests.fixtures.servers",
    "tests.fixtures.statements",
    "tests.fixtures.running",
    "tests.fixtures.installation",
    "tests.fixtures.clinic",
    "tests.fixtures.house",
]

PROCESSES = {"simulator", "local", "browser", "stories", "faults"}
"""Rooms whose tests start processes; the others call functions."""


def pytest_configure() -> None:
    """A developer's own settings reach neither the tests nor the processes that they start. What eight thousand tests
    have left behind is looked through less often than by default: that would be a tenth of their time."""
    gc.set_threshold(50_000, 20, 20)
    for name in Settings.model_fields:
        os.environ.pop(name.upper(), None)


WHOLE = (
    "tests/stories/", "tests/faults/",
    *(f"tests/browser/test_{name}.py" for name in ("counter", "day", "newcomer", "team", "till")),
)  # fmt: skip
"""Tests of the whole product, with the installation."""


class OneInstallation(LoadScopeScheduling):  # type: ignore[misc] # it is untyped
    """All tests of the whole product go to one worker, every other test to whoever is free.

    Two installations beside each other would share two cores, and each would wait for both. That worker begins with
    them, because it has the most to do. Not `--dist loadgroup`: pytest 9.2 does not see the groups of pytest-xdist 3.8.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "installation" if nodeid.startswith(WHOLE) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneInstallation:
    return OneInstallation(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Checks, then rules, then processes: what is most often broken is told within the first minute.

    Whoever needs the product as its first start leaves it comes before the others of it, who judges all that it has
    said after them.
    """
    items.sort(
        key=lambda item: (
            _place(item), item.path.name == "test_statements.py", "brand_new" not in getattr(item, "fixturenames", ())
        )
    )  # fmt: skip


def _place(item: pytest.Item) -> int:
    folders = item.path.relative_to(item.config.rootpath).parts[1:-1]
    room = folders[0] if folders else ""
    return 0 if room == "check" else 2 if room in PROCESSES else 1


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture(scope="session")
def settings(database_url: str, redis_url: str) -> Settings:
    """Development settings on this worker's servers, with keys made for this run."""
    return Settings.model_validate(
        {
            "app_env": "development",
            "database_url": database_url,
            "redis_url": redis_url,
            "secret_keys": new_key(),
            "index_key": new_key(),
            "line_api_base": "http://127.0.0.1:1",  # nobody listens: a test that talks to LINE starts a simulator
            "line_channel_id": "1234567890",
            "line_channel_secret": secrets.token_hex(16),
        }
    )
