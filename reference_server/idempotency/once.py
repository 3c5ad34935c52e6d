"""Carrying a merchant's request out once for its key: replay, refuse, take up what crashed, or do it.

Effect and first answer are one transaction. What is refused (an error raised) changes nothing and leaves the key
unused. Where a gateway is called in the middle, the key says how far the request came, under a lease.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlmodel import Session

from contracts.binding import Answer
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import GatewayRefusedError, KeyInUseError, KeyReusedError, MerchantError, ServerError
from reference_server.idempotency import store
from reference_server.idempotency.asked import Asked, Scope, find_asked
from reference_server.idempotency.store import Lease, Remembered

# Stripe's name for it (docs.stripe.com/api/idempotent_requests); the IETF draft names none.
REPLAYED = ("idempotent-replayed", "true")
# Past its own limits nobody is still at a gateway call; until then a crash of another process blocks its key.
LEASE_SECONDS_OVER_LIMIT = 20.0

Conclusion = Callable[[Session], Answer]


@dataclass(frozen=True, slots=True)
class Begun:
    """A request that calls a gateway in its middle. `point` is what its beginning returned, at the first try."""

    point: str
    is_first_try: bool
    fence: int = 0


@dataclass(frozen=True, slots=True)
class _Landed:
    fingerprint: str
    answer: Answer | None
    error: ServerError | None


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """`holder` is of this process and of no other, ever; alone on its database, it knows every other to be dead."""

    holder: str
    is_alone: bool
    limit_seconds: float


class Idempotency:
    """Carries out the requests of merchants' POSTs, each once for the key of the call under way."""

    def __init__(self, database: Database, clock: Clock, *, terms: LeaseTerms) -> None:
        self._database = database
        self._clock = clock
        self._terms = terms
        # Twins in this process wait here, without a connection: a thousand of them would drain the pool.
        self._flights: dict[Scope, asyncio.Future[_Landed | None]] = {}
        self._under_way: dict[Scope, str] = {}

    async def once(self, unit: Callable[[Session], Answer]) -> Answer:
        """Carry the unit out in one transaction with the keeping of its answer, or give the first answer again.

        Raises `KeyReusedError` where the key named another request, and what the unit raises.
        """
        asked = find_asked()
        if asked is None:
            return await self._database.run(unit)
        while (flight := self._flights.get(asked.scope)) is not None:
            # Shielded: a twin that hangs up must not take the others' answer with it.
            landed = await asyncio.shield(flight)
            if landed is not None:
                return _share(landed, asked)
        return await self._fly(asked, unit)

    async def spanning(
        self, begin: Callable[[Session], str], go_on: Callable[[Begun], Awaitable[Conclusion]]
    ) -> Answer:
        """Carry out a request that calls a gateway between two transactions, once.

        `begin` stores what is wanted and returns how to find it again. `go_on` calls, and returns what ends it; told
        that this is not the first try, it asks for the truth first. A `MerchantError` or the gateway's no frees the
        key; after anything else, a kill too, whoever asks next under the key takes the request up.

        Raises `KeyReusedError`, `KeyInUseError` while another is at it, and what the parts raise.
        """
        asked = find_asked()
        if asked is None:
            point = await self._database.run(begin)
            return await self._database.run(await go_on(Begun(point, is_first_try=True)))
        if asked.scope in self._under_way:
            raise _in_use() if self._under_way[asked.scope] == asked.fingerprint else _reused()
        self._under_way[asked.scope] = asked.fingerprint
        try:
            found = await self._database.run(lambda session: self._claim(session, asked, begin))
            return found if isinstance(found, Answer) else await self._span(asked, found, go_on)
        finally:
            del self._under_way[asked.scope]

    async def _fly(self, asked: Asked, unit: Callable[[Session], Answer]) -> Answer:
        flight = self._flights[asked.scope] = asyncio.get_running_loop().create_future()
        landed: _Landed | None = None
        try:
            answer = await self._database.run(lambda session: self._do_once(session, asked, unit))
            landed = _Landed(asked.fingerprint, answer, None)
        except KeyReusedError:
            raise
        except ServerError as error:
            landed = _Landed(asked.fingerprint, None, error)
            raise
        finally:
            del self._flights[asked.scope]
            flight.set_result(landed)
        return answer

    def _do_once(self, session: Session, asked: Asked, unit: Callable[[Session], Answer]) -> Answer:
        now = self._clock.now()
        known = store.find_live(session, asked.scope, now=now)
        if known is not None:
            return _replay(known, asked)
        answer = unit(session)
        # A twin in another process that was faster makes this fail, and the unit run again: it then finds the answer.
        store.add_answered(session, asked, answer, now=now)
        return answer

    def _claim(self, session: Session, asked: Asked, begin: Callable[[Session], str]) -> Answer | Begun:
        now, wall = self._clock.now(), self._clock.wall().timestamp()
        lease = Lease(self._terms.holder, wall + self._terms.limit_seconds + LEASE_SECONDS_OVER_LIMIT)
        known = store.find_live(session, asked.scope, now=now, lock=True)
        if known is None:
            point = begin(session)
            store.add_begun(session, asked, lease, resume_point=point, now=now)
            return Begun(point, is_first_try=True)
        if known.answer is not None or known.fingerprint != asked.fingerprint:
            return _replay(known, asked)
        if self._is_held(known.lease, wall):
            raise _in_use()
        lease = replace(lease, fence=known.lease.fence + 1)
        store.take_up(session, asked.scope, lease)
        return Begun(known.resume_point, is_first_try=False, fence=lease.fence)

    def _is_held(self, lease: Lease, wall: float) -> bool:
        # Our own would be among those under way here; another's, where nobody else can be, is a dead one's.
        is_anothers = lease.holder != self._terms.holder
        return is_anothers and not self._terms.is_alone and lease.until > wall

    async def _span(self, asked: Asked, begun: Begun, go_on: Callable[[Begun], Awaitable[Conclusion]]) -> Answer:
        scope = asked.scope

        def end(session: Session) -> Answer:
            answer = conclusion(session)
            if not store.add_answer(session, asked, fence=begun.fence, answer=answer):
                raise _in_use()
            return answer

        try:
            conclusion = await go_on(begun)
            return await self._database.run(end)
        except KeyInUseError:
            raise
        except (MerchantError, GatewayRefusedError):
            await self._database.run(lambda session: store.forget(session, scope, begun.fence))
            raise
        except (Exception, asyncio.CancelledError):
            # What the gateway did is unknown, or we have a bug. If not even this can be written, the lease lapses.
            with suppress(Exception):
                await self._database.run(lambda session: store.hand_back(session, scope, begun.fence))
            raise


def _share(landed: _Landed, asked: Asked) -> Answer:
    """Give a twin what the one before it was given."""
    if landed.fingerprint != asked.fingerprint:
        raise _reused()
    if landed.answer is None:
        assert landed.error is not None  # noqa: S101  # one of the two, by construction
        raise landed.error
    return _mark(landed.answer)


def _replay(known: Remembered, asked: Asked) -> Answer:
    if known.fingerprint != asked.fingerprint:
        raise _reused()
    if known.answer is None:
        raise _in_use()
    answer = known.answer
    if known.sealed_body is not None:
        answer = replace(answer, body=asked.seal.open(known.sealed_body))
    return _mark(answer)


def _mark(answer: Answer) -> Answer:
    return answer if REPLAYED in answer.headers else replace(answer, headers=(*answer.headers, REPLAYED))


def _reused() -> KeyReusedError:
    return KeyReusedError("this Idempotency-Key named another request; a new request needs a key of its own")


def _in_use() -> KeyInUseError:
    return KeyInUseError("the first request under this Idempotency-Key is still under way", retry_after_seconds=1)
