"""Rooms of an API: found in a package, and put together."""

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType

from runtime.registry import Registry
from web.http.operations import Operation, Resource
from web.http.problems import GENERAL, Kind, Kinds


@dataclass(frozen=True)
class Room:
    """What one room offers, in the order of the documentation, and what it has of its own."""

    resources: tuple[Resource, ...]
    problems: Kinds = field(default_factory=dict)
    """By code, what it refuses."""
    scopes: Mapping[str, str] = field(default_factory=dict)
    """What keys may be allowed, and what that is."""


def find(package: ModuleType) -> tuple[Room, ...]:
    """The rooms of a package, by name: each file and package in it says its `RESOURCES`, and may say `PROBLEMS` and
    `SCOPES`.

    Raises `AttributeError` for one that offers nothing.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return tuple(
        Room(tuple(module.RESOURCES), getattr(module, "PROBLEMS", {}), getattr(module, "SCOPES", {}))
        for module in modules
    )


class Api:
    """The rooms as one: a scope or a code of one room is good in all.

    Raises `ValueError` for one, or an address, that two rooms claim; `Unknown` for one used that nobody explains.
    """

    def __init__(self, rooms: Iterable[Room]) -> None:
        # Who explains the scopes comes first: a reader of the documentation begins there.
        rooms = tuple(sorted(rooms, key=lambda room: not room.scopes))
        self.resources: tuple[Resource, ...] = tuple(one for room in rooms for one in room.resources)
        self.kinds: Registry[Kind] = Registry("problem")
        self.scopes: Registry[str] = Registry("scope")
        for problems in (GENERAL, *(room.problems for room in rooms)):
            for code, kind in problems.items():
                self.kinds.add(code, kind)
        for room in rooms:
            for scope, allows in room.scopes.items():
                self.scopes.add(scope, allows)
        self._names = Counter(operation.name for operation in self.operations)
        endpoints = Counter(operation.endpoint for operation in self.operations)
        if twice := sorted(endpoint for endpoint, times in endpoints.items() if times > 1):
            raise ValueError(f"{', '.join(twice)}: answered twice; give one room another prefix")
        for operation in self.operations:
            self.scopes[operation.scope]
            for code in operation.refusals:
                self.kinds[code]

    def id_of(self, operation: Operation) -> str:
        """Its name in the document, with its room's where another room has one of the same name, and with its method
        where it has several."""
        if self._names[operation.name] == 1:
            return operation.name
        before = operation.method.lower() if operation.everywhere else operation.path.split("/")[2]
        return f"{before}_{operation.name}"

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(operation for resource in self.resources for operation in resource.operations)
