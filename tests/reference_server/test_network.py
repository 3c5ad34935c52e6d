"""Wire names and what is behind them, over real loopback sockets."""

import asyncio
from contextlib import suppress

import httpx
import pytest

from reference_server.network import Network


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("http://server.test", True),
        ("http://SERVER.test/path?q=1", True),
        ("http://server.test:80/", True),
        ("http://server.test:81/", False),
        ("https://server.test/", False),
        ("http://other.test/", False),
        ("https://secure.test/", True),
        ("not a url", False),
    ],
)
def test_ours_is_what_was_named(url: str, ours: bool) -> None:  # noqa: FBT001  # a table's column
    network = Network({"http://server.test": "127.0.0.1:1", "https://secure.test": "127.0.0.1:2"})
    assert network.is_ours(url) is ours
    assert (network.address_of(url) is not None) is ours


def test_the_hosts_of_our_sides_are_known() -> None:
    assert Network({"http://a.test": "127.0.0.1:1"}).hosts() == {"a.test"}
    assert Network({}).hosts() == frozenset()


async def test_a_name_leads_to_its_address_and_stays_in_host_and_url() -> None:
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    network = Network({"http://server.test": f"127.0.0.1:{port}"})
    async with listening, httpx.AsyncClient(transport=network.httpx_transport(lambda: True)) as client:
        answered = await client.get("http://server.test/path")
        direct = await client.get(f"http://127.0.0.1:{port}/direct")
    assert (answered.text, direct.text) == ("ok", "ok")
    assert b"host: server.test\r\n" in asked[0].lower()
    assert asked[1].startswith(b"GET /direct")


@pytest.mark.parametrize(("keeps", "connections"), [(True, 1), (False, 3)])
async def test_a_connection_is_kept_only_where_real_time_runs(keeps: bool, connections: int) -> None:  # noqa: FBT001  # a table's column
    seen: list[int] = []
    ended = asyncio.Semaphore(0)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(1)
        with suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        writer.close()
        await writer.wait_closed()
        ended.release()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    network = Network({"http://server.test": f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"})
    async with listening, httpx.AsyncClient(transport=network.httpx_transport(lambda: keeps)) as client:
        for _ in range(3):
            assert (await client.get("http://server.test/")).text == "ok"
    for _ in seen:
        await ended.acquire()
    assert len(seen) == connections
