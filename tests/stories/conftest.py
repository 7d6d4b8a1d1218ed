"""People with phones, and the running product that they talk to."""

from collections.abc import Iterator

import pytest

from tests.fixtures.installation import Installation
from tests.stories.whole import Phone, Whole


@pytest.fixture
def whole(installation: Installation) -> Iterator[Whole]:
    running = Whole(installation)
    yield running
    running.close()


@pytest.fixture
def mali(whole: Whole) -> Phone:
    """Somebody who has not met the clinic; her phone speaks Thai."""
    return whole.person("Mali")


@pytest.fixture
def ken(whole: Whole) -> Phone:
    """Somebody who has not met the clinic; his phone speaks English."""
    return whole.person("Ken")


@pytest.fixture
def member(mali: Phone) -> Phone:
    """Mali, who has joined and has read her chat so far."""
    mali.follow()
    mali.tap("join")
    return mali
