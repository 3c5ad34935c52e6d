"""One request as the door saw it: its id, where it comes from, and how much it may still ask."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from structlog.contextvars import bind_contextvars, reset_contextvars

# What other people's request ids look like: UUIDs, ULIDs, trace ids, nginx's hex. Anything else could be a forged line
# in somebody's log.
_WELL_FORMED = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:-]{7,127}")


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of one limit in its window; `left` is below nothing where it is used up."""

    most: int
    window_seconds: int
    left: int
    reset_seconds: int

    @property
    def is_over(self) -> bool:
        """Whether this very request is one too many."""
        return self.left < 0


_current: ContextVar["Visit | None"] = ContextVar("current visit", default=None)


@dataclass(slots=True)
class Visit:
    """`address` is the peer's, or whom a trusted proxy speaks for. `quota` is the tightest that was counted."""

    request_id: str
    address: str
    is_encrypted: bool
    quota: Quota | None = None

    def count(self, quota: Quota | None) -> None:
        """Tell of this quota if it is the tighter one."""
        if quota is not None and (self.quota is None or quota.left < self.quota.left):
            self.quota = quota

    @contextmanager
    def under_way(self) -> Generator[None]:
        """Be what `current_visit` returns, and let every line of the log name the request."""
        here, named = _current.set(self), bind_contextvars(request_id=self.request_id)
        try:
            yield
        finally:
            reset_contextvars(**named)
            _current.reset(here)


def current_visit() -> Visit | None:
    """Return the visit under way; none in jobs, and where the door is not passed."""
    return _current.get()


def find_request_id(headers: dict[bytes, bytes]) -> str | None:
    """Return the id that the sender gave the request, if it is well-formed."""
    given = headers.get(b"x-request-id", b"")
    return given.decode("ascii") if _WELL_FORMED.fullmatch(given) else None
