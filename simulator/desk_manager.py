"""The desk's endpoint for what the account's people write by hand."""

from flask import Response

from simulator import manager
from simulator.desk import body, channel_id, desk
from simulator.endpoints.base import answer, world


@desk.post("/sim/manager/<user_id>/say")
def say_by_hand(user_id: str) -> Response:
    """`{channel?, text}`: the product does not hear of it."""
    wanted = body()
    return answer({"item": manager.say(world(), channel_id(wanted), user_id, wanted.get("text"))})
