"""The uvicorn protocol that hands the connection to the app. uvicorn's class is not public."""

import asyncio

import httpx
import pytest

from contracts.binding import Receive, Scope, Send
from simulators.sockets import EXTENSION, FaultProtocol, PeerConnection
from tests.simulators.stands import served, until


class Watching:
    """An app that keeps the connections it was handed, and answers after a turn of somebody else's."""

    def __init__(self) -> None:
        self.connections: list[PeerConnection] = []
        self.told: list[str] = []
        self.gate = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection: PeerConnection = scope["extensions"][EXTENSION]
        self.connections.append(connection)
        connection.watch(lambda: self.told.append(scope["path"]))
        await self.gate.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


async def test_requests_of_one_connection_are_handed_the_same_one() -> None:
    app = Watching()
    app.gate.set()
    async with served(app, protocol=FaultProtocol) as url, httpx.AsyncClient(trust_env=False) as client:
        await client.get(f"{url}/a")
        await client.get(f"{url}/b")
        first, second = app.connections
        assert first is second
        assert not first.is_lost
    await until(lambda: app.connections[0].is_lost)
    await app.connections[0].lost()
    assert sorted(app.told) == ["/a", "/b"]


async def test_a_peer_that_hangs_up_is_noticed_while_it_is_being_answered() -> None:
    app = Watching()
    async with served(app, protocol=FaultProtocol) as url, httpx.AsyncClient(trust_env=False) as client:
        asking = asyncio.create_task(client.get(f"{url}/a"))
        await until(lambda: bool(app.connections))
        waiting = asyncio.create_task(app.connections[0].lost())
        asking.cancel()
        await waiting
        assert app.told == ["/a"]
        app.gate.set()


async def test_a_watcher_that_left_is_not_told() -> None:
    app = Watching()
    async with served(app, protocol=FaultProtocol) as url, httpx.AsyncClient(trust_env=False) as client:
        asking = asyncio.create_task(client.get(f"{url}/a"))
        await until(lambda: bool(app.connections))
        told: list[str] = []

        def gone() -> None:
            told.append("gone")

        app.connections[0].watch(gone)
        app.connections[0].unwatch(gone)
        app.connections[0].reset()
        app.gate.set()
        with pytest.raises(httpx.ReadError):
            await asking
        assert told == []


async def answer_to(url: str, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(url).port)
    writer.write(sent)
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("ending", [b"\r\n\r\n", b""])
async def test_a_head_that_is_too_large_is_refused_whether_it_ends_or_not(ending: bytes) -> None:
    app = Watching()
    async with served(app, protocol=FaultProtocol) as url:
        answer = await answer_to(url, b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 40_000 + ending)
    assert (answer[:12], app.connections) == (b"HTTP/1.1 400", [])
