"""The harness's calls go out once and as they were written, and an answer that does not come whole is a lost call."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from scenarios.calls import CallLost, Calls

OK = b"HTTP/1.1 302 Found\r\nLocation: /on\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\nok"
NO_ANSWERS = {
    "silence": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-",
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf",
    "no HTTP": b"hello\r\n\r\n",
}


@asynccontextmanager
async def peer(answer: bytes) -> AsyncGenerator[tuple[Calls, list[bytes]]]:
    """Listen as `http://peer.test`, keep what arrives, answer with these bytes and hang up."""
    heard: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
        heard.append(head + await reader.readexactly(int(length.partition(b":")[2])))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    calls = Calls({"http://peer.test": f"127.0.0.1:{port}"})
    try:
        yield calls, heard
    finally:
        await calls.close()
        server.close()


async def test_a_url_goes_out_as_it_was_written_under_its_wire_name() -> None:
    async with peer(OK) as (calls, heard):
        await calls.get("http://peer.test/orders/A%2F1%41?next=%2f&x=ä ö")
    assert heard[0].startswith(b"GET /orders/A%2F1%41?next=%2f&x=%C3%A4%20%C3%B6 HTTP/1.1\r\n")
    assert b"\r\nHost: peer.test\r\n" in heard[0]


async def test_a_form_goes_out_as_a_browser_writes_it() -> None:
    async with peer(OK) as (calls, heard):
        await calls.post_form("http://peer.test/", {"name": "Rahima Akter", "sum": "1,250 ৳"})
    assert b"\r\nContent-Type: application/x-www-form-urlencoded\r\n" in heard[0]
    assert heard[0].endswith(b"\r\n\r\nname=Rahima+Akter&sum=1%2C250+%E0%A7%B3")


async def test_a_redirect_is_an_answer_and_cookies_are_forgotten() -> None:
    async with peer(OK) as (calls, heard):
        answer = await calls.post_json("http://peer.test/", {"a": 1}, headers={"X-Api-Key": "k"})
        await calls.get("http://peer.test/")
    assert (answer.status, answer.headers["location"], answer.headers["set-cookie"]) == (302, "/on", "a=1, b=2")
    assert answer.body == b"ok"
    assert len(heard) == 2
    assert b"cookie" not in heard[1].lower()


@pytest.mark.parametrize("answer", NO_ANSWERS.values(), ids=NO_ANSWERS)
async def test_no_whole_answer_is_a_lost_call_and_nothing_is_asked_twice(answer: bytes) -> None:
    async with peer(answer) as (calls, heard):
        with pytest.raises(CallLost):
            await calls.get("http://peer.test/")
    assert len(heard) == 1


async def test_nobody_at_home_is_a_lost_call() -> None:
    async with peer(OK) as (calls, _):
        pass
    with pytest.raises(CallLost):
        await calls.get("http://peer.test/")
    await calls.close()
