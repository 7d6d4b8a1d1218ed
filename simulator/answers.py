"""How LINE says no, and what every answer of LINE carries."""

from typing import Any


class Refused(Exception):
    """An answer that is not 2xx. `details` are `{"message", "property"}`, as LINE's error object has them."""

    def __init__(
        self,
        status: int,
        message: str,
        details: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
        **body: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body: dict[str, Any] = {"message": message, **body}
        if details:
            self.body["details"] = details


def not_found(message: str = "Not found") -> Refused:
    return Refused(404, message)


def too_many(wait_ms: int | None = None) -> Refused:
    """`wait_ms`: asked for in a header, which LINE itself does not document."""
    headers = {} if wait_ms is None else {"Retry-After": str(-(-wait_ms // 1000))}
    return Refused(429, "The API rate limit has been exceeded. Try again later.", headers=headers)


def over_quota() -> Refused:
    return Refused(429, "You have reached your monthly limit.")


def bad_property(name: str) -> Refused:
    return Refused(400, f"The property, '{name}', in the request body is invalid (line: -, column: -)")


def errors_in_body(details: list[dict[str, str]]) -> Refused:
    return Refused(400, f"The request body has {len(details)} error(s)", details)
