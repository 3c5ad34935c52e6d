"""The log, for operators: JSON lines on the standard error. What an input or a secret may say never gets into it."""

import logging
import sqlite3
import sys
import traceback
from collections.abc import Iterator

import structlog
from structlog.typing import EventDict, WrappedLogger

# Their texts name files, sockets and tables; any other exception may quote the value that it stumbled over.
_TELLS_NO_VALUE = (OSError, sqlite3.Error)


def configure_log() -> None:
    """Write so from now on, in this whole process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _tell_exception,
            structlog.processors.JSONRenderer(),
        ],
        # Looked up for each line: tests, and whoever embeds us, put another stream there.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # It warns of each request that cannot be read: whoever sends enough of them would fill the disk.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


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
    yield f"{type(error).__module__}.{type(error).__qualname__}{text}\n"


def _tell_exception(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1]
    if given and error is not None:
        event["exception"] = describe_exception(error)
    return event
