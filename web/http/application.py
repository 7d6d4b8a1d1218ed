"""Flask, with its own lines in the log replaced."""

from types import TracebackType
from typing import Any

import structlog
from flask import Flask, request

log = structlog.get_logger(__name__)


class Application(Flask):
    def log_exception(
        self, exc_info: tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
    ) -> None:
        """A request that failed, by the rule of its address: Flask's own line has the address itself, with its ids."""
        rule: Any = request.url_rule
        log.error("request failed", method=request.method, rule=rule.rule if rule else None, exc_info=exc_info)
