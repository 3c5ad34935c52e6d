"""Stretches and instants of virtual time as people write and read them: `1h30m` in a file, "1 h 30 min" in a report."""

import re
from datetime import datetime, timedelta

_PARTS = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h|d) ?", re.ASCII)
_WHOLE = re.compile(rf"(?:{_PARTS.pattern})+", re.ASCII)
_MICROSECONDS = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
# A hundred years, the most that `advanceClock` of contracts/control.yaml takes.
DURATION_MAX = timedelta(days=36525)


def parse_duration(text: str) -> timedelta:
    """Read `1h`, `10m`, `5s`, `2d`, `250ms` or several in a row. Raises `ValueError` that says what was possible."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{text!r} is no duration; write one such as 1h, 10m, 5s, 2d or 1h30m")
    total = sum(_microseconds(number, unit) for number, unit in _PARTS.findall(text))
    # Counted in whole microseconds: beyond this timedelta itself would overflow.
    if total > DURATION_MAX // timedelta(microseconds=1):
        raise ValueError(f"{text!r} is longer than a hundred years")
    return timedelta(microseconds=total)


def is_duration(text: str) -> bool:
    """Return whether `parse_duration` would read it."""
    try:
        parse_duration(text)
    except ValueError:
        return False
    return True


def is_instant(text: str) -> bool:
    """Return whether it is an RFC 3339 instant with its offset, from 1970 to 2199: far from where sums overflow."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return False
    return instant.tzinfo is not None and 1970 <= instant.year < 2200


def render_duration(duration: timedelta) -> str:
    """Write "2 d 3 h", "1 h 5 s", "0.25 s"; nought is "0 s"."""
    if duration < timedelta():
        return f"−{render_duration(-duration)}"
    seconds, fraction = divmod(duration // timedelta(microseconds=1), 1_000_000)
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, rest = divmod(rest, 60)
    last = f"{rest}.{fraction:06d}".rstrip("0") if fraction else str(rest)
    parts = [(str(days), "d"), (str(hours), "h"), (str(minutes), "min"), (last, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number != "0") or "0 s"


def _microseconds(number: str, unit: str) -> int:
    whole, _, fraction = number.partition(".")
    return (int(whole) * 1_000_000 + int(fraction.ljust(6, "0"))) * _MICROSECONDS[unit] // 1_000_000
