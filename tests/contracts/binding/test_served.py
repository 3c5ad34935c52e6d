"""The kit behind a real uvicorn, over real sockets: what only the wire can show."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import uvicorn

from tests.contracts.binding.shop import Counter, open_shop

MEGABYTE = b"x" * 1_000_000


@asynccontextmanager
async def served(counter: Counter, http: str) -> AsyncGenerator[tuple[str, int]]:
    """The shop on a port of its own. The socket listens before the server runs, so that nobody has to wait for it."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(open_shop(counter), http=http, log_level="critical"))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield listening.getsockname()
    finally:
        server.should_exit = True
        await running
        listening.close()


@pytest.mark.parametrize("http", ["h11", "httptools"])
@pytest.mark.parametrize(
    ("header", "start"),
    [
        (b"content-length: 20000000", b"x"),
        (b"transfer-encoding: chunked", b"f4240\r\n" + MEGABYTE + b"\r\n" + b"f4240\r\n" + b"x" * 50_000),
    ],
)
async def test_twenty_megabytes_are_refused_before_they_have_come(http: str, header: bytes, start: bytes) -> None:
    """The sender waits for the answer in the middle of its body, and gets it, and the end of the connection."""
    counter = Counter()
    async with served(counter, http) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        head = b"POST /orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        writer.write(head + header + b"\r\n\r\n" + start)
        heard = await reader.readuntil(b"refused")
        writer.close()
    assert heard.startswith(b"HTTP/1.1 400")
    assert b"connection: close" in heard.lower()
    assert counter.broken == [("body", "", "content-length")]


@pytest.mark.parametrize("http", ["h11", "httptools"])
async def test_one_connection_carries_one_call_after_the_other(http: str) -> None:
    counter = Counter()
    async with served(counter, http) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        for number in range(3):
            writer.write(b"GET /orders/%d HTTP/1.1\r\nhost: x\r\n\r\n" % number)
            heard = await reader.readuntil(b"done")
            assert heard.startswith(b"HTTP/1.1 200")
        writer.close()
    assert [call.path for call in counter.calls] == [{"order": "0"}, {"order": "1"}, {"order": "2"}]


@pytest.mark.parametrize("http", ["h11", "httptools"])
async def test_head_and_a_status_without_content_keep_the_connection_in_step(http: str) -> None:
    counter = Counter()
    async with served(counter, http) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"HEAD /orders/1 HTTP/1.1\r\nhost: x\r\n\r\nGET /orders/2 HTTP/1.1\r\nhost: x\r\n\r\n")
        heard = await reader.readuntil(b"done")
        writer.close()
    assert heard.count(b"HTTP/1.1 200") == 2
    assert heard.count(b"content-length: 4") == 2
