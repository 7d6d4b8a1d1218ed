"""Every subject of the API, and putting them on the application."""

from flask import Blueprint, Flask
from sqlalchemy.orm import Session, sessionmaker

from runtime.clock import Clock
from runtime.settings import Settings
from web.api.loyalty.achievements import achievements
from web.api.loyalty.check_in import check_in
from web.api.loyalty.customers import customers
from web.api.loyalty.facts import facts
from web.api.loyalty.points import points
from web.api.loyalty.profile import profile
from web.api.loyalty.reconcile import reconcile
from web.api.loyalty.referrals import referrals
from web.api.loyalty.rewards import redemptions, rewards
from web.http.docs import docs
from web.http.operations import PREFIX
from web.http.pipeline import Door
from web.http.rates import Rates

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
