"""What the API can do: each subject lists its operations, and `door.py` and `document.py` read the list.

    points = Subject("Points", "…")

    @points.post("/points/award", scope="loyalty:write", answer=Awarded)
    def award(call: Call, body: Award) -> Awarded: ...

The arguments `path`, `query` and `body` are models of `values.Asked`; the docstring is the documentation.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar, get_type_hints

from flask import Response
from sqlalchemy.orm import Session

from models.access import ApiKey
from models.clinics import Clinic
from web.http.keys import SCOPES
from web.http.problems import kinds
from web.http.values import Answer, Asked

PREFIX = "/api/loyalty"

EVERYWHERE = ("unauthorized", "missing_scope", "invalid", "too_many_requests", "unavailable")
WHEN_CHANGING = ("bad_idempotency_key", "idempotency_key_reused", "conflict")
WITH_A_BODY = ("malformed_json", "unsupported_media_type", "too_large")

Handler = TypeVar("Handler", bound=Callable[..., Answer | Response])


@dataclass(frozen=True)
class Call:
    """One request that is allowed: its transaction, its clinic, and business time."""

    session: Session
    clinic: Clinic
    key: ApiKey
    now: datetime

    @property
    def actor(self) -> str:
        return f"api:{self.key.id}"


@dataclass(frozen=True)
class Operation:
    method: Literal["GET", "POST"]
    path: str
    """Below the prefix, as Flask writes it: `/payments/<id>/refunds`."""
    scope: str
    handler: Callable[..., Answer | Response]
    answer: type[Answer] | str
    """The model of the answer, or a media type for bytes."""
    inputs: dict[str, type[Asked]]
    """Of `path`, `query` and `body` those that it takes."""
    own_refusals: tuple[str, ...]
    """Codes of `problems.py` besides those that every operation of its form has."""

    @property
    def refusals(self) -> tuple[str, ...]:
        """Every code that it can refuse with."""
        found: tuple[str, ...] = EVERYWHERE
        if self.method == "POST":
            found += WHEN_CHANGING
        if "body" in self.inputs:
            found += WITH_A_BODY
        return found + self.own_refusals

    @property
    def name(self) -> str:
        return self.handler.__name__

    @property
    def summary(self) -> str:
        return inspect.cleandoc(self.handler.__doc__ or "").partition("\n")[0]

    @property
    def description(self) -> str:
        return inspect.cleandoc(self.handler.__doc__ or "").partition("\n")[2].strip()


class Subject:
    """A heading of the documentation and the operations under it."""

    def __init__(self, name: str, description: str) -> None:
        self.name, self.description = name, description
        self.operations: list[Operation] = []

    def get(
        self, path: str, *, scope: str, answer: type[Answer] | str, refusals: tuple[str, ...] = ()
    ) -> Callable[[Handler], Handler]:
        return self._operation("GET", path, scope, answer, refusals)

    def post(
        self, path: str, *, scope: str, answer: type[Answer], refusals: tuple[str, ...] = ()
    ) -> Callable[[Handler], Handler]:
        return self._operation("POST", path, scope, answer, refusals)

    def _operation(
        self,
        method: Literal["GET", "POST"],
        path: str,
        scope: str,
        answer: type[Answer] | str,
        refusals: tuple[str, ...],
    ) -> Callable[[Handler], Handler]:
        if scope not in SCOPES:
            raise ValueError(f"{path}: {scope} is no scope; there are {', '.join(SCOPES)}")
        for code in refusals:
            kinds[code]  # raises for one that does not exist

        def add(handler: Handler) -> Handler:
            hints: dict[str, Any] = get_type_hints(handler)
            inputs: dict[str, type[Asked]] = {name: hints[name] for name in ("path", "query", "body") if name in hints}
            self.operations.append(Operation(method, path, scope, handler, answer, inputs, refusals))
            return handler

        return add
