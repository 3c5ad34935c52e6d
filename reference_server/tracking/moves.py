"""Whether a session moved while it was being looked at."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Watch:
    """How often it has moved since the watch began."""

    moves: int = 0


class Moves:
    """Counts moves for those who watch, and for nobody else."""

    def __init__(self) -> None:
        self._watches: dict[str, list[Watch]] = {}

    def count(self, session_id: str) -> None:
        """Note that a session has moved."""
        for watch in self._watches.get(session_id, ()):
            watch.moves += 1

    @contextmanager
    def watching(self, session_id: str) -> Generator[Watch]:
        """Watch one session for as long as the block runs."""
        watch = Watch()
        watches = self._watches.setdefault(session_id, [])
        watches.append(watch)
        try:
            yield watch
        finally:
            # By identity: two watches that have counted the same are equal.
            watches[:] = [one for one in watches if one is not watch]
            if not watches:
                del self._watches[session_id]
