"""The message objects of a send request."""

from typing import Any

from simulator.answers import errors_in_body


def checked_messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= 5:
        raise errors_in_body([{"message": "Size must be between 1 and 5", "property": "messages"}])
    return messages
