"""How often merchants and addresses may ask: in no span of a rule's length more than it says, whoever counts.

The library `limits` reads the rules; `spans.py` counts, in Redis where there is one. Without Redis, or while it is
away, this process counts by itself, so that each of n processes lets everybody ask as often as the rule says.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from limits import RateLimitItem, parse
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from reference_server.clock import Clock
from reference_server.door.spans import PIECES, SCRIPT, Spans, Taken
from reference_server.door.visit import Quota
from reference_server.errors import RateLimitedError

OFF = "off"
# What one question may cost, and for how long nobody asks after a failure; the same as of the fast path.
LIMIT_SECONDS = 0.25
REST_SECONDS = 5.0
# Past so many at once strangers share a count: what they send must not fill our memory.
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
        self._own: dict[str, Spans] = {}
        self._pool = _pool(redis_address) if redis_address else None
        self._ask_shared = _script(self._pool) if self._pool else None
        self._rests_until: datetime | None = None

    async def count(self, rule: RateLimitItem | None, kind: str, *, who: str) -> Quota | None:
        """Count one request of `who` and tell what is left; None where no rule is."""
        if rule is None:
            return None
        seconds, most = rule.get_expiry(), rule.amount
        # Whole microseconds, which a clock has and a Lua number holds.
        span_us, now_us = seconds * 1_000_000, round(self._clock.now().timestamp() * 1_000_000)
        taken = await self._take_shared(f"{kind}/{who}", (now_us, span_us, most, span_us // PIECES))
        if taken is None:
            own = self._own.get(kind) or self._own.setdefault(kind, Spans(self._counted_max))
            taken = own.take(who, most, span_us=span_us, now_us=now_us)
        left = most - taken.used if taken.is_let else -1
        return Quota(most, seconds, left, max(1, -(-taken.free_in_us // 1_000_000)))

    async def _take_shared(self, key: str, asked: tuple[int, ...]) -> Taken | None:
        if self._ask_shared is None or (self._rests_until is not None and self._clock.wall() < self._rests_until):
            return None
        try:
            is_let, used, free_in_us = await self._ask_shared([f"gatewright/rate/{key}"], asked)
        except (RedisError, OSError, TimeoutError) as error:
            if self._rests_until is None:
                _log.warning("Redis cannot be asked; each process counts by itself", error=type(error).__name__)
            self._rests_until = self._clock.wall() + timedelta(seconds=REST_SECONDS)
            return None
        self._rests_until = None
        return Taken(is_let == 1, used, free_in_us)

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


def _pool(address: str) -> ConnectionPool:
    return ConnectionPool.from_url(address, **_PATIENCE)  # pyright: ignore[reportUnknownMemberType]  # open in the library


def _script(pool: ConnectionPool) -> Callable[[list[str], tuple[int, ...]], Awaitable[list[int]]]:
    # The library's type of a script leaves open what it is asked and what it answers.
    script: object = Redis(connection_pool=pool).register_script(SCRIPT)
    return cast("Callable[[list[str], tuple[int, ...]], Awaitable[list[int]]]", script)
