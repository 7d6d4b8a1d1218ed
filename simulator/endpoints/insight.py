"""LINE's endpoint for what became of pushes under one name."""

import re
from datetime import date, datetime, timedelta

from flask import Response, request

from simulator import units
from simulator.answers import Refused
from simulator.endpoints.base import answer, channel, endpoint, line, world

LONGEST = timedelta(days=30)


@line.get("/v2/bot/insight/message/event/aggregation")
@endpoint("statisticsPerUnit")
def per_unit() -> Response:
    unit = request.args.get("customAggregationUnit", "")
    first, last = _day("from"), _day("to")
    if not re.fullmatch(r"[a-zA-Z0-9_]{1,30}", unit):
        raise _bad("customAggregationUnit")
    if not timedelta(0) <= last - first <= LONGEST:
        raise _bad("to")
    return answer(units.counted(world(), channel()["id"], unit, first, last))


def _day(name: str) -> date:
    given = request.args.get(name, "")
    if not re.fullmatch(r"[0-9]{8}", given):
        raise _bad(name)
    try:
        return datetime.strptime(given, "%Y%m%d").date()  # noqa: DTZ007 - a day
    except ValueError as error:
        raise _bad(name) from error


def _bad(name: str) -> Refused:
    return Refused(400, f"The value for the '{name}' parameter is invalid")
