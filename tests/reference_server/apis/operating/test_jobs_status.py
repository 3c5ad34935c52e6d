"""The test endpoint of document 001: the figures of each queue, as jobs are owed, run and done, and who runs them."""

from typing import Any

from tests.reference_server.apis.payments.shop import UPI, post, sandbox_says
from tests.reference_server.stage import Stage, staged

FIGURES = ("waiting", "active", "delayed", "completed", "failed")


async def jobs(stage: Stage) -> Any:
    """Ask as a tester does: without a key."""
    answer = await stage.client.get("/api/v1/test/jobs/status")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_payment_goes_through_the_figures_of_its_queue() -> None:
    async with staged(sandbox_says()) as stage:
        before = await jobs(stage)
        await post(stage, "/payments", UPI)
        owed = await jobs(stage)
        await stage.advance(seconds=2)
        done = await jobs(stage)
    assert set(before["queues"]) == {"payment", "refund", "webhook", "other"}
    told = [{name: one["queues"]["payment"][name] for name in FIGURES} for one in (before, owed, done)]
    nothing = dict.fromkeys(FIGURES, 0)
    assert told == [nothing, nothing | {"delayed": 1}, nothing | {"completed": 1}]


async def test_merchants_and_testers_are_told_the_same_figures() -> None:
    async with staged(sandbox_says()) as stage:
        await post(stage, "/payments", UPI)
        told = (await stage.ask("/api/v1/queue/status")).json()
        assert (await jobs(stage))["queues"] == told["queues"]
        assert (await jobs(stage))["workers"] == told["workers"] == {"alive": 1, "missing": 0}
