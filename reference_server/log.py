"""The log, for operators: a line for each event on the standard error, as JSON or in the customer's text format.

What an input or a secret may say never gets into it; `log_fields.py` takes out what a field must not say.
"""

import json
import logging
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from weakref import WeakSet

import structlog
from structlog.typing import EventDict, WrappedLogger

from reference_server.log_fields import blank_fields, flatten
from reference_server.redaction import Redaction
from reference_server.settings import LogFormat, LogLevel

# Their texts name files, sockets and tables; any other exception may quote the value that it stumbled over.
_TELLS_NO_VALUE = (OSError, sqlite3.Error)
_LEVELS = {level: getattr(logging, level.name) for level in LogLevel}
# What other people's libraries say of a bug of ours: their own way of writing it quotes values.
_FOREIGN = ("uvicorn.error", "asyncio")
# The process's own: below it nothing is written.
_least = logging.getLogger("gatewright")
# Of every server of this process that is still there.
_known: WeakSet[Redaction] = WeakSet()


def configure_log(
    form: LogFormat = LogFormat.JSON, level: LogLevel = LogLevel.WARNING, *, known: Redaction | None = None
) -> None:
    """Write so from now on, in this whole process; the secrets that `known` learns are blanked in every line."""
    _least.setLevel(_LEVELS[level])
    if known is not None:
        _known.add(known)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _tell_exception,
            blank_fields,
            _render_json if form is LogFormat.JSON else _render_text,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        # Looked up for each line: tests, and whoever embeds us, put another stream there.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for name in _FOREIGN:
        logger = logging.getLogger(name)
        # uvicorn warns of each request that cannot be read: whoever sends enough of them would fill the disk.
        logger.setLevel(logging.ERROR)
        logger.propagate = False
        logger.handlers = [_foreign]


def is_told(level: LogLevel) -> bool:
    """Say whether lines of that level are written; a line that is not still costs some microseconds to bring here."""
    return _least.isEnabledFor(_LEVELS[level])


def describe_exception(error: BaseException) -> str:
    """Return type and place of an exception and of what led to it: no value of a local, and no text that may quote."""
    return "".join(_lines_of(error))


def _lines_of(error: BaseException) -> Iterator[str]:
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _lines_of(earlier)
        yield "which led to\n"
    yield from traceback.format_tb(error.__traceback__)
    text = f": {error}" if isinstance(error, _TELLS_NO_VALUE) else ""
    # PostgreSQL's texts quote values; its five letters never do, and say what was wrong.
    code = getattr(error, "sqlstate", None)
    text = f" (SQLSTATE {code})" if isinstance(code, str) and code.isalnum() else text
    yield f"{type(error).__module__}.{type(error).__qualname__}{text}\n"


def _tell_exception(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1]
    if given and error is not None:
        event["exception"] = describe_exception(error)
    return event


def _render_json(logger: WrappedLogger, name: str, event: EventDict) -> str:
    return _without_known_secrets(json.dumps(event, default=repr))


def _render_text(logger: WrappedLogger, name: str, event: EventDict) -> str:
    """Write `[2024-01-01T12:00:00.000Z] [INFO] message`, as document 004 has it, and fields behind."""
    at, level = str(event.pop("timestamp")), str(event.pop("level")).upper()
    said = flatten(str(event.pop("event", "")))
    fields = "".join(f" {flatten(key)}={json.dumps(value, default=repr)}" for key, value in event.items())
    # To the millisecond; the library writes six digits.
    return _without_known_secrets(f"[{at[:23]}Z] [{level}] {said}{fields}")


def _without_known_secrets(line: str) -> str:
    for redaction in tuple(_known):
        line = redaction.blank_known(line)
    return line


class _ForeignLines(logging.Handler):
    """Takes what libraries log, the first line of it: the second of asyncio's shows a value."""

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage().partition("\n")[0]
        error = record.exc_info[1] if record.exc_info else None
        structlog.get_logger().error(said, logger=record.name, exc_info=error or False)


_foreign = _ForeignLines()
