"""The pages of the portal: each file here with `pages` says its own. One place opens the session, asks who it is,
checks what a form must bring, commits, and draws.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from runtime.language import Language
from web.portal.visit import Done, Shown, Visit

View = Callable[..., Shown]
Around = Callable[[Visit], Mapping[str, Any]]


@dataclass(frozen=True)
class Place:
    """Among the ways at the thumb, five at most; `number` counts what waits there."""

    order: int
    key: str
    path: str
    icon: str
    label: Callable[[Language], str]
    number: Callable[[Visit], int] = lambda _visit: 0


@dataclass(frozen=True)
class Route:
    """`path`: below the clinic's portal, as Flask writes it. `guests`: also who has not joined yet."""

    path: str
    view: View
    method: str
    guests: bool


def _nothing(_t: object) -> dict[str, str]:
    return {}


class Pages:
    """What one subject shows (`GET`, changes nothing that matters) and does (`POST`)."""

    def __init__(self, done: Done = _nothing, around: Around | None = None, place: Place | None = None) -> None:
        """`done`: what is said after something was done. `around`: what it adds to all pages. `place`: among the ways
        at the thumb."""
        self.done, self.around, self.place = done, around, place
        self.routes: list[Route] = []

    def show(self, path: str, *, guests: bool = False) -> Callable[[View], View]:
        return self._at(path, "GET", guests)

    def do(self, path: str, *, guests: bool = False) -> Callable[[View], View]:
        """Its form brings the token of the page (`form` in the templates)."""
        return self._at(path, "POST", guests)

    def _at(self, path: str, method: str, guests: bool) -> Callable[[View], View]:
        def take(view: View) -> View:
            self.routes.append(Route(path, view, method, guests))
            return view

        return take


def find(package: ModuleType) -> Iterator[Pages]:
    """All of a package, by the names of its files.

    Raises `ValueError` for an address that two of them claim.
    """
    taken: set[tuple[str, str]] = set()
    for module in sorted(one.name for one in pkgutil.iter_modules(package.__path__)):
        pages = getattr(importlib.import_module(f"{package.__name__}.{module}"), "pages", None)
        if not isinstance(pages, Pages):
            continue
        for route in pages.routes:
            if (route.path, route.method) in taken:
                raise ValueError(f"{route.method} {route.path}: two files show it")
            taken.add((route.path, route.method))
        yield pages
