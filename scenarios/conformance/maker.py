"""The seam between the judging and whoever makes merchants: one fresh arena for each case."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Protocol

from scenarios.conformance.arena import Arena

# Every case begins at one instant, so that one seed gives the same bytes.
START = datetime(2026, 1, 1, tzinfo=UTC)


class Maker(Protocol):
    """Makes merchants to be judged."""

    label: str

    def open(self, *, seed: int, gateway: str) -> AbstractAsyncContextManager[Arena]:
        """Open an arena with a merchant that knows of nothing yet."""
        ...
