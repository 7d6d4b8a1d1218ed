"""A mail server for these tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.channels.email.post import Post


@pytest.fixture
def make_post() -> Iterator[Callable[..., Post]]:
    made: list[Post] = []

    def make(**how: Any) -> Post:
        made.append(Post(**how).start())
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def post(make_post: Callable[..., Post]) -> Post:
    return make_post()
