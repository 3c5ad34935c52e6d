"""The shortcut without its Redis: nothing is found, nothing raised, and one limit is all that a dead one costs."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from reference_server.activity import Activity
from reference_server.clock import Clock
from reference_server.fastpath import FastPath, SessionFacts
from reference_server.ids import SessionId

SESSION = SessionId("ses_1")
FACTS = SessionFacts("here", SESSION, "T1", "m", "100.50", "BDT", "http://gw.test/p", "2030-01-01T00:15:00Z")


@dataclass
class SilentPeer:
    """Takes connections in and never answers."""

    url: str = ""
    taken: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.taken.append(writer)


@asynccontextmanager
async def silence() -> AsyncGenerator[SilentPeer]:
    """Listen, and say nothing."""
    peer = SilentPeer()
    server = await asyncio.start_server(peer.take, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    peer.url = f"redis://{host}:{port}/0"
    try:
        yield peer
    finally:
        server.close()
        for writer in peer.taken:
            writer.close()


@asynccontextmanager
async def fast_path(url: str) -> AsyncGenerator[FastPath]:
    """Stand before a Redis that may not be there."""
    fast = FastPath(url, Clock(Activity()))
    fast.installation = "here"
    try:
        yield fast
    finally:
        await fast.close()


async def test_a_redis_that_never_answers_is_asked_once_and_then_left_alone() -> None:
    async with silence() as peer, fast_path(peer.url) as fast:
        for _ in range(20):
            assert await fast.find_session(SESSION) is None
            assert await fast.find_settled(SESSION, {"val_id": "V"}) is None
            await fast.remember_session(FACTS, life=timedelta(minutes=15))
            await fast.publish("gatewright", "{}")

        assert len(peer.taken) == 1


async def test_a_redis_that_is_not_there_is_nothing_found() -> None:
    async with fast_path("redis://127.0.0.1:1/0") as fast:
        await fast.remember_settled(SESSION, {"val_id": "V"}, merchant="m", tran_id="T1")

        assert await fast.find_settled(SESSION, {"val_id": "V"}) is None
