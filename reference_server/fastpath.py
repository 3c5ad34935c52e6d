"""Redis as a shortcut: what is found there saves work, and nothing that is not there, or cannot be asked, is wrong.

The rows are the truth. Here lie only facts that never change, and duplicates of what is settled for good.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar, cast

import msgspec
import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from reference_server.clock import Clock
from reference_server.ids import SessionId

# What one question may cost. Redis on the same network answers in a fraction of it.
LIMIT_SECONDS = 0.25
# After a failure nobody asks for so long: a dead Redis costs one limit in this time, not one per request. Whoever
# follows a payment shall hear again within two seconds of its return.
REST_SECONDS = 1.0
SETTLED_LIFE = timedelta(hours=24)
CONNECTIONS_MAX = 512

_log = structlog.get_logger()
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What of a session never changes: `order-session:{sessionId}`."""

    installation: str
    session_id: str
    tran_id: str
    merchant: str
    amount: str
    currency: str
    page_url: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class Settled:
    """A notification that was proven and did all that it can do; `digest` is of it whole, and of its session."""

    installation: str
    digest: str
    merchant: str
    tran_id: str


class FastPath:
    """One Redis. `installation` names the store whose facts these are: those of another store are not seen."""

    def __init__(self, url: str, clock: Clock) -> None:
        self.url = url
        self.installation = ""
        self._clock = clock
        self._rests_until: datetime | None = None
        # Of the library's types many parts are unknown; what is used of them is named in `_Commands`.
        self._redis = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]  # see above
            url,
            socket_timeout=LIMIT_SECONDS,
            socket_connect_timeout=LIMIT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            max_connections=CONNECTIONS_MAX,
        )

    async def close(self) -> None:
        """Give up the connections."""
        await self._redis.aclose()

    async def answers(self) -> bool:
        """Say whether Redis answers; while it rests after a failure nobody asks."""
        ping = cast("Callable[[], Awaitable[bool]]", self._redis.ping)  # pyright: ignore[reportUnknownMemberType]  # see above
        return await self._ask(ping, otherwise=False)

    async def find_session(self, session_id: SessionId) -> SessionFacts | None:
        """Return what is remembered of a session; nothing says nothing."""
        facts = await self._read(f"order-session:{session_id}", SessionFacts)
        return facts if facts is not None and facts.session_id == session_id else None

    async def remember_session(self, facts: SessionFacts, *, life: timedelta) -> None:
        """Keep it for the session's life."""
        await self._write(f"order-session:{facts.session_id}", facts, life)

    async def find_settled(self, session_id: SessionId, fields: Mapping[str, str]) -> Settled | None:
        """Say whether exactly this notification of this session has done all that it can do."""
        found = await self._read(_key_of(fields), Settled)
        return found if found is not None and found.digest == _digest_of(session_id, fields) else None

    async def remember_settled(
        self, session_id: SessionId, fields: Mapping[str, str], *, merchant: str, tran_id: str
    ) -> None:
        """Keep that it did, once the rows say so."""
        settled = Settled(self.installation, _digest_of(session_id, fields), merchant, tran_id)
        await self._write(_key_of(fields), settled, SETTLED_LIFE)

    async def publish(self, channel: str, text: str) -> None:
        """Tell other processes, if they can be told."""
        publish = cast("Callable[[str, str], Awaitable[object]]", self._redis.publish)  # pyright: ignore[reportUnknownMemberType]  # see above
        await self._ask(lambda: publish(channel, text), None)

    async def _read(self, key: str, kind: type[T]) -> T | None:
        text = await self._ask(lambda: cast("Awaitable[bytes | None]", self._redis.get(key)), None)
        try:
            found = None if text is None else msgspec.json.decode(text, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None
        return found if getattr(found, "installation", None) == self.installation else None

    async def _write(self, key: str, value: SessionFacts | Settled, life: timedelta) -> None:
        text = msgspec.json.encode(asdict(value))
        await self._ask(lambda: cast("Awaitable[object]", self._redis.set(key, text, ex=life)), None)

    async def _ask(self, question: Callable[[], Awaitable[T]], otherwise: T) -> T:
        now = self._clock.wall()
        if self._rests_until is not None and now < self._rests_until:
            return otherwise
        try:
            answer = await question()
        except (RedisError, OSError, TimeoutError) as error:
            self._rest(error)
            return otherwise
        self._rests_until = None
        return answer

    def _rest(self, error: Exception) -> None:
        if self._rests_until is None:
            # The text of its errors may name the address, with a password in it.
            _log.warning("Redis cannot be asked; going on without it", error=type(error).__name__)
        self._rests_until = self._clock.wall() + timedelta(seconds=REST_SECONDS)


def _key_of(fields: Mapping[str, str]) -> str:
    """Name the notification as document 000 does: by val_id where there is money, else by tran_id."""
    val_id = fields.get("val_id", "")
    return f"idempotency:val:{val_id}" if val_id else f"idempotency:tran:{fields.get('tran_id', '')}"


def _digest_of(session_id: SessionId, fields: Mapping[str, str]) -> str:
    return sha256(msgspec.json.encode([session_id, sorted(fields.items())])).hexdigest()
