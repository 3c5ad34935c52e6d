"""What is no HTTP request at all is refused in the API's own words, over a real socket."""

import asyncio

import orjson
import pytest

from tests.reference_server.tracking.following import live

REQUESTS = {
    "a space in a header's name": b"GET /health HTTP/1.1\r\nhost: here\r\nb#: x\r\nan o: y\r\n\r\n",
    "a length that is no number": b"POST /api/v1/orders HTTP/1.1\r\nhost: here\r\ncontent-length: v\r\n\r\n",
    "no request": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "a head without end": b"GET / HTTP/1.1\r\nhost: here\r\n" + b"a: b\r\n" * 10_000,
}


@pytest.mark.parametrize("name", REQUESTS)
async def test_it_is_told_in_a_problem_document_and_the_connection_ends(name: str) -> None:
    async with live() as there:
        host, _, port = there.address.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(REQUESTS[name])
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()

    lines = head.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 400 Bad Request"
    assert {"content-type: application/problem+json", f"content-length: {len(body)}", "connection: close"} <= {*lines}
    assert orjson.loads(body)["type"] == "urn:gatewright:problem:malformed"
