"""Puts one simulator together."""

import flask

# Loading a file of endpoints hangs them on a blueprint.
from simulator import accounts, counter, desk, desk_groups, desk_manager, desk_tests, followups, team, till  # noqa: F401
from simulator.booking import doors  # noqa: F401
from simulator.config import Config
from simulator.endpoints import alias, channel, insight, messaging, oauth, richmenu, users  # noqa: F401
from simulator.endpoints.base import line
from simulator.login import channels, liff  # noqa: F401
from simulator.login import desk as login_desk  # noqa: F401
from simulator.login import doors as login_doors  # noqa: F401
from simulator.mail import doors as mail_doors  # noqa: F401
from simulator.mail.server import MailServer
from simulator.sender import Sender
from simulator.sms.doors import sms
from simulator.world import World, open_world


def create_simulator(config: Config) -> flask.Flask:
    """The WSGI application: LINE's endpoints at the root, ours under /sim, the screen at /.

    The world, the webhook sender and the mail server are `app.extensions["world"]`, `["sender"]` and `["mail"]`;
    `close_simulator` ends them. Raises OSError where the port of the mail server is taken.
    """
    app = flask.Flask("simulator", template_folder="templates", static_folder="static")
    world = open_world(config)
    accounts.seed(world)
    channels.seed(world)
    if config.team:
        team.seed(world)
    app.extensions["world"] = world
    app.extensions["sender"] = Sender(world)
    app.extensions["mail"] = MailServer(world)
    world.mail.port = app.extensions["mail"].port
    app.register_blueprint(line)
    app.register_blueprint(sms)
    app.register_blueprint(desk.desk)
    return app


def close_simulator(app: flask.Flask) -> None:
    world: World = app.extensions["world"]
    sender: Sender = app.extensions["sender"]
    mail: MailServer = app.extensions["mail"]
    sender.close()
    mail.close()
    world.feed.close()
    world.store.close()
