"""Whatever is sent, it is refused in bounded time and memory, in the listener's own voice, and never as our failure."""

import asyncio
import itertools
import json
from collections.abc import Iterator
from urllib.parse import quote, urlencode, urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.app import create_app
from simulators.settings import Settings
from tests.counts import large
from tests.simulators.stands import ORDER, STORE, Stand, open_stand

MEGABYTE = 2**20
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
DEEP = b"[" * 100_000
HOSTILE: list[tuple[str, dict[str, str], bytes]] = [
    ("20 MB", FORM, b"a=" + b"x" * 20 * MEGABYTE),
    ("10,000 fields", FORM, b"&".join(b"f%d=1" % number for number in range(10_000))),
    ("one long field", FORM, b"cus_name=" + b"x" * 900_000),
    ("deep JSON", JSON, DEEP),
    ("deep members", JSON, b'{"a":' * 50_000),
    ("nulls", FORM, b"tran_id=%00&store_id=testbox&store_passwd=qwerty"),
    ("raw nulls", FORM, b"tran_id=\0&store_id=testbox&store_passwd=qwerty"),
    ("no UTF-8", FORM, b"store_id=\xff\xfe"),
    ("UTF-16", {"content-type": "application/json; charset=utf-16"}, '{"a":1}'.encode("utf-16")),
    ("huge number", JSON, b'{"total_amount": 1e999999999}'),
    ("long number", JSON, b'{"total_amount": ' + b"9" * 100_000 + b"}"),
    ("lone surrogate", JSON, b'{"store_id": "\\ud800", "store_passwd": "\\udfff"}'),
    ("no boundary", {"content-type": "multipart/form-data"}, b"--x\r\n"),
    ("parts without end", {"content-type": "multipart/form-data; boundary=x"}, b"--x\r\n\r\n" * 50_000),
    ("odd type", {"content-type": "\u00fc/;;=;"}, b"x"),
]
PLACES = [
    ("sslcommerz", "POST", "/gwprocess/v4/api.php"),
    ("sslcommerz", "POST", "/validator/api/validationserverAPI.php"),
    ("sslcommerz", "POST", "/EasyCheckOut/testcde0/outcome"),
    ("merchant", "POST", "/default/provision"),
    ("merchant", "POST", "/buy"),
    ("control", "POST", "/_control/faults"),
]


Hostile = tuple[str, str, str, dict[str, str], bytes]


def requests() -> Iterator[Hostile]:
    for listener, method, path in PLACES:
        for _, headers, body in HOSTILE:
            yield listener, method, path, headers, body


async def ask(stand: Stand, request: Hostile) -> int | None:
    """Return the status, or nothing where the listener closed the connection on a body that it would not read."""
    listener, method, path, headers, body = request
    sent = [(name.encode(), value.encode("utf-8")) for name, value in headers.items()]
    try:
        async with asyncio.timeout(5):
            url = f"{stand.urls[listener]}{path}"
            return (await stand.client.request(method, url, headers=sent, content=body)).status_code
    except httpx.TransportError:
        return None


async def test_hostile_bodies_are_refused_by_every_listener() -> None:
    async with open_stand() as stand:
        statuses = [await ask(stand, request) for request in requests()]
        assert [status for status in statuses if status is not None and status >= 500] == []
        # Only bodies past the limit may end in a closed connection instead of an answer.
        assert statuses.count(None) <= len(PLACES) * 1
        assert (await stand.open_session())["status"] == "SUCCESS"


async def test_the_api_script_words_even_an_oversized_body_as_the_gateway_would() -> None:
    async with open_stand() as stand:
        answer = await raw_answer(stand, b"content-length: 20971520\r\n")
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"Store Credential Error Or Store is De-active" in answer


async def raw_answer(stand: Stand, headers: bytes) -> bytes:
    """Send the head of a request alone and read what comes until the listener closes."""
    port = urlsplit(stand.urls["sslcommerz"]).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = b"POST /gwprocess/v4/api.php HTTP/1.1\r\nhost: a.test\r\ncontent-type: application/x-www-form-urlencoded\r\n"
    writer.write(head + headers + b"\r\n")
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("query", ["&".join(f"{number}=" for number in range(2_000)), "a=" + "x" * 20_000, "%ff=%ff"])
async def test_hostile_queries_are_refused_in_the_gateways_words(query: str) -> None:
    async with open_stand() as stand:
        answer = await stand.client.get(f"{stand.urls['sslcommerz']}/validator/api/validationserverAPI.php?{query}")
        assert (answer.status_code, answer.json()["status"]) == (200, "INVALID_TRANSACTION")


texts = st.text(max_size=40)
fields = st.dictionaries(st.sampled_from(sorted({**ORDER, **STORE, "value_a": "", "ipn_url": ""})), texts, max_size=4)
bodies = st.one_of(
    st.just(b""),
    fields.map(lambda changed: json.dumps({**ORDER, **STORE, **changed}).encode()),
    fields.map(lambda changed: urlencode({**ORDER, **STORE, **changed}).encode()),
    st.binary(max_size=60),
)
paths = st.one_of(
    st.sampled_from([path for _, _, path in PLACES]), st.text(max_size=30).map(lambda text: f"/{quote(text)}")
)
queries = st.one_of(st.just(""), st.dictionaries(texts, texts, max_size=3).map(urlencode), texts.map(quote))
# Port 9 (discard): nobody listens, so that the shop's calls end at once.
SETTINGS = Settings.model_validate({"clock": "virtual", "seed": 1, "server_url": "http://127.0.0.1:9"})
SIDE = create_app(SETTINGS, ordinal=itertools.count(1).__next__)


@given(
    st.sampled_from(sorted(SIDE.listeners)),
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"]),
    st.tuples(paths, queries),
    st.sampled_from([FORM, JSON, {}]),
    bodies,
)
@settings(max_examples=large(10_000))
async def test_generated_requests_never_fail_on_our_side(
    listener: str, method: str, target: tuple[str, str], headers: dict[str, str], body: bytes
) -> None:
    transport = httpx.ASGITransport(SIDE.listeners[listener])
    await SIDE.start()
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.request(method, "?".join(target), headers=headers, content=body)
    await SIDE.stop()
    assert answer.status_code < 500
