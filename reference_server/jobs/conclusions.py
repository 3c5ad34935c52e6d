"""Commits what jobs concluded: those that end at about the same time in one transaction, since each commit costs most.

One that raises, or whose lease is lost, undoes all of its batch; each of that is then committed by itself.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from reference_server.database import Database
from reference_server.errors import NotReadyError
from reference_server.jobs import registry, store
from reference_server.jobs.queues import queue_of
from reference_server.jobs.registry import Outcome
from reference_server.jobs.store import Claim, Ended

# Answers when to run again, and None when the duty is done.
Conclusion = Callable[[Session], datetime | None]

BATCH_MAX = 64


class LeaseLostError(Exception):
    """Somebody else has the lease now, or the duty is owed no longer: whatever the transaction did must not be."""


@dataclass(frozen=True, slots=True)
class Concluded:
    """A claim, what follows from its run, and whoever waits for the commit."""

    claim: Claim
    conclusion: Conclusion
    committed: "asyncio.Future[None]" = field(compare=False)


class Conclusions:
    """Of one worker; it has its name only once it is started.

    `leave` hears of each claim whose conclusion is committed, before anybody whom the commit woke looks for what is
    due: that may be the same duty, owed again, or on SQLite one that was given its id. Whoever took it for running
    would find it half a second later.
    """

    def __init__(self, database: Database, *, worker: Callable[[], str]) -> None:
        self._database = database
        self._worker = worker
        self.leave: Callable[[Claim], None] = lambda _: None
        self._waiting: list[Concluded] = []
        self._committing: asyncio.Task[None] | None = None

    async def commit(self, claim: Claim, conclusion: Conclusion) -> None:
        """Apply it by itself, unless the lease is lost. Raises what it raises, or why the commit failed."""
        try:
            await self._database.run(lambda session: self._conclude(session, [(claim, conclusion)]))
        except LeaseLostError:
            return
        self.leave(claim)

    async def commit_with_others(self, claim: Claim, conclusion: Conclusion) -> None:
        """Apply it in one transaction with whatever else is waiting; as `commit` else."""
        committed = asyncio.get_running_loop().create_future()
        self._waiting.append(Concluded(claim, conclusion, committed))
        if self._committing is None:
            self._committing = asyncio.get_running_loop().create_task(self._commit_all(), context=Context())
        await committed

    async def _commit_all(self) -> None:
        try:
            while batch := self._take_batch():
                await self._commit_batch(batch)
        finally:
            self._committing = None

    def _take_batch(self) -> list[Concluded]:
        batch: dict[str, Concluded] = {}
        left: list[Concluded] = []
        for one in self._waiting:
            # What is told of an order's changes is worded once a transaction: two of one order go one after the other.
            is_next = len(batch) < BATCH_MAX and one.claim.duty.subject not in batch
            if is_next:
                batch[one.claim.duty.subject] = one
            else:
                left.append(one)
        self._waiting = left
        return list(batch.values())

    async def _commit_batch(self, batch: Sequence[Concluded]) -> None:
        together = [(one.claim, one.conclusion) for one in batch]
        try:
            await self._database.run(lambda session: self._conclude(session, together))
        except NotReadyError as error:
            for one in batch:
                _settle(one, error)
        except Exception:  # noqa: BLE001  # one of them raised: which, is found by committing each by itself
            for one in batch:
                await self._commit_alone(one)
        else:
            for one in batch:
                self.leave(one.claim)
                _settle(one, None)

    async def _commit_alone(self, one: Concluded) -> None:
        try:
            await self.commit(one.claim, one.conclusion)
        except Exception as error:  # noqa: BLE001  # it belongs to whoever ran the job
            _settle(one, error)
        else:
            _settle(one, None)

    def _conclude(self, session: Session, batch: Sequence[tuple[Claim, Conclusion]]) -> None:
        if len(batch) == 1 and not store.holds(session, batch[0][0]):
            raise LeaseLostError
        ended = [Ended(claim, conclusion(session)) for claim, conclusion in batch]
        session.flush()
        if not store.conclude_all(session, ended):
            raise LeaseLostError
        runs = Counter((queue_of(one.claim.duty.name), Outcome.COMPLETED) for one in ended)
        registry.count_runs(session, self._worker(), runs)


def _settle(one: Concluded, error: Exception | None) -> None:
    # Whoever waited may have been cancelled; the commit is true all the same.
    if one.committed.done():
        return
    if error is None:
        one.committed.set_result(None)
    else:
        one.committed.set_exception(error)
