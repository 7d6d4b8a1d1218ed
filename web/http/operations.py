"""What an API can do: each resource lists its operations, and `pipeline.py` and `document.py` read the list.

    points = Resource("Points", "…", prefix="/api/loyalty")

    @points.post("/points/award", scope="loyalty:write", answer=Awarded)
    def award(context: RequestContext, body: Award) -> Awarded: ...

The arguments `path`, `query` and `body` are models of `values.RequestModel`; the docstring is the documentation.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeVar, get_type_hints

from flask import Response
from sqlalchemy.orm import Session

from models.access import ApiKey
from models.clinics import Clinic
from runtime import actors
from runtime.registry import Registry
from web.http.at_once import AtOnce
from web.http.rates import Rates
from web.http.values import RequestModel, ResponseModel

EVERYWHERE = ("unauthorized", "missing_scope", "invalid", "too_many_requests", "unavailable", "clinic_set_aside")
WHEN_CHANGING = ("bad_idempotency_key", "idempotency_key_reused", "conflict", "out_of_range")
WITH_A_BODY = ("malformed_json", "unsupported_media_type", "too_large")

Handler = TypeVar("Handler", bound=Callable[..., ResponseModel | Response | None])


@dataclass(frozen=True)
class ClinicContext:
    """What is done for one clinic, whoever asks for it: its transaction, and business time."""

    session: Session
    clinic: Clinic
    now: datetime
    channels: Registry[Any]
    """By which something may leave, as the composition root has made them."""


@dataclass(frozen=True)
class RequestContext(ClinicContext):
    """One request of a clinic's system that is allowed."""

    key: ApiKey
    rates: Rates
    """Counts what may not be tried as often as one likes."""

    @property
    def actor(self) -> str:
        return actors.api_key(self.key.id)


@dataclass(frozen=True)
class Operation:
    method: Literal["GET", "POST", "PATCH", "DELETE"]
    path: str
    """As Flask writes it: `/api/loyalty/payments/<id>/refunds`."""
    scope: str
    handler: Callable[..., ResponseModel | Response | None]
    answer: type[ResponseModel] | str | None
    """The model of the answer, a media type for bytes, or None for 204, which has no body."""
    inputs: dict[str, type[RequestModel]]
    """Of `path`, `query` and `body` those that it takes."""
    own_refusals: tuple[str, ...]
    """Codes of problems besides those that every operation of its form has."""
    at_once: AtOnce | None = None
    """How one statement answers it, where one can."""
    reads: bool = False
    """A POST that only reads: what is asked for should not stand in an address."""
    everywhere: bool = False
    """Whether who runs the server may ask for it too, for all clinics (`everywhere.py`). Then a GET does it as well:
    some schedulers know nothing else."""

    @property
    def safe(self) -> bool:
        """Whether it only reads, as HTTP means it: it locks nothing, and nobody minds how often it is sent."""
        return (self.method == "GET" and not self.everywhere) or self.reads

    @property
    def status(self) -> int:
        return 204 if self.answer is None else 200

    @property
    def refusals(self) -> tuple[str, ...]:
        """Every code that it can refuse with."""
        found: tuple[str, ...] = EVERYWHERE
        if not self.safe:
            found += WHEN_CHANGING
        if "body" in self.inputs:
            found += WITH_A_BODY
        return found + self.own_refusals

    @property
    def name(self) -> str:
        return self.handler.__name__

    @property
    def endpoint(self) -> str:
        """Its name for Flask, which no other operation of any room has."""
        return f"{self.method} {self.path}"

    @property
    def summary(self) -> str:
        return inspect.cleandoc(self.handler.__doc__ or "").partition("\n")[0]

    @property
    def description(self) -> str:
        return inspect.cleandoc(self.handler.__doc__ or "").partition("\n")[2].strip()


class Resource:
    """A heading of the documentation and the operations under it, all below one prefix."""

    def __init__(self, name: str, description: str, *, prefix: str) -> None:
        self.name, self.description, self.prefix = name, description, prefix
        self.operations: list[Operation] = []

    def again(self, name: str, *, prefix: str) -> "Resource":
        """The same operations below another prefix."""
        found = Resource(name, self.description, prefix=prefix)
        found.operations += [replace(one, path=prefix + one.path.removeprefix(self.prefix)) for one in self.operations]
        return found

    def get(
        self,
        path: str,
        *,
        scope: str,
        answer: type[ResponseModel] | str,
        refusals: tuple[str, ...] = (),
        at_once: AtOnce | None = None,
    ) -> Callable[[Handler], Handler]:
        return self._operation("GET", path, scope, answer, refusals, at_once)

    def post(
        self, path: str, *, scope: str, answer: type[ResponseModel], refusals: tuple[str, ...] = (), reads: bool = False
    ) -> Callable[[Handler], Handler]:
        """`reads`: its answer is neither stored nor repeated; it may name somebody."""
        return self._operation("POST", path, scope, answer, refusals, reads=reads)

    def everywhere(
        self, path: str, *, scope: str, answer: type[ResponseModel], refusals: tuple[str, ...] = ()
    ) -> Callable[[Handler], Handler]:
        """By GET and by POST. The handler takes a `ClinicContext`, and answers in numbers that are added up."""

        def add(handler: Handler) -> Handler:
            for method in ("GET", "POST"):
                self._operation(method, path, scope, answer, refusals, everywhere=True)(handler)
            return handler

        return add

    def patch(
        self, path: str, *, scope: str, answer: type[ResponseModel], refusals: tuple[str, ...] = ()
    ) -> Callable[[Handler], Handler]:
        return self._operation("PATCH", path, scope, answer, refusals)

    def delete(
        self, path: str, *, scope: str, answer: type[ResponseModel] | None = None, refusals: tuple[str, ...] = ()
    ) -> Callable[[Handler], Handler]:
        """Without an `answer` the handler returns None."""
        return self._operation("DELETE", path, scope, answer, refusals)

    def _operation(
        self,
        method: Literal["GET", "POST", "PATCH", "DELETE"],
        path: str,
        scope: str,
        answer: type[ResponseModel] | str | None,
        refusals: tuple[str, ...],
        at_once: AtOnce | None = None,
        *,
        reads: bool = False,
        everywhere: bool = False,
    ) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            hints: dict[str, Any] = get_type_hints(handler)
            returned = Response if isinstance(answer, str) else answer or type(None)
            if hints.get("return") is not returned:
                raise TypeError(f"{path}: {handler.__name__} does not return the {returned.__name__} it announces")
            inputs: dict[str, type[RequestModel]] = {
                name: hints[name] for name in ("path", "query", "body") if name in hints
            }
            self.operations.append(
                Operation(
                    method, self.prefix + path, scope, handler, answer, inputs, refusals, at_once, reads, everywhere
                )
            )
            return handler

        return add
