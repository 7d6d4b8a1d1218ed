"""Every subject of the API, and putting them on the application."""

from flask import Blueprint, Flask
from sqlalchemy.orm import Session, sessionmaker

from clock import Clock
from settings import Settings
from web.api.achievements import achievements
from web.api.check_in import check_in
from web.api.customers import customers
from web.api.docs import docs
from web.api.door import Door
from web.api.facts import facts
from web.api.operations import PREFIX
from web.api.points import points
from web.api.profile import profile
from web.api.rates import Rates
from web.api.reconcile import reconcile
from web.api.referrals import referrals
from web.api.rewards import redemptions, rewards

SUBJECTS = (customers, profile, facts, points, rewards, redemptions, achievements, referrals, check_in, reconcile)


def register(app: Flask, sessions: sessionmaker[Session], clock: Clock, settings: Settings) -> None:
    """Everything below `/api`. Contacts nothing until it is used."""
    door = Door(sessions, clock, Rates(settings.redis_url))
    api = Blueprint("api", __name__)
    for subject in SUBJECTS:
        for operation in subject.operations:
            api.add_url_rule(PREFIX + operation.path, operation.name, door.view(operation), methods=[operation.method])
    app.register_blueprint(api)
    app.register_blueprint(docs(SUBJECTS, settings.public_url))
