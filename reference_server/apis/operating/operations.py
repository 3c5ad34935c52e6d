"""What operators, balancers and monitors ask: health, readiness, the queues, the metrics. Documents 001 and 003."""

from collections.abc import Awaitable, Callable, Mapping

from contracts.binding import Answer, Call
from reference_server.apis.operating.guard import MetricsGuard
from reference_server.apis.operating.words import render_queues, render_workers
from reference_server.operating.health import Health, standing_of
from reference_server.operating.meters import MEDIA_TYPE, Meters

# Whether it works now is not what a cache on the way remembers.
_FRESH = (("cache-control", "no-store"),)


class Operating:
    """The operations of the document's tag `operating`."""

    def __init__(self, health: Health, meters: Meters, *, guard: MetricsGuard) -> None:
        self._health = health
        self._meters = meters
        self._guard = guard

    def handlers(self) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
        """Return the operations with what answers them."""
        return {
            "readHealth": self.read_health,
            "readReadiness": self.read_readiness,
            "readLiveness": self.read_liveness,
            "readMetrics": self.read_metrics,
            "readQueueStatus": self.read_queue_status,
            "readJobsStatus": self.read_jobs_status,
        }

    async def read_health(self, call: Call) -> Answer:
        """Say whether the whole system works: for people and monitors."""
        standing = standing_of(await self._health.look())
        return Answer.json(200 if standing.is_well else 503, standing, _FRESH)

    async def read_readiness(self, call: Call) -> Answer:
        """Say whether requests may be sent here: for balancers. A worker that is missing elsewhere is no reason."""
        if self._health.is_ending:
            return Answer.json(503, {"status": "ending"}, _FRESH)
        is_there = await self._health.is_database_there()
        return Answer.json(200 if is_there else 503, {"status": "ready" if is_there else "waiting"}, _FRESH)

    async def read_liveness(self, call: Call) -> Answer:
        """Say that this process answers: whoever does not hear it may start another one."""
        return Answer.json(200, {"status": "alive"}, _FRESH)

    async def read_metrics(self, call: Call) -> Answer:
        """Show the meters to whoever may see them."""
        refusal = self._guard.refusal_of(call)
        if refusal is not None:
            return refusal
        return Answer(200, self._meters.render(await self._health.look(counting=True)), MEDIA_TYPE, _FRESH)

    async def read_queue_status(self, call: Call) -> Answer:
        """Count what is owed, by queue."""
        figures = await self._health.read_figures()
        return Answer.json(200, render_queues(figures, self._health.now()))

    async def read_jobs_status(self, call: Call) -> Answer:
        """Count what is owed and name who works at it."""
        figures = await self._health.read_figures()
        shown = render_queues(figures, self._health.now())
        return Answer.json(200, shown | {"worker_processes": render_workers(figures)})
