"""The clinic's counter beside the phone: the day's check-in picture, as the product's API tells it."""

import json

import urllib3
from flask import Response

from simulator.answers import Refused
from simulator.desk import desk
from simulator.endpoints.base import answer, world

_http = urllib3.PoolManager(retries=False)


@desk.get("/sim/counter")
def counter() -> Response:
    """`{key: true, text, address, picture, page, …}`, or `{key: false}` where SIMULATOR_COUNTER_KEY is not set.

    `page`: the product's own, for a tablet. Raises Refused in the product's words.
    """
    config = world().config
    if not config.counter_key:
        return answer({"key": False})
    headers = {"Authorization": f"Bearer {config.counter_key}"}
    try:
        got = _http.request("GET", f"{config.app_url}/api/loyalty/check-in", headers=headers, timeout=10.0)
        told = json.loads(got.data)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise Refused(502, f"the product's API does not answer: {error}", code="no_answer") from error
    if got.status >= 400 or not isinstance(told, dict):
        code = told.get("code", "unknown") if isinstance(told, dict) else "unknown"
        raise Refused(got.status, f"the product's API answered {got.status}", code=str(code))
    return answer({"key": True, **told, "page": f"{config.app_url}/counter#{config.counter_key}"})
