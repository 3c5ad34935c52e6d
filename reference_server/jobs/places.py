"""How many duties of each queue a worker runs at once, so that endpoints that hang keep no healthy ones waiting.

A delivery that lasts mostly waits for its receiver. It gives its place to another and takes one of as many for slow
ones; an endpoint whose last turn lasted is slow from the start. What is slow waits, at worst, for what is slow.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass

from reference_server.clock import machine_ordinal
from reference_server.jobs.queues import Queue, queue_of
from reference_server.jobs.store import Claim

# Of the machine's time. Receivers answer in a fraction of it; a round of deliveries begins none after it.
SLOW_SECONDS = 1.0
# So many slow endpoints are remembered: those past it are found out anew at their next turn.
REMEMBERED_MAX = 512
_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Taken:
    claim: Claim
    since_ns: int
    was_slow: bool


class Places:
    """Of one worker: `slots` in each queue, and as many again for slow deliveries."""

    def __init__(self, slots: int, *, monotonic_ns: Callable[[], int] = machine_ordinal) -> None:
        self._slots = slots
        self._monotonic_ns = monotonic_ns
        # By the claim itself and not its value: a duty that is owed again at its own end may begin before the task that
        # ended it has gone, and look the same.
        self._taken: dict[int, _Taken] = {}
        # In the order in which they were found slow.
        self._slow: dict[str, None] = {}

    @property
    def job_ids(self) -> tuple[int, ...]:
        """What runs here."""
        return tuple(one.claim.job_id for one in self._taken.values())

    def take(self, claim: Claim) -> None:
        """Count a duty that begins; one that is counted already stays as it is."""
        if id(claim) not in self._taken:
            self._taken[id(claim)] = _Taken(claim, self._monotonic_ns(), claim.duty.about in self._slow)

    def leave(self, claim: Claim) -> None:
        """Count a duty no longer, and remember whether its endpoint was slow."""
        taken = self._taken.pop(id(claim), None)
        if taken is None or queue_of(claim.duty.name) is not Queue.WEBHOOK:
            return
        self._slow.pop(claim.duty.about, None)
        if self._has_lasted(taken):
            self._slow[claim.duty.about] = None
            if len(self._slow) > REMEMBERED_MAX:
                del self._slow[next(iter(self._slow))]

    def room(self) -> dict[Queue, int]:
        """Return how many more may begin in each queue; slow ones past their own places take others'."""
        slow = self._count_slow()
        taken = Counter(queue_of(one.claim.duty.name) for one in self._taken.values())
        taken[Queue.WEBHOOK] -= min(slow, self._slots)
        return {queue: max(0, self._slots - taken[queue]) for queue in Queue}

    def avoided(self) -> Collection[str]:
        """Return the slow endpoints that are left waiting now: one batch more could be all slow."""
        return tuple(self._slow) if 2 * self._count_slow() >= self._slots else ()

    def _count_slow(self) -> int:
        of_webhooks = (one for one in self._taken.values() if queue_of(one.claim.duty.name) is Queue.WEBHOOK)
        return sum(one.was_slow or self._has_lasted(one) for one in of_webhooks)

    def _has_lasted(self, taken: _Taken) -> bool:
        return self._monotonic_ns() - taken.since_ns >= SLOW_SECONDS * _NANOSECONDS
