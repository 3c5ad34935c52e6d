"""What an error of PostgreSQL calls for: the unit once more, a refusal for now, or one of the value it is about."""

from dataclasses import dataclass

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFreeError

from reference_server.errors import InvalidError, NotReadyError, ServerError

# A unit that the engine undid for the sake of others; each time, another one has come through.
_UNDONE_TRIES_MAX = 8
# A twin inserted first: the second look finds what it left. Twice, since that may be deleted again meanwhile.
_TWIN_TRIES_MAX = 3
# Connections of before a restart are thrown away at the first that fails, all of them.
_STALE_TRIES_MAX = 3

# SQLSTATE, PostgreSQL's manual appendix A.
_UNDONE = {"40001", "40P01"}
_TWIN = {"23505", "23503"}
# The last: a text too long for an index, which takes some 2,700 bytes.
_UNSTORABLE = {"22021", "22P05", "22003", "54000"}
# Connection exceptions; shut down, starting up.
_AWAY = ("08", "57P")
# What a standby says until it takes over, and also to a look that would change something.
_READ_ONLY = "25006"
# Lock or statement timed out; no memory, disk or connection left.
_BUSY = ("55P03", "57014", "53", "25P03")
# It does not know us: user, password; and no such database.
_CLOSED = ("28", "3D000")


@dataclass(slots=True)
class Try:
    """How far one try at a unit has come: what that decides is whether it may be tried again."""

    is_look: bool = False
    is_connected: bool = False
    is_committing: bool = False
    # Others that were undone as it was wait until it has come through, so that they do not undo each other for ever.
    in_turn: bool = False


@dataclass(frozen=True, slots=True)
class Cure:
    """How often the unit may be tried in all, and what follows the last try: a refusal, or the error itself."""

    tries_max: int
    refusal: ServerError | None = None
    in_turn: bool = False


def cure_of(error: Exception, tried: Try) -> Cure:
    """Judge an error of one try by how far this had come. A commit that was cut off is never tried again."""
    if isinstance(error, NoConnectionFreeError):
        return Cure(1, _refuse_busy())
    is_gone = _is_lost(error) or (state_of(error) == _READ_ONLY and not tried.is_look)
    if tried.is_committing and (is_gone or isinstance(error, TimeoutError)):
        # Not "away", nor "ask again": whoever does without an idempotency key could have it done twice.
        told = "the database went away in the middle of a change: whether that was made is not known"
        return Cure(1, NotReadyError(told))
    if is_gone:
        tries_max = _STALE_TRIES_MAX if tried.is_connected else 1
        return Cure(tries_max, NotReadyError("the database cannot be reached just now; ask again"))
    return _cure_of_refusal(error)


def say_closed(error: Exception) -> str:
    """Return why PostgreSQL does not let us in at all, in its own words, which name no password; else nothing."""
    said = error.orig if isinstance(error, DBAPIError) else None
    return str(said) if said is not None and state_of(error).startswith(_CLOSED) else ""


def _cure_of_refusal(error: Exception) -> Cure:
    state = state_of(error)
    if state in _UNDONE:
        return Cure(_UNDONE_TRIES_MAX, _refuse_busy(), in_turn=True)
    if state in _TWIN or isinstance(_cause_of(error), asyncpg.InvalidCachedStatementError):
        # A table was altered under a server that runs: with that error the driver forgets its plans of before.
        return Cure(_TWIN_TRIES_MAX)
    if state.startswith(_CLOSED):
        return Cure(1, NotReadyError("the database does not let this server in"))
    if state.startswith(_BUSY) or isinstance(error, TimeoutError):
        return Cure(1, _refuse_busy())
    if state in _UNSTORABLE or _is_unwritable(error):
        told = "holds a value that cannot be stored: a text with a NUL or too long, or a number of more than 64 bits"
        return Cure(1, InvalidError(told, pointer="", rule="storable"))
    return Cure(1)


def state_of(error: BaseException) -> str:
    """Return the SQLSTATE; empty where PostgreSQL did not speak."""
    said = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(said, "sqlstate", None) or "")


def _is_lost(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or state_of(error).startswith(_AWAY)
    return isinstance(error, OSError) and not isinstance(error, TimeoutError)


def _is_unwritable(error: Exception) -> bool:
    """Say whether the driver could not write a value at all."""
    return isinstance(_cause_of(error), asyncpg.DataError)


def _cause_of(error: Exception) -> BaseException | None:
    """Return the driver's own error, which SQLAlchemy's translation does not always hand on whole."""
    return error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig is not None else None


def _refuse_busy() -> NotReadyError:
    return NotReadyError("the database is too busy just now; ask again")
