"""Requests that nobody claims, that come over no socket, or that are no HTTP at all."""

import asyncio

import httpx
import pytest

from simulators.app import create_app
from simulators.arrivals import NeedsSocket
from simulators.settings import Settings
from tests.simulators.stands import NO_SETTINGS, ORDER, STORE, Json, open_stand, until


async def test_what_nobody_claims_is_in_the_default_accounts_journal() -> None:
    async with open_stand() as stand:
        await stand.client.get(f"{stand.urls['sslcommerz']}/nothing/here?x=1")
        await stand.client.post(f"{stand.urls['merchant']}/nobody/provision", json={})
        told = await stand.journal()
        assert [(one["operation"], one["from"], one["to"], one["answer"]["status"]) for one in told] == [
            ("unknown", "stranger", "gateway", 404),
            ("provision", "merchant", "provisioning", 404),
        ]
        assert told[0]["request"]["url"] == f"{stand.urls['sslcommerz']}/nothing/here?x=1"
        assert stand.side.accounts.get("default").activity.snapshot().is_calm


async def test_in_a_closed_world_it_is_our_server_that_asks() -> None:
    async with open_stand(peers={"http://server.test": "127.0.0.1:9"}) as stand:
        await stand.open_session()
        assert (await stand.journal())[0]["from"] == "server"


async def test_a_request_that_is_parked_keeps_only_its_own_account_waiting() -> None:
    async with open_stand() as stand:
        await stand.control("POST", "/accounts", body={"name": "other"})
        await stand.control("POST", "/faults", body={"faults": [{"never_answer": NO_SETTINGS}]})
        mine, other = (stand.side.accounts.get(name) for name in ("default", "other"))
        asking = asyncio.create_task(stand.open_session())
        await until(lambda: bool(mine.arrivals) and mine.activity.snapshot().running == 0)
        seen = [account.activity.snapshot() for account in (mine, other)]
        assert [one.requests_taken - one.requests_ended for one in seen] == [1, 0]
        assert [one.running for one in seen] == [0, 0]
        asking.cancel()
        await until(lambda: not mine.arrivals)


@pytest.mark.parametrize("fault", ["reset_before_work", "reset_after_work", "never_answer"])
async def test_a_fault_on_the_socket_needs_one(fault: str) -> None:
    side = create_app(Settings())
    control: Json = httpx.ASGITransport(side.listeners["control"])
    async with httpx.AsyncClient(transport=control, base_url="http://127.0.0.1") as client:
        assert (await client.post("/_control/faults", json={"faults": [{fault: NO_SETTINGS}]})).status_code == 201
    gateway: Json = httpx.ASGITransport(side.listeners["sslcommerz"])
    async with httpx.AsyncClient(transport=gateway, base_url="http://a.test") as client:
        with pytest.raises(NeedsSocket, match="http_protocol"):
            await client.post("/gwprocess/v4/api.php", data={**ORDER, **STORE})
    assert side.accounts.get("default").activity.snapshot().is_calm


async def test_what_is_no_http_is_passed_on() -> None:
    sent: list[Json] = []

    async def send(message: Json) -> None:
        sent.append(message)

    async def receive() -> Json:
        return {"type": "websocket.connect"}

    side = create_app(Settings())
    for name in ("sslcommerz", "merchant", "control"):
        await side.listeners[name]({"type": "websocket", "path": "/", "headers": []}, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"] * 3
