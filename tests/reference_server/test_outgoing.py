"""The one way out: what each way of failing is called, counted and journaled as, over real loopback sockets."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count

import pytest

from reference_server.activity import Activity
from reference_server.clock import Clock
from reference_server.errors import GatewayError, GatewayTimedOutError, GatewayUnreachableError
from reference_server.journal import Journal
from reference_server.network import Network
from reference_server.outgoing import ANSWER_BYTES_MAX, Outgoing, OutgoingCall, PeerAnswer

Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Caller:
    """Calls one peer of its own on a clock."""

    def __init__(self, clock: Clock, activity: Activity, *, ours: bool) -> None:
        ordinal = count(1)
        self.activity = activity
        self.clock = clock
        self.ours = ours
        self.journal = Journal(clock, lambda: next(ordinal))

    async def call(self, peer: Peer, *, seconds: float = 5) -> PeerAnswer:
        ended = asyncio.Event()

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError):
                await peer(reader, writer)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            ended.set()

        listening = await asyncio.start_server(answer, "127.0.0.1", 0)
        address = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        network = Network({"http://peer.test": address} if self.ours else {})
        outgoing = Outgoing(self.clock, self.activity, journal=self.journal, network=network)
        url = "http://peer.test/x" if self.ours else f"http://{address}/x"
        try:
            with self.activity.working():
                return await outgoing.call(OutgoingCall("validateOrder", "POST", url, seconds, body=b"a=1"))
        finally:
            await outgoing.close()
            await ended.wait()
            listening.close()


def on_system_clock() -> Caller:
    activity = Activity()
    return Caller(Clock(activity), activity, ours=True)


def on_virtual_clock(*, ours: bool) -> Caller:
    activity = Activity()
    return Caller(Clock(activity, virtual_from=datetime(2030, 1, 1, tzinfo=UTC)), activity, ours=ours)


def saying(raw: bytes) -> Peer:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"a=1")
        writer.write(raw)
        await writer.drain()

    return peer


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def test_an_answer_of_any_status_is_returned_whole() -> None:
    caller = on_system_clock()
    answer = await caller.call(saying(b"HTTP/1.1 500 Oh\r\ncontent-length: 3\r\n\r\nbad"))
    assert answer == PeerAnswer(500, b"bad", {"content-length": "3"})
    seen = caller.activity.snapshot()
    assert (seen.running, seen.calls_made, seen.calls_ended) == (0, 1, 1)
    told = caller.journal.read()[0]
    assert (told["outcome"], told["operation"], told["direction"]) == ("answered", "validateOrder", "out")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ncut",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc",
    ],
)
async def test_an_answer_that_breaks_off_is_lost(raw: bytes) -> None:
    caller = on_system_clock()
    with pytest.raises(GatewayUnreachableError, match="lost"):
        await caller.call(saying(raw))
    assert caller.journal.read()[0]["outcome"] == "reset"
    assert caller.activity.snapshot().calls_ended == 1


async def test_nobody_listening_is_unreachable() -> None:
    caller = on_system_clock()
    outgoing = Outgoing(caller.clock, caller.activity, journal=caller.journal, network=Network({}))
    with pytest.raises(GatewayUnreachableError, match="nobody"):
        await outgoing.call(OutgoingCall("createSession", "GET", "http://127.0.0.1:1/", 5))
    await outgoing.close()
    assert caller.journal.read()[0]["outcome"] == "unreachable"


async def test_a_limit_towards_our_own_side_runs_on_the_virtual_clock() -> None:
    caller = on_virtual_clock(ours=True)
    calling = asyncio.create_task(caller.call(silent))
    while (due := caller.clock.next_due()) is None or caller.activity.snapshot().running:  # noqa: ASYNC110  # it is a socket that moves it
        await asyncio.sleep(0)
    assert due.purpose == "limit of validateOrder"
    caller.clock.set(due.at)
    caller.clock.fire_next()
    with pytest.raises(GatewayTimedOutError, match="within 5 s"):
        await calling
    assert caller.journal.read()[0]["outcome"] == "timed_out"


async def test_a_limit_towards_a_foreign_peer_runs_on_the_machines_clock() -> None:
    caller = on_virtual_clock(ours=False)
    with pytest.raises(GatewayTimedOutError):
        await caller.call(silent, seconds=0.01)
    assert caller.clock.next_due() is None


async def test_an_answer_without_end_is_cut_off() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    answer = await on_system_clock().call(endless)
    assert ANSWER_BYTES_MAX < len(answer.body) < 2 * ANSWER_BYTES_MAX


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    raw = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
    assert (await on_system_clock().call(saying(raw))).status == 302


async def test_every_way_of_failing_is_the_gateways_blame() -> None:
    for raw in (b"", b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n"):
        with pytest.raises(GatewayError):
            await on_system_clock().call(saying(raw))


@pytest.mark.parametrize("url", ["http://[", "http://peer.test:99999999/", "http://peer.test/\x00", "", "nothing"])
async def test_an_address_that_cannot_be_called_is_unreachable(url: str) -> None:
    caller = on_system_clock()
    outgoing = Outgoing(caller.clock, caller.activity, journal=caller.journal, network=Network({}))
    with pytest.raises(GatewayUnreachableError, match="provision"):
        await outgoing.call(OutgoingCall("provision", "POST", url, 5))
    await outgoing.close()


async def test_a_header_that_cannot_be_written_is_unreachable() -> None:
    caller = on_system_clock()
    outgoing = Outgoing(caller.clock, caller.activity, journal=caller.journal, network=Network({}))
    with pytest.raises(GatewayUnreachableError, match="cannot be sent"):
        await outgoing.call(OutgoingCall("provision", "POST", "http://127.0.0.1:1/", 5, headers={"x": "ঢাকা"}))
    await outgoing.close()
