"""Puts one simulator together."""

import flask

from simulator import (
    accounts,
    desk,
    desk_groups,
    desk_tests,
    doors_alias,
    doors_channel,
    doors_messaging,
    doors_oauth,
    doors_richmenu,
    doors_users,
    till,
)
from simulator.config import Config
from simulator.door import line
from simulator.sender import Sender
from simulator.world import World, open_world

# Each of these files hangs its doors on a blueprint when it is loaded; naming them keeps that visible.
DOORS = (
    doors_alias,
    doors_channel,
    doors_messaging,
    doors_oauth,
    doors_richmenu,
    doors_users,
    desk_groups,
    desk_tests,
    till,
)


def create_simulator(config: Config) -> flask.Flask:
    """The WSGI application: LINE's doors at the root, ours under /sim, the screen at /.

    The world and the webhook sender are `app.extensions["world"]` and `["sender"]`; `close_simulator` ends both.
    """
    app = flask.Flask("simulator", template_folder="templates", static_folder="static")
    world = open_world(config)
    accounts.seed(world)
    app.extensions["world"] = world
    app.extensions["sender"] = Sender(world)
    app.register_blueprint(line)
    app.register_blueprint(desk.desk)
    return app


def close_simulator(app: flask.Flask) -> None:
    world: World = app.extensions["world"]
    sender: Sender = app.extensions["sender"]
    sender.close()
    world.feed.close()
    world.store.close()
