"""The queues and the workers in the words of documents 001 and 003."""

from datetime import datetime

from reference_server.jobs.figures import QueueFigures


def render_queues(figures: QueueFigures, now: datetime) -> dict[str, object]:
    """Write every queue's figures, and how many workers there are."""
    queues = {
        queue.value: {
            "waiting": counts.waiting,
            "active": counts.active,
            "delayed": counts.delayed,
            "completed": counts.completed,
            "failed": counts.failed,
            "oldest_waiting_seconds": _seconds_since(counts.oldest_due_at, now),
        }
        for queue, counts in figures.queues.items()
    }
    workers = [worker for worker in figures.workers if worker.runs_jobs]
    alive = sum(worker.is_alive for worker in workers)
    return {"queues": queues, "workers": {"alive": alive, "missing": len(workers) - alive}}


def render_workers(figures: QueueFigures) -> list[dict[str, object]]:
    """Write every process that is known, the silent ones too."""
    return [
        {
            "name": worker.name,
            "runs_jobs": worker.runs_jobs,
            "alive": worker.is_alive,
            "active": worker.active,
            "started_at": worker.started_at,
            "heartbeat_at": worker.heartbeat_at,
        }
        for worker in figures.workers
    ]


def _seconds_since(instant: datetime | None, now: datetime) -> int:
    return 0 if instant is None else max(0, int((now - instant).total_seconds()))
