"""Puts one simulator together."""

import flask

from simulator import accounts
from simulator.config import Config
from simulator.sender import Sender
from simulator.world import World, open_world


def create_simulator(config: Config) -> flask.Flask:
    """The WSGI application: LINE's doors at the root, ours under /sim, the screen at /.

    The world and the webhook sender are `app.extensions["world"]` and `["sender"]`; `close_simulator` ends both.
    """
    from simulator import desk, desk_tests, doors_channel, doors_messaging, doors_oauth, doors_richmenu, doors_users
    from simulator.door import line

    app = flask.Flask("simulator", template_folder="templates", static_folder="static")
    world = open_world(config)
    accounts.seed(world)
    app.extensions["world"] = world
    app.extensions["sender"] = Sender(world)
    # Named so that each file of doors is loaded before its blueprint is registered.
    assert all((doors_channel, doors_messaging, doors_oauth, doors_richmenu, doors_users, desk_tests))  # noqa: S101
    app.register_blueprint(line)
    app.register_blueprint(desk.desk)
    return app


def close_simulator(app: flask.Flask) -> None:
    world: World = app.extensions["world"]
    sender: Sender = app.extensions["sender"]
    sender.close()
    world.feed.close()
    world.store.close()
