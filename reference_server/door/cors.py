"""Which pages of other origins may ask, and read what is answered: FRONTEND_URL's and merchants' frontends, no others.

Methods are document 004's and those of the operations that the document lists; headers those that they read.
"""

from collections.abc import Awaitable, Callable, Iterable

from contracts.binding import Answer
from reference_server.merchants.frontends import Frontends

_DOCUMENTED_METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS")
HEADERS = "Content-Type, Authorization, Idempotency-Key, X-Api-Key, X-Api-Secret, X-Request-Id, X-Tracking-Token"
EXPOSED = (
    b"X-Request-Id, Idempotent-Replayed, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Location"
)
# How long a browser may remember a preflight: a merchant that moves its frontend is told of it in ten minutes.
PREFLIGHT_SECONDS = "600"
# Another process may have a new merchant: an origin that nobody knows makes us look, so often at most.
LOOK_EVERY_SECONDS = 2.0

Pairs = list[tuple[bytes, bytes]]


class Origins:
    """Knows frontends; `recall` reads those of merchants that other processes took in.

    `methods` are those of the operations: what a page may ask for.
    """

    def __init__(
        self,
        frontends: Frontends,
        *,
        methods: Iterable[str],
        recall: Callable[[], Awaitable[None]],
        monotonic: Callable[[], float],
    ) -> None:
        self.methods = tuple(dict.fromkeys((*_DOCUMENTED_METHODS, *sorted(methods))))
        self._frontends = frontends
        self._recall = recall
        self._monotonic = monotonic
        self._looked_at: float | None = None

    async def knows(self, origin: str) -> bool:
        """Say whether pages of this origin may ask."""
        if self._frontends.is_origin(origin):
            return True
        now = self._monotonic()
        if self._looked_at is not None and now - self._looked_at < LOOK_EVERY_SECONDS:
            return False
        self._looked_at = now
        await self._recall()
        return self._frontends.is_origin(origin)


def is_preflight(method: str, headers: dict[bytes, bytes]) -> bool:
    """Say whether a browser asks if it may ask (Fetch standard, CORS-preflight request)."""
    return method == "OPTIONS" and b"origin" in headers and b"access-control-request-method" in headers


def answer_preflight(methods: Iterable[str]) -> Answer:
    """Let a known page ask."""
    allowed = (
        ("access-control-allow-methods", ", ".join(methods)),
        ("access-control-allow-headers", HEADERS),
        ("access-control-max-age", PREFLIGHT_SECONDS),
    )
    return Answer(204, headers=allowed)


def allow_reading(origin: bytes, answered: Pairs) -> Pairs:
    """Return what lets the page read; an operation that names whose pages may has the last word."""
    own = next((value for name, value in answered if name == b"access-control-allow-origin"), None)
    if own is not None and own != origin:
        return []
    named = [] if own is not None else [(b"access-control-allow-origin", origin)]
    return [*named, (b"access-control-allow-credentials", b"true"), (b"access-control-expose-headers", EXPOSED)]
