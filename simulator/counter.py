"""The clinic's counter beside the phone: the day's check-in picture, as the product's API tells it."""

from flask import Response

from simulator import product
from simulator.desk import desk
from simulator.endpoints.base import answer, world


@desk.get("/sim/counter")
def counter() -> Response:
    """`{key: true, text, address, picture, page, …}`, or `{key: false}` where SIMULATOR_COUNTER_KEY is not set.

    `page`: the product's own, for a tablet. Raises Refused in the product's words.
    """
    config = world().config
    if not config.counter_key:
        return answer({"key": False})
    told = product.read(config, config.counter_key, "/api/loyalty/check-in")
    return answer({"key": True, **told, "page": f"{config.app_url}/counter#{config.counter_key}"})
