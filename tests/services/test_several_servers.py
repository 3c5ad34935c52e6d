"""Several servers on one PostgreSQL and one Redis: what one does, sockets, clocks and merchants of another know."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from reference_server.clock import ClockMode
from reference_server.control.accounts import NewAccount
from reference_server.settings import Settings
from tests.reference_server.scripted import ProvisioningSink, ScriptedGateway
from tests.reference_server.stage import SETTINGS, START, Stage, staged
from tests.reference_server.tracking.following import Follower, listening, live
from tests.services.redis_server import RedisServer, redis_server

ON_SYSTEM = {"clock": ClockMode.SYSTEM, "seed": None}


def on(url: str, redis: RedisServer | None = None, **changes: Any) -> Settings:
    address = SecretStr(redis.url if redis else "")
    return SETTINGS.model_copy(update={"database_url": url, "redis_url": address, **changes})


async def until(stage: Stage, session_id: str, word: str) -> None:
    """Poll as a frontend does; the test's own timeout ends the wait."""
    while (await stage.status(session_id))["status"] != word:  # noqa: ASYNC110  # over HTTP there is only polling
        await asyncio.sleep(0)


async def test_a_socket_of_one_server_hears_what_the_worker_of_another_did(tmp_path: Path, postgres_url: str) -> None:
    gateway, sink = ScriptedGateway(), ProvisioningSink()
    with redis_server(tmp_path) as redis:
        serving = on(postgres_url, redis, embedded_worker=False, **ON_SYSTEM)
        working = on(postgres_url, redis, **ON_SYSTEM)
        async with (
            staged(serving, gateway=gateway, sink=sink) as api,
            staged(serving, gateway=gateway, sink=sink) as other,
            listening(other.server.asgi) as address,
        ):
            session_id, tran_id = await api.opened()
            follower = await Follower.connect(address)
            assert (await follower.join(session_id))["status"] == "PENDING"
            await api.ipn(session_id, gateway.pay(tran_id))
            assert await follower.statuses(1) == ["VALIDATED"]
            # Nobody has delivered it: none of these two runs what is owed.
            assert sink.calls == []
            async with staged(working, gateway=gateway, sink=sink):
                assert await follower.statuses(2) == ["VALIDATED", "SUCCESS"]
            await follower.client.disconnect()
    assert sink.effects.total() == 1


async def test_who_follows_hears_what_happened_while_redis_was_away(tmp_path: Path, postgres_url: str) -> None:
    gateway, sink = ScriptedGateway(), ProvisioningSink()
    with redis_server(tmp_path) as redis:
        settings = on(postgres_url, redis, **ON_SYSTEM)
        async with (
            staged(settings, gateway=gateway, sink=sink) as one,
            staged(on(postgres_url, redis, embedded_worker=False, **ON_SYSTEM), gateway=gateway, sink=sink) as other,
            listening(other.server.asgi) as address,
        ):
            session_id, tran_id = await one.opened()
            follower = await Follower.connect(address)
            await follower.join(session_id)
            redis.stop()
            await one.ipn(session_id, gateway.pay(tran_id))
            await until(one, session_id, "SUCCESS")
            redis.start()
            assert (await follower.statuses(1))[-1] == "SUCCESS"
            await follower.client.disconnect()


async def test_a_virtual_clock_that_one_server_moves_is_every_servers(postgres_url: str) -> None:
    async with staged(on(postgres_url)) as one, staged(on(postgres_url)) as other:
        one.server.control.set_clock(now=START + timedelta(hours=5))
        session_id, _ = await other.opened()
        told = await other.status(session_id)
        moved = other.server.timekeeper.clock.now()
    assert (moved, told["updatedAt"]) == (datetime(2030, 1, 1, 5, tzinfo=UTC), "2030-01-01T05:00:00Z")


async def test_what_one_server_owes_another_runs_when_it_is_conducted(postgres_url: str) -> None:
    gateway, sink = ScriptedGateway(), ProvisioningSink()
    async with (
        staged(on(postgres_url), gateway=gateway, sink=sink) as one,
        staged(on(postgres_url), gateway=gateway, sink=sink) as other,
    ):
        session_id, tran_id = await one.opened()
        await one.ipn(session_id, gateway.pay(tran_id))
        await other.quiesce()
        assert (await one.status(session_id))["status"] == "SUCCESS"
    assert sink.effects.total() == 1


async def test_servers_draw_different_ids_from_one_seed(postgres_url: str) -> None:
    async with staged(on(postgres_url)) as one, staged(on(postgres_url)) as other:
        drawn = [await stage.opened() for stage in (one, other, one, other)]
    assert len(set(drawn)) == 4


@pytest.mark.parametrize("mode", [ClockMode.SYSTEM, ClockMode.VIRTUAL])
async def test_a_merchant_opened_on_one_server_is_known_to_the_other(postgres_url: str, mode: ClockMode) -> None:
    settings = on(postgres_url, clock=mode)
    async with staged(settings) as one, live(settings) as there:
        new = NewAccount("corner", frontend_url="https://corner.example")
        await one.server.control.accounts.open_account(new)
        while True:
            await there.stage.client.get("/payment/status/ses_unknown")
            if there.stage.server.frontends.find("corner") is not None:
                break
        assert there.stage.server.frontends.is_origin("https://corner.example")
