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
from web.api.keys import SCOPES
from web.api.values import Answer, Asked

PREFIX = "/api/loyalty"

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

    def get(self, path: str, *, scope: str, answer: type[Answer] | str) -> Callable[[Handler], Handler]:
        return self._operation("GET", path, scope, answer)

    def post(self, path: str, *, scope: str, answer: type[Answer] | str) -> Callable[[Handler], Handler]:
        return self._operation("POST", path, scope, answer)

    def _operation(
        self, method: Literal["GET", "POST"], path: str, scope: str, answer: type[Answer] | str
    ) -> Callable[[Handler], Handler]:
        if scope not in SCOPES:
            raise ValueError(f"{path}: {scope} is no scope; there are {', '.join(SCOPES)}")

        def add(handler: Handler) -> Handler:
            hints: dict[str, Any] = get_type_hints(handler)
            inputs: dict[str, type[Asked]] = {name: hints[name] for name in ("path", "query", "body") if name in hints}
            self.operations.append(Operation(method, path, scope, handler, answer, inputs))
            return handler

        return add
