"""Structured logs: one JSON line an event on standard error. Never a name, phone, address, token or message text.

The message of an exception may quote what somebody typed, a parameter or a secret, and so may the arguments of other
people's log lines. So of an exception its type and its place are told, and of a foreign line the words that its
programmer wrote, not what was put into them.
"""

import io
import logging
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

OURS = Path(__file__).resolve().parent.parent
FRAMES = 12
"""Of a traceback; the innermost ones."""
_FOREIGN_LENGTH = 200
_PLAIN = (int, float, type(None))
_PROCESSORS: list[Processor] = []

ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


def configure(*, development: bool) -> None:
    """Readable lines in development, JSON elsewhere; the standard library's loggers join in."""
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=False) if development else structlog.processors.JSONRenderer()
    )
    ours: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_messages,
    ]
    # The one list for good: a logger that has been used keeps the list that it found.
    _PROCESSORS[:] = [*ours, renderer]
    structlog.configure(
        processors=_PROCESSORS,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _StandardError())),
        cache_logger_on_first_use=True,
    )
    handler = _Foreign()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*ours, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [*(one for one in root.handlers if not isinstance(one, _Foreign)), handler]
    root.setLevel(logging.WARNING)
    # These bring handlers of their own, and keep what they say from the root.
    for name in ("_granian", "granian.access"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True


def of_server() -> logging.Handler:
    """What the web server's own process says, which begins before the application: `web/granian.json` asks for it."""
    configure(development=False)
    catch_all()
    return next(one for one in logging.getLogger().handlers if isinstance(one, _Foreign))


def catch_all() -> None:
    """What nobody catches ends as one line too. For processes of the product: a test wants its traceback."""
    log = structlog.get_logger(__name__)

    def of_process(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.critical("process ends", exc_info=(kind, error, trace))

    def of_thread(given: threading.ExceptHookArgs) -> None:
        name = given.thread.name if given.thread else None
        log.critical("thread ends", thread=name, exc_info=(given.exc_type, given.exc_value, given.exc_traceback))

    sys.excepthook = of_process
    threading.excepthook = of_thread


def facts_of(error: BaseException) -> dict[str, Any]:
    """What a log line says of an exception: its type, the innermost line of our own, and the way there."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    own = [place for frame, place in zip(frames, places, strict=True) if _is_ours(frame.filename)]
    said: dict[str, Any] = {
        "error": type(error).__name__,
        "where": (own or places or ["nowhere"])[-1].partition(" ")[0],
        "trace": " > ".join(places[-FRAMES:]),
    }
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    if state:
        said["sqlstate"] = state
    cause = error.__cause__ or error.__context__
    if cause is not None:
        said["cause"] = type(cause).__name__
    return said


def where(error: BaseException) -> str:
    """The innermost line of our own that an exception came through, as `receive.py:99`."""
    return str(facts_of(error)["where"])


def place(error: BaseException) -> str:
    """What a row keeps of an error: its kind and place."""
    return f"{type(error).__name__} at {where(error)}"


class _StandardError(io.TextIOBase):
    """Whatever is standard error now: it may be another one than when the loggers were made."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


class _Foreign(logging.StreamHandler[Any]):
    """What others log, through our renderer."""

    def __init__(self) -> None:
        super().__init__(_StandardError())

    def format(self, record: logging.LogRecord) -> str:
        bare = logging.makeLogRecord(record.__dict__)
        bare.msg, bare.args, bare.exc_text, bare.stack_info = _words_of(record), (), None, None
        if not bare.exc_info:
            errors = (one for one in _arguments(record) if isinstance(one, BaseException))
            bare.exc_info = next(((type(one), one, one.__traceback__) for one in errors), None)
        return super().format(bare)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is the standard library's
        """The standard library would print the record with its arguments."""
        structlog.get_logger(__name__).error("a line of another logger could not be written", logger=record.name)


def _words_of(record: logging.LogRecord) -> str:
    """The first line of what its programmer wrote; of what was put in, numbers alone."""
    words = str(record.msg).partition("\n")[0][:_FOREIGN_LENGTH]
    arguments = _arguments(record)
    if arguments and all(isinstance(one, _PLAIN) for one in arguments):
        return record.getMessage().partition("\n")[0][:_FOREIGN_LENGTH]
    return words


def _arguments(record: logging.LogRecord) -> tuple[object, ...]:
    return tuple(record.args.values()) if isinstance(record.args, Mapping) else tuple(record.args or ())


def _without_messages(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """An exception becomes its type and its place; its message stays behind."""
    given: Any = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    return {**event, **facts_of(error)} if isinstance(error, BaseException) else event


def _is_ours(file: str) -> bool:
    return Path(file).is_relative_to(OURS) and "site-packages" not in file


def _short(file: str) -> str:
    return str(Path(file).relative_to(OURS)) if _is_ours(file) else "/".join(Path(file).parts[-2:])
