"""Laying an API on the application."""

from typing import Any

from flask import Blueprint, Flask

from runtime.context import Runtime
from runtime.registry import Registry
from web.http.docs import docs
from web.http.pipeline import Pipeline
from web.http.rates import Rates
from web.http.rooms import Api


def register(app: Flask, runtime: Runtime, api: Api, channels: Registry[Any]) -> None:
    """Everything below `/api`. Contacts nothing until it is used."""
    rates = Rates(runtime.settings.redis_url, "api-rate", runtime.waker.reach)
    pipeline = Pipeline(runtime, rates, api.kinds, channels)
    routes = Blueprint("api", __name__)
    for operation in api.operations:
        # The id of another system may hold slashes, and an escaped one is none any more when Flask sees it.
        rule = operation.path.replace("<", "<path:")
        routes.add_url_rule(rule, operation.endpoint, pipeline.view(operation), methods=[operation.method])
    app.register_blueprint(routes)
    app.register_blueprint(docs(api, runtime.settings.public_url))
