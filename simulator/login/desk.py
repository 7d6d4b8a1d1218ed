"""The Login channels under `/sim/login`."""

from flask import Response

from simulator.desk import body, desk
from simulator.endpoints.base import answer, world
from simulator.login import channels


@desk.get("/sim/login")
def login_channels() -> Response:
    """`{channels}`, without their secrets."""
    return answer({"channels": channels.views(world().store)})


@desk.put("/sim/login/<login_id>")
def put_login_channel(login_id: str) -> Response:
    """`{secret, channel?, liff_id, endpoint, callback}`: adds or replaces one; each callback in a line of its own."""
    channels.put(world().store, login_id, body())
    return login_channels()
