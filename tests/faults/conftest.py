"""The people of the stories, while servers and workers fail; after each fault the database is looked at."""

from collections.abc import Iterator

import pytest

from tests.faults.looking import Look
from tests.stories.conftest import mali, member, whole
from tests.stories.whole import Whole

__all__ = ["mali", "member", "whole"]


@pytest.fixture(autouse=True)
def _nothing_left(whole: Whole) -> Iterator[None]:
    yield
    whole.app.healthy()
    Look(whole).nothing_left()
