"""Rooms of an API: found in a package, put together, and laid on the application."""

import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import ModuleType

from flask import Blueprint, Flask
from sqlalchemy.orm import Session, sessionmaker

from runtime.clock import Clock
from runtime.registry import Registry
from runtime.settings import Settings
from web.http.docs import docs
from web.http.operations import Operation, Resource
from web.http.pipeline import Pipeline
from web.http.problems import GENERAL, Kind, Kinds
from web.http.rates import Rates


@dataclass(frozen=True)
class Room:
    """What one room offers, in the order of the documentation, and what it refuses by codes of its own."""

    resources: tuple[Resource, ...]
    problems: Kinds = field(default_factory=dict)


def find(package: ModuleType) -> tuple[Room, ...]:
    """The rooms of a package, by name: each of its files and packages says its `RESOURCES`, and may say `PROBLEMS`.

    Raises `AttributeError` for one that says none.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return tuple(Room(tuple(module.RESOURCES), getattr(module, "PROBLEMS", {})) for module in modules)


class Api:
    """The rooms as one. Raises `ValueError` for a code that two rooms claim, `Unknown` for one that none explains."""

    def __init__(self, rooms: Iterable[Room]) -> None:
        rooms = tuple(rooms)
        self.resources: tuple[Resource, ...] = tuple(one for room in rooms for one in room.resources)
        self.kinds: Registry[Kind] = Registry("problem")
        for problems in (GENERAL, *(room.problems for room in rooms)):
            for code, kind in problems.items():
                self.kinds.add(code, kind)
        for operation in self.operations:
            for code in operation.refusals:
                self.kinds[code]

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(operation for resource in self.resources for operation in resource.operations)


def register(
    app: Flask, sessions: sessionmaker[Session], clock: Clock, settings: Settings, rooms: Iterable[Room]
) -> None:
    """Everything below `/api`. Contacts nothing until it is used."""
    api = Api(rooms)
    pipeline = Pipeline(sessions, clock, Rates(settings.redis_url), api.kinds)
    routes = Blueprint("api", __name__)
    for operation in api.operations:
        routes.add_url_rule(operation.path, operation.name, pipeline.view(operation), methods=[operation.method])
    app.register_blueprint(routes)
    app.register_blueprint(docs(api.resources, api.kinds, settings.public_url))
