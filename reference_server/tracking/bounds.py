"""How often one address may try something in a minute of the machine's time. A pure count: whoever asks says when."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
# Addresses that are counted at once; the one not seen for longest is forgotten first.
ADDRESSES_MAX = 10_000


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
