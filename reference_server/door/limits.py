"""How often merchants and addresses may ask: counted in windows of the clock, in Redis where there is one.

The library `limits` reads the rules and counts in Redis. Without Redis, or while it is away, this process counts by
itself, so that each of n processes lets everybody ask as often as the rule says. Windows are aligned, so that one
increment tells what is left and when it ends; a burst over a window's end may have twice the rule.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from reference_server.clock import Clock
from reference_server.door.visit import Quota
from reference_server.errors import RateLimitedError

OFF = "off"
# What one question may cost, and for how long nobody asks after a failure; the same as of the fast path.
LIMIT_SECONDS = 0.25
REST_SECONDS = 5.0
# Past so many in one window strangers share a counter: what they send must not fill our memory.
COUNTED_MAX = 100_000

_PATIENCE: dict[str, Any] = {
    "socket_timeout": LIMIT_SECONDS,
    "socket_connect_timeout": LIMIT_SECONDS,
    # Asked again, one request would be counted twice, and a dead Redis would cost several limits.
    "retry": Retry(NoBackoff(), 0),
}

_log = structlog.get_logger()


def rule_of(text: str) -> RateLimitItem | None:
    """Read a rule such as 600/minute; None for `off`. Raises ValueError."""
    return None if text.strip().lower() == OFF else parse(text)


class Limiter:
    """Counts each request; `redis_address` is empty where there is none."""

    def __init__(self, clock: Clock, *, redis_address: str = "", counted_max: int = COUNTED_MAX) -> None:
        self._clock = clock
        self._counted_max = counted_max
        self._own: dict[str, _Window] = {}
        self._pool = _pool(redis_address) if redis_address else None
        self._shared = _storage(self._pool) if self._pool else None
        self._rests_until: datetime | None = None

    async def count(self, rule: RateLimitItem | None, kind: str, *, who: str) -> Quota | None:
        """Count one request of `who` and tell what is left; None where no rule is."""
        if rule is None:
            return None
        seconds = rule.get_expiry()
        now = self._clock.now().timestamp()
        window = int(now // seconds)
        asked = await self._count_shared(f"{kind}/{who}/{window}", seconds)
        if asked is None:
            asked = self._own.setdefault(kind, _Window(self._counted_max)).count(who, window)
        return Quota(rule.amount, seconds, rule.amount - asked, max(1, int((window + 1) * seconds - now + 0.999)))

    async def _count_shared(self, key: str, seconds: int) -> int | None:
        if self._shared is None or (self._rests_until is not None and self._clock.wall() < self._rests_until):
            return None
        try:
            asked = await self._shared.incr(f"gatewright/rate/{key}", seconds)
        except (RedisError, OSError, TimeoutError) as error:
            if self._rests_until is None:
                _log.warning("Redis cannot be asked; each process counts by itself", error=type(error).__name__)
            self._rests_until = self._clock.wall() + timedelta(seconds=REST_SECONDS)
            return None
        self._rests_until = None
        return asked

    async def close(self) -> None:
        """Let the connections to Redis go."""
        if self._pool is not None:
            await self._pool.disconnect()


def require_left(quota: Quota | None) -> None:
    """Raise `RateLimitedError` where this request is one too many."""
    if quota is not None and quota.is_over:
        told = f"at most {quota.most} requests in {quota.window_seconds} s are answered"
        raise RateLimitedError(told, retry_after_seconds=quota.reset_seconds)


def headers_of(quota: Quota) -> list[tuple[bytes, bytes]]:
    """Tell of a quota by the fields of draft-ietf-httpapi-ratelimit-headers-06, the last with a field for each value.

    Later revisions (-10) fold them into one structured field, which hardly any client reads yet.
    """
    return [
        (b"ratelimit-limit", b"%d" % quota.most),
        (b"ratelimit-remaining", b"%d" % max(0, quota.left)),
        (b"ratelimit-reset", b"%d" % quota.reset_seconds),
        (b"ratelimit-policy", b"%d;w=%d" % (quota.most, quota.window_seconds)),
    ]


class _Window:
    """The counters of one window. The next one begins with none, so that nothing has to be swept.

    The library's own memory storage looks at every key at each count, and starts a task or a thread for it.
    """

    def __init__(self, counted_max: int) -> None:
        self._counted_max = counted_max
        self._number = 0
        self._counts: dict[str, int] = {}

    def count(self, who: str, number: int) -> int:
        if number != self._number:
            self._number, self._counts = number, {}
        if who not in self._counts and len(self._counts) >= self._counted_max:
            who = ""
        self._counts[who] = self._counts.get(who, 0) + 1
        return self._counts[who]


def _pool(address: str) -> ConnectionPool:
    # Our own pool: of addresses the library reads fewer kinds than Redis' client.
    return ConnectionPool.from_url(address, **_PATIENCE)  # pyright: ignore[reportUnknownMemberType]  # open in the library


def _storage(pool: Any) -> RedisStorage:
    # The library's type of its options has no room for what it documents.
    return RedisStorage("async+redis://", implementation="redispy", connection_pool=pool)
