"""The clock is the product's; the simulator turns it through the product's development endpoint and keeps step."""

import json
from typing import Any

import urllib3

from simulator.answers import Refused
from simulator.world import World, iso

_http = urllib3.PoolManager(retries=False)


def set_clock(world: World, wanted: dict[str, Any]) -> dict[str, Any]:
    """`{"advance_seconds": n}` or `{"at": iso8601}`; what the product's clock says then. Raises Refused 502."""
    return _ask(world, "PUT", json.dumps(wanted).encode())


def read_clock(world: World) -> dict[str, Any]:
    """The product's clock, or our own with `"product": false` when the product does not answer."""
    try:
        return _ask(world, "GET", None)
    except Refused:
        return {"now": iso(world.now()), "offset_seconds": world.offset, "product": False}


def _ask(world: World, method: str, body: bytes | None) -> dict[str, Any]:
    url = f"{world.config.app_url}/dev/clock"
    try:
        answer = _http.request(method, url, body=body, headers={"Content-Type": "application/json"}, timeout=10.0)
        told = json.loads(answer.data) if answer.status == 200 else None
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise Refused(502, f"the product's clock does not answer at {url}: {error}", code="clock_away") from error
    if answer.status == 400:
        raise Refused(400, "the product does not move its clock so", code="clock_refused")
    if not isinstance(told, dict) or "offset_seconds" not in told:
        raise Refused(502, f"the product's clock said {answer.status} at {url}", code="clock_away")
    offset = float(told["offset_seconds"])
    if offset != world.offset:
        world.move_clock(offset)
    return told
