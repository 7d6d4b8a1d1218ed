"""Sends what a booking system tells, really signed, and writes down what the product answered."""

import json
import time
from typing import Any

import urllib3

from simulator.answers import Refused
from simulator.booking.source import Event, Source
from simulator.world import World, iso

PATH = "/webhooks/booking/aura/"
WAYS = ("twice", "late", "swapped", "wrong_signature", "missing_field")
"""How one sending may go wrong. `late`: signed an hour ago; `swapped`: the last two change places."""
AGO = 3_600
_TIMEOUT = 10.0
_http = urllib3.PoolManager(retries=False)


def ways(source: Source) -> list[str]:
    return [way for way in WAYS if way != "late" or source.dated]


def way(source: Source, wanted: dict[str, Any]) -> str:
    """That was chosen. Raises `Refused`."""
    given = str(wanted.get("way") or "")
    if given and given not in ways(source):
        raise Refused(400, f"{source.name} can be {', '.join(ways(source))}")
    return given


def send(here: World, source: Source, events: list[Event], way: str) -> int:
    """The status of the last answer; 0 where none came. Raises `Refused` where the clinic shares no secret with it."""
    if way == "missing_field":
        events = [source.without_id(event) for event in events]
    if way == "twice":
        events = events * 2
    status = 0
    for event in events:
        status = _one(here, source, event, way)
    return status


def _one(here: World, source: Source, event: Event, way: str) -> int:
    body = json.dumps(event.body, ensure_ascii=False).encode()
    at = int(here.real()) - (AGO if way == "late" else 0)
    path = f"{PATH}{source.name}"
    key = secret(here, source)
    signed = source.headers(
        key, event, body + b" " if way == "wrong_signature" else body, here.config.public_url + path, at
    )
    headers = {"Content-Type": "application/json", **signed}
    began, status, said = time.monotonic(), 0, ""
    try:
        got = _http.request("POST", here.config.app_url + path, body=body, headers=headers, timeout=_TIMEOUT)
        status, said = got.status, got.data.decode("utf-8", "replace")
    except urllib3.exceptions.HTTPError as error:
        said = str(error)
    here.calls.add(
        kind="booking", at=iso(here.real()), method="POST", path=path, headers=headers, body=event.body, status=status,
        response=said[:500], ms=round((time.monotonic() - began) * 1000, 1),
    )  # fmt: skip
    return status


def secret(here: World, source: Source) -> bytes:
    shared = here.config.booking.get(source.name, "")
    if not shared:
        raise Refused(409, f"no secret is shared with {source.name}", code="booking_no_secret")
    return shared.encode()
