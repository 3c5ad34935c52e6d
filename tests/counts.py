"""How large the large counts are: the one reader of GATEWRIGHT_PROVE. CI draws a tenth, `dev.py prove` all."""

import os

PROVING = os.environ.get("GATEWRIGHT_PROVE") == "1"


def large(count: int) -> int:
    """Return how many of `count` cases to draw in this run: all of them when proving, a tenth otherwise."""
    return count if PROVING else max(1, count // 10)
