"""Receivers on real sockets that misbehave: each writes what it likes to whoever connects (catalogue H03)."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count

from reference_server.activity import Activity
from reference_server.clock import Clock
from reference_server.journal import Journal
from reference_server.network import Network
from reference_server.webhooks.guard import LOOPBACK, Guard, GuardRules, read_ranges
from reference_server.webhooks.sender import Answered, Posting, SendTerms, WireSender

Misbehaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"


async def never_answer(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def drip(writer: asyncio.StreamWriter) -> None:
    """Promise a body and never end it, a byte at a time."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0)


async def huge_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        await writer.drain()


async def gzip_bomb(writer: asyncio.StreamWriter) -> None:
    """A hundred megabytes of nothing in a hundred kilobytes."""
    bomb = gzip.compress(bytes(100_000_000), compresslevel=9)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)
    await writer.drain()


async def endless_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in count():
        writer.write(b"X-%d: %s\r\n" % (number, b"y" * 100))
        await writer.drain()


async def endless_interim_answers(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        await writer.drain()


async def padded_chunks(writer: asyncio.StreamWriter) -> None:
    """Say little in many words: a chunk extension (RFC 9112 section 7.1.1) is no body, and nobody reads it."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1;" + b"e" * 3_000 + b"\r\nz\r\n")
        await writer.drain()


async def one_long_header(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        writer.write(b"y" * 65536)
        await writer.drain()


async def no_status_line(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HELLO THIS IS NO HTTP\r\n\r\n")
    await writer.drain()


async def cut_off(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf")
    await writer.drain()


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close without a word."""


async def answer_well(writer: asyncio.StreamWriter) -> None:
    writer.write(PLAIN)
    await writer.drain()


@dataclass(slots=True)
class Listener:
    """Where it listens, and how often somebody connected."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list[bytes])


@asynccontextmanager
async def listening(misbehave: Misbehaviour, *, tls: ssl.SSLContext | None = None) -> AsyncGenerator[Listener]:
    """Listen on this machine; what is connected is broken off at the end."""
    listener, tasks = Listener(), set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listener.connections += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                listener.requests.append(await reader.readuntil(b"\r\n\r\n"))
                await reader.readexactly(2)
                await misbehave(writer)
                if misbehave is not answer_well:
                    break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    listener.port = server.sockets[0].getsockname()[1]
    try:
        yield listener
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def sending(
    *, limit_seconds: float = 30.0, rules: GuardRules | None = None, authorities: ssl.SSLContext | None = None
) -> AsyncGenerator[WireSender]:
    """A sender on the machine's clock that may reach this machine, unless its rules say otherwise."""
    activity = Activity()
    clock = Clock(activity)
    ordinal = count(1)
    journal = Journal(clock, lambda: next(ordinal))
    opened = GuardRules(needs_tls=False, ports=None, open_ranges=read_ranges(LOOPBACK))
    guard = Guard(Network({}), rules or opened)
    terms = SendTerms(limit_seconds, authorities)
    with activity.working():
        sender = WireSender(clock, activity, journal=journal, guard=guard, terms=terms)
        try:
            yield sender
        finally:
            await sender.close()


async def send_to(sender: WireSender, url: str) -> Answered:
    """Make one attempt."""
    return await sender.send(
        Posting(url, b"{}", [("content-type", "application/json")], "payment.success", "shop", "A")
    )
