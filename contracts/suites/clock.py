"""The machine's time for the suites: how long a run took, and a rest between two looks at a foreign program."""

import time


def seconds() -> float:
    """Return seconds on a scale that only grows."""
    return time.monotonic()


def rest(length_seconds: float) -> None:
    """Let another program get on with its work."""
    time.sleep(length_seconds)
