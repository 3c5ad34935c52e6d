"""What a death between sending and recording leaves behind, and webhooks over real sockets on the machine's clock."""

import asyncio
from itertools import count
from pathlib import Path

import httpx
import pytest
from sqlalchemy import event

from reference_server.app import create_app
from reference_server.clock import ClockMode
from tests.reference_server.engine import placed
from tests.reference_server.scripted import Killed
from tests.reference_server.stage import API_KEY, API_SECRET, staged
from tests.reference_server.webhooks import hostile
from tests.reference_server.webhooks.receiving import HOOK_URL, HOOKS, Receiver

HEADERS = {"x-api-key": API_KEY, "x-api-secret": API_SECRET}
# Commits of the story below: each is died at once, before it is made.
COMMITS = 16


@pytest.mark.parametrize("at", range(1, COMMITS + 1))
async def test_a_death_at_any_commit_loses_no_webhook_and_changes_none(tmp_path: Path, at: int) -> None:
    settings = HOOKS.model_copy(update={"database_url": f"sqlite:///{tmp_path}/server.db"})
    hook, seen = Receiver(), count(1)

    def die(_: object) -> None:
        if next(seen) == at:
            raise Killed

    async with staged(settings, hooks={"hooks.test": hook.answer}) as stage:
        hook.clock = stage.server.timekeeper.clock
        assert (await stage.ask("/api/v1/endpoints", {"url": HOOK_URL})).status_code == 201
        session_id, tran_id = await stage.opened()
        fields, gateway = stage.gateway.pay(tran_id), stage.gateway
        event.listen(stage.server.database.engine, "commit", die)
        try:
            await stage.ipn(session_id, fields)
            await stage.quiesce()
        except Killed:
            pass
        event.remove(stage.server.database.engine, "commit", die)
    async with staged(settings, gateway=gateway, hooks={"hooks.test": hook.answer}) as stage:
        hook.clock = stage.server.timekeeper.clock
        await stage.ipn(session_id, fields)
        await stage.advance(hours=1)
        (listed,) = (await stage.ask("/api/v1/webhooks")).json()["items"]
        assert (listed["status"], listed["event"]) == ("success", "payment.success")
    assert 1 <= len(hook.taken) <= 2
    assert len({one.body for one in hook.taken}) == 1


async def test_over_sockets_and_on_the_machines_clock_everything_arrives_by_itself(tmp_path: Path) -> None:
    ordinal = count(1)
    update = {"clock": ClockMode.SYSTEM, "seed": None, "database_url": f"sqlite:///{tmp_path}/server.db"}
    server = create_app(placed(HOOKS.model_copy(update=update)), ordinal=lambda: next(ordinal))
    await server.start()
    try:
        transport = httpx.ASGITransport(app=server.asgi)
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://server.test", headers=HEADERS) as client,
            hostile.listening(hostile.answer_well) as there,
        ):
            made = await client.post("/api/v1/endpoints", json={"url": f"http://127.0.0.1:{there.port}/hook"})
            path = f"/api/v1/endpoints/{made.json()['id']}/test"
            await asyncio.gather(*(client.post(path) for _ in range(20)))
            wanted = "/api/v1/webhooks?status=success&limit=1"
            while (await client.get(wanted)).json()["total"] < 20:  # noqa: ASYNC110  # over HTTP there is only polling
                await asyncio.sleep(0)
            assert len(there.requests) == 20
            assert there.requests[0].startswith(b"POST /hook HTTP/1.1\r\n")
    finally:
        await server.stop()
