"""How many requests were let through in the span that ends now, exactly enough that none ever holds too many.

Requests that follow each other closely are kept as one piece, which counts until its last request has left the span:
so a request may count a sixtieth of the span longer than it should, never shorter. The strategies of the library
`limits` would not do: its sliding window lets through nearly twice as many (it weighs the window before as if its
requests had come evenly), its moving window keeps an instant for every request, on a clock that is not ours, and both
ask Redis twice for what the headers tell.
"""

from collections import OrderedDict, deque
from typing import NamedTuple

PIECES = 60


class Taken(NamedTuple):
    """What came of one request: `used` with it if it `is_let` through; the first of them leaves in `free_in_us`."""

    is_let: bool
    used: int
    free_in_us: int


class _Piece:
    __slots__ = ("count", "first_us", "last_us")

    def __init__(self, at_us: int) -> None:
        self.first_us = self.last_us = at_us
        self.count = 1


class _Log:
    """The requests of one sender that were let through; those that were refused count for nothing."""

    __slots__ = ("_pieces", "_used")

    def __init__(self) -> None:
        self._pieces: deque[_Piece] = deque()
        self._used = 0

    def take(self, most: int, *, span_us: int, now_us: int) -> Taken:
        pieces = self._pieces
        if pieces:
            ahead_us = pieces[-1].last_us - now_us
            if ahead_us > span_us:
                # The clock was set back: what it said before is of another time.
                pieces.clear()
                self._used = 0
            elif ahead_us > 0:
                now_us += ahead_us
        while pieces and pieces[0].last_us + span_us <= now_us:
            self._used -= pieces.popleft().count
        is_let = self._used < most
        if is_let:
            self._add(now_us, span_us // PIECES)
        return Taken(is_let, self._used, (pieces[0].last_us if pieces else now_us) + span_us - now_us)

    def is_over(self, span_us: int, now_us: int) -> bool:
        last_us = self._pieces[-1].last_us if self._pieces else now_us - span_us
        return last_us + span_us <= now_us or last_us - now_us > span_us

    def _add(self, now_us: int, piece_us: int) -> None:
        newest = self._pieces[-1] if self._pieces else None
        if newest is not None and now_us - newest.first_us < piece_us:
            newest.last_us = now_us
            newest.count += 1
        else:
            self._pieces.append(_Piece(now_us))
        self._used += 1


class Spans:
    """The logs of this process, of one kind of sender. Past `counted_max` at once strangers share one."""

    def __init__(self, counted_max: int) -> None:
        self._counted_max = counted_max
        # Whoever was let through longest ago stands first, and is the first to be forgotten.
        self._logs: OrderedDict[str, _Log] = OrderedDict()
        self._strangers = _Log()

    def take(self, who: str, most: int, *, span_us: int, now_us: int) -> Taken:
        """Count one request of `who`, if it is let through."""
        logs = self._logs
        log = logs.get(who)
        if log is None:
            self._forget(span_us, now_us)
            if len(logs) >= self._counted_max:
                return self._strangers.take(most, span_us=span_us, now_us=now_us)
            log = logs[who] = _Log()
        taken = log.take(most, span_us=span_us, now_us=now_us)
        if taken.is_let:
            logs.move_to_end(who)
        return taken

    def _forget(self, span_us: int, now_us: int) -> None:
        """Forget those whose requests have all left: two for each that comes new, so that there are ever fewer."""
        for _ in range(2):
            first = next(iter(self._logs), None)
            if first is None or not self._logs[first].is_over(span_us, now_us):
                return
            del self._logs[first]


# The same in Redis, in one question; each piece is three numbers in a row. Its key lives as long as its last request
# counts, in Redis' own time: on a virtual clock that stands still it may go sooner.
SCRIPT = """
local now, span, most, piece = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local kept = redis.call('GET', KEYS[1])
kept = kept and cmsgpack.unpack(kept) or {}
local size = #kept
if size > 0 and kept[size - 1] - now > span then
    kept, size = {}, 0
elseif size > 0 and kept[size - 1] > now then
    now = kept[size - 1]
end
local left, used = {}, 0
for place = 1, size, 3 do
    if kept[place + 1] + span > now then
        local to = #left
        left[to + 1], left[to + 2], left[to + 3] = kept[place], kept[place + 1], kept[place + 2]
        used = used + kept[place + 2]
    end
end
local is_let, to = used < most and 1 or 0, #left
if is_let == 1 then
    if to > 0 and now - left[to - 2] < piece then
        left[to - 1], left[to] = now, left[to] + 1
    else
        left[to + 1], left[to + 2], left[to + 3] = now, now, 1
    end
    used = used + 1
    redis.call('SET', KEYS[1], cmsgpack.pack(left), 'PX', math.ceil(span / 1000))
end
return {is_let, used, (left[2] or now) + span - now}
"""
