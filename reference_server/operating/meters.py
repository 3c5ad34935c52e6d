"""What this process counts and times, for Prometheus; what lies in the database is read anew for each answer.

Each process shows its own counters, and the same as all others of the database.

Labels take few values: operations of the document, kinds of jobs, gateways, states. Never an id, an address, a sum.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from reference_server.changes import Change
from reference_server.jobs.figures import QueueFigures
from reference_server.outgoing import OutgoingCall

# When each series was first counted doubles the answer, and nobody asks.
disable_created_metrics()

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Seconds. From the half millisecond of a read in memory to the slowest gateway that we wait for.
_ANSWERS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_CALLS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found out for one answer: who answers, and what is owed at the product's `now`."""

    now: datetime
    database: bool
    # None where no Redis is set.
    redis: bool | None
    # None where the database could not be asked.
    figures: QueueFigures | None
    sockets: int = 0


class Meters:
    """One process's counters. Counting costs a few microseconds and never fails."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counter("requests", "Requests answered", "operation", "status")
        self._request_seconds = self._histogram("request_seconds", "To the answer", buckets=_ANSWERS)
        self._refusals = self._counter("refusals", "Requests that break the document's rules", "reason")
        self._changes = self._counter("changes", "Committed changes by the state they led to", "resource", "state")
        self._calls = self._counter("gateway_calls", "Calls to gateways", "gateway", "operation", "outcome")
        self._call_seconds = self._histogram("gateway_call_seconds", "To its end", buckets=_CALLS, label="gateway")
        self._notifications = self._counter("notifications", "Notifications taken in", "gateway", "verdict")
        self._attempts = self._counter("delivery_attempts", "Webhooks posted", "outcome")
        self._attempt_seconds = Histogram(
            "gatewright_delivery_attempt_seconds", "To the end of the answer", buckets=_CALLS, registry=self.registry
        )
        self._runs = self._counter("job_runs", "Runs of owed jobs", "job", "outcome")
        self._run_seconds = self._histogram("job_run_seconds", "A run, not its commit", buckets=_CALLS, label="job")
        # To find a series by its labels costs more than to count in it.
        self._answered: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._changed: dict[tuple[str, str], Counter] = {}
        self._seen = _SeenFamilies()
        self.registry.register(self._seen)
        # Processor time, memory, open files of this process; Linux alone tells them.
        ProcessCollector(registry=self.registry)

    def count_request(self, operation: str, status: int, *, seconds: float) -> None:
        """Count an answered request; status 0 is one whose peer got no answer of ours."""
        answered = self._answered.get((operation, status))
        if answered is None:
            answered = self._requests.labels(operation, status), self._request_seconds.labels(operation)
            self._answered[operation, status] = answered
        answered[0].inc()
        answered[1].observe(seconds)

    def count_refusal(self, reason: str) -> None:
        """Count a request that the document turns away: no such path, too large, unreadable, invalid."""
        self._refusals.labels(reason).inc()

    def count_changes(self, changes: Iterable[Change]) -> None:
        """Count what a unit of work changed, once it is committed."""
        for change in changes:
            changed = self._changed.get((change.resource, change.after))
            if changed is None:
                changed = self._changed[change.resource, change.after] = self._changes.labels(
                    change.resource, change.after
                )
            changed.inc()

    def count_call(self, gateway: str, operation: str, *, outcome: str, seconds: float) -> None:
        """Count a call to a gateway: answered 2xx to 5xx, timed_out, unreachable or reset."""
        self._calls.labels(gateway, operation, outcome).inc()
        self._call_seconds.labels(gateway).observe(seconds)

    def observe_call(self, call: OutgoingCall, outcome: str, seconds: float) -> None:
        """Count a call that leaves by `outgoing.py`, where it is to a gateway."""
        if call.gateway:
            self.count_call(call.gateway, call.operation, outcome=outcome, seconds=seconds)

    def count_notification(self, gateway: str, verdict: str) -> None:
        """Count a gateway's notification: recorded, duplicate or forged."""
        self._notifications.labels(gateway, verdict).inc()

    def count_delivery_attempt(self, outcome: str, seconds: float) -> None:
        """Count a posted webhook: 2xx to 5xx, timed_out or unreachable."""
        self._attempts.labels(outcome).inc()
        self._attempt_seconds.observe(seconds)

    def count_run(self, job: str, *, has_raised: bool, seconds: float) -> None:
        """Count one run of a job."""
        self._runs.labels(job, "raised" if has_raised else "done").inc()
        self._run_seconds.labels(job).observe(seconds)

    def render(self, seen: Seen) -> bytes:
        """Write everything in Prometheus' text format."""
        self._seen.seen = seen
        return generate_latest(self.registry)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"gatewright_{name}_total", meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str, *, buckets: tuple[float, ...], label: str = "operation") -> Histogram:
        return Histogram(f"gatewright_{name}", meaning, [label], buckets=buckets, registry=self.registry)


class _SeenFamilies(Collector):
    """What is read anew for each answer. Alike in every process of one database, so that rules take the `max`."""

    def __init__(self) -> None:
        self.seen: Seen | None = None

    def collect(self) -> Iterator[Metric]:
        seen = self.seen
        if seen is None:
            return
        yield _gauge("database_up", "Whether the database answers", value=float(seen.database))
        if seen.redis is not None:
            yield _gauge("redis_up", "Whether Redis answers", value=float(seen.redis))
        yield _gauge("sockets", "Open sockets of this process", value=seen.sockets)
        if seen.figures is not None:
            yield from _queues(seen.figures, seen.now)
            alive = sum(worker.is_alive and worker.runs_jobs for worker in seen.figures.workers)
            yield _gauge("workers", "Workers whose heart beats", value=alive)

    def describe(self) -> Iterator[Metric]:
        """Name nothing beforehand: the library would collect to find the names."""
        yield from ()


def _queues(figures: QueueFigures, now: datetime) -> Iterator[Metric]:
    depth = GaugeMetricFamily("gatewright_queue_jobs", "Jobs that are owed", labels=["queue", "state"])
    age = GaugeMetricFamily("gatewright_queue_age_seconds", "How long the longest waits", labels=["queue"])
    runs = CounterMetricFamily(
        "gatewright_queue_runs_total", "Runs ever, in all processes", labels=["queue", "outcome"]
    )
    for queue, counts in figures.queues.items():
        for state in ("waiting", "active", "delayed"):
            depth.add_metric([queue.value, state], getattr(counts, state))
        waited = 0.0 if counts.oldest_due_at is None else (now - counts.oldest_due_at).total_seconds()
        age.add_metric([queue.value], max(0.0, waited))
        runs.add_metric([queue.value, "completed"], counts.completed)
        runs.add_metric([queue.value, "failed"], counts.failed)
    yield from (depth, age, runs)


def _gauge(name: str, meaning: str, *, value: float) -> Metric:
    return GaugeMetricFamily(f"gatewright_{name}", meaning, value=value)
