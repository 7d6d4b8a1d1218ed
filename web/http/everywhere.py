"""What who runs the server may ask for, for every clinic: `Authorization: Bearer` with the setting `CRON_SECRET`.

The same with an API key is done for the key's clinic alone. Each clinic has a transaction of its own: what raises in
one is logged and undone there, and goes on in the next.
"""

import hmac
import random
import time
from typing import Any

import structlog
from sqlalchemy import select

from models.clinics import Clinic, unreadable
from runtime.context import Runtime
from runtime.database import lost
from runtime.registry import Registry
from web.http.operations import ClinicContext, Operation
from web.http.problems import Problem
from web.http.rates import Rates
from web.http.values import ResponseModel

SECONDS = 5.0
"""After which no other clinic is begun: one of the four threads that answer everybody is taken meanwhile."""
PER_MINUTE = 30

log = structlog.get_logger(__name__)


def is_meant(runtime: Runtime, authorization: str) -> bool:
    """Whether the secret was shown; compared in a time that says nothing of it."""
    expected = runtime.settings.cron_secret.get_secret_value()
    scheme, _, told = authorization.partition(" ")
    if not expected or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(told.strip().encode("utf-8", "surrogateescape"), expected.encode())


def count(rates: Rates) -> None:
    """Raises `Problem` (too_many_requests)."""
    if wait := rates.over("everywhere", PER_MINUTE):
        raise Problem("too_many_requests", headers={"Retry-After": str(wait)}, retryAfter=wait)


def ask(runtime: Runtime, channels: Registry[Any], operation: Operation) -> ResponseModel:
    """The sum of what was done. Who begins is drawn: where time is over, it is not always the same who wait."""
    with runtime.sessions() as session:
        clinics = list(session.scalars(select(Clinic.id)))
    random.shuffle(clinics)
    until, sums = time.monotonic() + SECONDS, dict.fromkeys(_answer(operation).model_fields, 0)
    for id_ in clinics:
        if time.monotonic() > until:
            break
        try:
            with runtime.sessions.begin() as session:
                clinic = session.get_one(Clinic, id_)
                if unreadable(clinic) is None:
                    context = ClinicContext(session, clinic, runtime.clock.now(session), channels)
                    for name, number in operation.handler(context).model_dump().items():  # type: ignore[union-attr]
                        sums[name] += number
        except Exception as error:
            if lost(error):
                raise
            log.error("not done in a clinic", operation=operation.name, clinic=str(id_), exc_info=error)
    return _answer(operation)(**sums)


def _answer(operation: Operation) -> type[ResponseModel]:
    if not isinstance(operation.answer, type):
        raise TypeError(f"{operation.path} answers in no numbers")
    return operation.answer
