"""Structured logs: one JSON line an event on standard error. Never a name, phone, address, token or message text."""

import logging
import sys

import structlog


def configure(*, development: bool) -> None:
    """Readable lines in development, JSON elsewhere; the standard library's loggers join in."""
    renderer = structlog.dev.ConsoleRenderer(colors=False) if development else structlog.processors.JSONRenderer()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
