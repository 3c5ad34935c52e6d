"""Meters in which everything that can be counted was counted once."""

from datetime import UTC, datetime, timedelta

from reference_server.changes import Change
from reference_server.jobs.figures import QueueCounts, QueueFigures, WorkerFigures
from reference_server.jobs.queues import Queue
from reference_server.operating.meters import Meters, Seen
from reference_server.payments.lifecycle import PaymentState

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
COUNTS = QueueCounts(waiting=3, active=2, delayed=7, completed=40, failed=1, oldest_due_at=NOW - timedelta(seconds=90))


def a_worker(*, is_alive: bool = True, runs_jobs: bool = True) -> WorkerFigures:
    return WorkerFigures("one", runs_jobs, is_alive, 2, NOW, NOW)


def seen(*workers: WorkerFigures, redis: bool | None = True) -> Seen:
    figures = QueueFigures(dict.fromkeys(Queue, COUNTS), workers)
    return Seen(now=NOW, database=True, redis=redis, figures=figures, sockets=5)


def counted() -> Meters:
    meters = Meters()
    for status in (0, 201, 400, 500, 502):
        meters.count_request("readStatus", status, seconds=0.02)
    meters.count_refusal("not_found")
    meters.count_changes([Change("payment", "GW1", "", state.value, "x", "x") for state in PaymentState])
    for outcome in ("2xx", "5xx", "timed_out"):
        meters.count_call("sslcommerz", "validateOrder", outcome=outcome, seconds=0.3)
        meters.count_delivery_attempt(outcome, 0.1)
    for verdict in ("recorded", "forged"):
        meters.count_notification("sslcommerz", verdict)
    for has_raised in (True, False):
        meters.count_run("send_refund", has_raised=has_raised, seconds=0.2)
    return meters


def everything_shown() -> str:
    return counted().render(seen(a_worker())).decode()
