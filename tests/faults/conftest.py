"""The people of the stories, while servers and workers fail."""

from tests.stories.conftest import mali, member, whole

__all__ = ["mali", "member", "whole"]
