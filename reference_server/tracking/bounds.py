"""How often one address may try something in a minute of the machine's time, and how many sockets it has open.

Pure counts: whoever asks says when.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

MINUTE = timedelta(minutes=1)
# Addresses that are counted at once; the one not seen for longest is forgotten first.
ADDRESSES_MAX = 10_000

T = TypeVar("T")


@dataclass(slots=True)
class _Window:
    since: datetime
    tries: int = 0


class PerMinute:
    """Counts tries by address in windows of one minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def is_over(self, address: str, now: datetime) -> bool:
        """Say whether this address has had its share of the minute."""
        return self._window(address, now).tries >= self._most

    def count(self, address: str, now: datetime) -> None:
        """Count one try."""
        self._window(address, now).tries += 1

    def _window(self, address: str, now: datetime) -> _Window:
        window = self._windows.get(address)
        # A machine whose clock was set back must not shut anybody out for longer than a minute.
        if window is None or not window.since <= now < window.since + MINUTE:
            window = self._windows[address] = _Window(now)
        self._windows.move_to_end(address)
        while len(self._windows) > ADDRESSES_MAX:
            self._windows.popitem(last=False)
        return window


class ByAddress(dict[str, T], Generic[T]):
    """What is open, by its id, counted by address; `arriving` tells the address of what is being put in."""

    def __init__(self, arriving: Callable[[], str]) -> None:
        super().__init__()
        self._arriving = arriving
        self._addresses: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def count_of(self, address: str) -> int:
        """Say how many of an address are open."""
        # Not by its name alone, which would enter it.
        return self._counts.get(address, 0)

    def __setitem__(self, key: str, value: T) -> None:
        if key not in self._addresses:
            self._addresses[key] = self._arriving()
            self._counts[self._addresses[key]] += 1
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        address = self._addresses.pop(key)
        self._counts[address] -= 1
        if not self._counts[address]:
            del self._counts[address]
