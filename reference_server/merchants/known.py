"""Whose key and secret these are, remembered for a second: what every request of a merchant asks first.

Remembered are pairs that were proven, by a digest of both: a lookup tells nothing of a secret by its time, and any
other pair is compared with the store's in constant time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from reference_server.clock import Clock, ClockMode, machine_ordinal
from reference_server.database import Database
from reference_server.merchants.model import Merchant
from reference_server.merchants.store import authenticate

# So long at most a rotated or revoked secret lives on, in processes other than the one that was told to end it.
LIFE_SECONDS = 1.0
# Of so many merchants that ask in one second; past it all are forgotten, and asked for anew.
REMEMBERED_MAX = 10_000
_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Proven:
    merchant: Merchant
    until_ns: int


class KnownMerchants:
    """Of one process. On a virtual clock nothing is remembered: there nobody is in a hurry, and an answer is exact."""

    def __init__(self, database: Database, clock: Clock, *, monotonic_ns: Callable[[], int] = machine_ordinal) -> None:
        self._database = database
        self._monotonic_ns = monotonic_ns
        self._clock = clock
        self._proven: dict[bytes, _Proven] = {}
        self._times_forgotten = 0

    async def authenticate(self, api_key: str, api_secret: str) -> Merchant:
        """Return whose they are. Raises `UnauthenticatedError`."""
        if self._clock.mode is ClockMode.VIRTUAL:
            return await self._ask(api_key, api_secret)
        # The length stands before: no two pairs give one text.
        pair = sha256(f"{len(api_key)}:{api_key}{api_secret}".encode()).digest()
        known, now_ns = self._proven.get(pair), self._monotonic_ns()
        if known is not None and now_ns < known.until_ns:
            return known.merchant
        asked_at = self._times_forgotten
        merchant = await self._ask(api_key, api_secret)
        if asked_at != self._times_forgotten:
            # A secret was rotated while the store was asked: what it said may be of before.
            return merchant
        if len(self._proven) >= REMEMBERED_MAX:
            self._proven.clear()
        # From before the question: the second is the whole time, however long the store took.
        self._proven[pair] = _Proven(merchant, now_ns + int(LIFE_SECONDS * _NANOSECONDS))
        return merchant

    def forget(self) -> None:
        """Ask anew for everybody: a key or a secret has changed here."""
        self._times_forgotten += 1
        self._proven.clear()

    async def _ask(self, api_key: str, api_secret: str) -> Merchant:
        at = self._clock.now()
        return await self._database.read(lambda session: authenticate(session, api_key, api_secret=api_secret, at=at))
