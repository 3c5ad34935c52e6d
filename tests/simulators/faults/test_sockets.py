"""What peers see of an answer that is cut, of a wrong length or dripping: httpx, requests, aiohttp and bare sockets.

What each client makes of it was measured with httpx 0.28, requests 2.32 and aiohttp 3; it is theirs, and a fact.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import httpx
import pytest
import requests

from tests.simulators.stands import NO_SETTINGS, ORDER, STORE, Json, Stand, open_stand, until

FIELDS = {**STORE, **ORDER}
TIMEOUT = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """What a client made of an answer: what it raised, or a status and how much of the body it gave."""

    raised: str | None = None
    status: int | None = None
    body: bytes = b""


async def by_httpx(url: str) -> Seen:
    async with httpx.AsyncClient(trust_env=False, timeout=TIMEOUT) as client:
        try:
            answer = await client.post(url, data=FIELDS)
        except httpx.HTTPError as broken:
            return Seen(type(broken).__name__)
        return Seen(None, answer.status_code, answer.content)


async def by_requests(url: str) -> Seen:
    def post() -> Seen:
        with requests.Session() as session:
            session.trust_env = False
            try:
                answer = session.post(url, data=FIELDS, timeout=TIMEOUT)
            except requests.RequestException as broken:
                return Seen(type(broken).__name__)
            return Seen(None, answer.status_code, answer.content)

    return await asyncio.to_thread(post)


async def by_aiohttp(url: str) -> Seen:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as client:
        try:
            async with client.post(url, data=FIELDS) as answer:
                return Seen(None, answer.status, await answer.read())
        except (aiohttp.ClientError, OSError) as broken:
            return Seen(type(broken).__name__)


CLIENTS: dict[str, Callable[[str], Awaitable[Seen]]] = {
    "httpx": by_httpx, "requests": by_requests, "aiohttp": by_aiohttp,
}  # fmt: skip


@asynccontextmanager
async def armed(*faults: Json) -> AsyncGenerator[tuple[Stand, str]]:
    async with open_stand(clock="system") as stand:
        body = {"when": {"operation": "createSession"}, "faults": list(faults)}
        await stand.control("POST", "/faults", body=body)
        yield stand, f"{stand.urls['sslcommerz']}/gwprocess/v4/api.php"


async def bytes_of(url: str) -> bytes:
    """Ask over a bare socket, and return every byte until the connection ends."""
    form = httpx.Request("POST", url, data=FIELDS)
    reader, writer = await asyncio.open_connection("127.0.0.1", form.url.port)
    head = f"POST {form.url.path} HTTP/1.1\r\nhost: a\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in form.headers.items() if name != "host")
    writer.write(head.encode() + b"\r\n" + form.read())
    try:
        async with asyncio.timeout(TIMEOUT):
            return await reader.read()
    finally:
        writer.close()


CUT = {"cut_body": {"after_bytes": 100}}
CUT_BY_RESET = {"cut_body": {"after_bytes": 100, "ending": "reset"}}
TOO_LONG = {"wrong_length": {"by": 10}}
TOO_SHORT = {"wrong_length": {"by": -10}}
NEVER_WHOLE: list[tuple[Json, dict[str, str]]] = [
    (
        {"reset_before_work": {}},
        {"httpx": "ReadError", "requests": "ConnectionError", "aiohttp": "ClientOSError"},
    ),
    (
        {"reset_after_work": {}},
        {"httpx": "ReadError", "requests": "ConnectionError", "aiohttp": "ClientOSError"},
    ),
    (CUT, {"httpx": "RemoteProtocolError", "requests": "ChunkedEncodingError", "aiohttp": "ClientPayloadError"}),
    (CUT_BY_RESET, {"httpx": "ReadError", "requests": "ChunkedEncodingError", "aiohttp": "ClientPayloadError"}),
    (TOO_LONG, {"httpx": "RemoteProtocolError", "requests": "ChunkedEncodingError", "aiohttp": "ClientPayloadError"}),
]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(("fault", "raised"), NEVER_WHOLE)
async def test_an_answer_that_ends_too_early_is_an_error_to_every_client(
    client: str, fault: Json, raised: dict[str, str]
) -> None:
    async with armed(fault) as (_, url):
        assert await CLIENTS[client](url) == Seen(raised[client])


# aiohttp takes it for whole or for broken, as the surplus comes with the body or behind it.
@pytest.mark.parametrize("client", ["httpx", "requests"])
async def test_an_answer_longer_than_its_length_is_taken_for_a_whole_one(client: str) -> None:
    async with armed(TOO_SHORT) as (stand, url):
        seen = await CLIENTS[client](url)
        [exchange] = await stand.journal()
    assert (seen.raised, seen.status, seen.body.endswith(b"}")) == (None, 200, False)
    assert (exchange["outcome"], exchange["faults"]) == ("answered", ["Content-Length is 10 too short"])


async def test_on_a_bare_socket_the_bytes_are_as_asked_for() -> None:
    async with armed(CUT) as (_, url):
        head, _, body = (await bytes_of(url)).partition(b"\r\n\r\n")
        assert (len(body), b"content-length: 100" in head.lower()) == (100, False)
    async with armed(TOO_SHORT) as (_, url):
        head, _, body = (await bytes_of(url)).partition(b"\r\n\r\n")
        assert b"content-length: %d" % (len(body) - 10) in head.lower()
    async with armed({"wrong_length": {"by": -1_000_000}}) as (_, url):
        head, _, body = (await bytes_of(url)).partition(b"\r\n\r\n")
        assert (b"content-length: 0" in head.lower(), body[-1:]) == (True, b"}")


async def test_a_cut_always_leaves_a_byte_out_and_without_a_number_half_of_them() -> None:
    lengths: list[int] = []
    for settings in ({"after_bytes": 1_000_000}, {}, {"after_bytes": 0}):
        async with armed({"cut_body": settings}) as (_, url):
            head, _, body = (await bytes_of(url)).partition(b"\r\n\r\n")
            whole = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
            lengths += [whole - len(body), len(body) * 2 - whole, len(body)]
    assert (lengths[0], abs(lengths[4]) <= 1, lengths[8]) == (1, True, 0)


async def test_faults_on_the_way_keep_what_faults_on_the_body_made() -> None:
    async with armed(
        {"status": {"code": 502}}, {"html_page": {}}, CUT, {"slow_drip": {"chunk": 40, "every_seconds": 0.001}}
    ) as (stand, url):
        answer = await bytes_of(url)
        [exchange] = await stand.journal()
    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html; charset=utf-8\r\n")
    assert len(answer.partition(b"\r\n\r\n")[2]) == 100
    assert exchange["faults"] == [
        "answered with status 502",
        "an HTML page instead of the answer",
        "body cut after 100 bytes",
        "body dripping, 40 bytes every 0.001 s",
    ]
    assert (exchange["answer"]["status"], len(exchange["answer"]["body"])) == (502, 100)


async def test_a_reset_in_the_body_is_told_as_one_with_what_had_come() -> None:
    async with armed(CUT_BY_RESET) as (stand, url):
        await by_httpx(url)
        [exchange] = await stand.journal()
    assert (exchange["outcome"], len(exchange["answer"]["body"])) == ("reset", 100)


@pytest.mark.parametrize("client", CLIENTS)
async def test_drips_keep_each_read_and_bring_the_whole_body(client: str) -> None:
    async with armed({"slow_drip": {"chunk": 700, "every_seconds": 0.01}}) as (stand, url):
        seen = await CLIENTS[client](url)
        [exchange] = await stand.journal()
    assert (seen.status, seen.body[-1:], exchange["outcome"]) == (200, b"}", "answered")


async def test_drips_towards_our_own_peers_take_no_real_time() -> None:
    async with open_stand() as stand:
        rule = {"faults": [{"slow_drip": {"chunk": 100, "every_seconds": 3600}}]}
        await stand.control("POST", "/faults", body=rule)
        url = f"{stand.urls['sslcommerz']}/gwprocess/v4/api.php"
        asking = asyncio.create_task(stand.client.post(url, data=FIELDS, headers={"user-agent": "gatewright"}))
        account = stand.side.accounts.get("default")
        await until(lambda: account.clock.next_due() is not None)
        advanced = await stand.control("POST", "/clock/advance", body={"by_seconds": 86_400 * 7})
        answer = await asking
        drips = [due for due in advanced["ran"] if due["name"] == "slow drip"]
        assert len(drips) == (len(answer.content) - 1) // 100
        assert (await stand.journal())[0]["ended_at"] > "2030-01-01T12:00"


async def test_drips_towards_strangers_take_real_time_whatever_the_virtual_clock_shows() -> None:
    async with open_stand() as stand:
        rule = {"faults": [{"slow_drip": {"chunk": 1_000, "every_seconds": 0.01}}]}
        await stand.control("POST", "/faults", body=rule)
        assert (await stand.open_session())["status"] == "SUCCESS"
        [exchange] = await stand.journal()
        assert exchange["ended_at"] == exchange["at"]


@pytest.mark.parametrize("agent", ["python-httpx", "gatewright"])
async def test_drips_end_when_the_peer_has_gone(agent: str) -> None:
    async with open_stand() as stand:
        rule = {"faults": [{"slow_drip": {"chunk": 1, "every_seconds": 3600}}]}
        await stand.control("POST", "/faults", body=rule)
        account = stand.side.accounts.get("default")
        url = f"{stand.urls['sslcommerz']}/gwprocess/v4/api.php"
        asking = asyncio.create_task(stand.client.post(url, data=FIELDS, headers={"user-agent": agent}))
        await until(lambda: bool(account.arrivals) and account.activity.snapshot().running == 0)
        asking.cancel()
        await until(lambda: account.activity.snapshot().requests_ended == account.activity.snapshot().requests_taken)
        await stand.control("POST", "/clock/advance", body={"by_seconds": 3600})
        await until(lambda: not account.arrivals)
        [exchange] = await stand.journal(operation="createSession")
        assert exchange["outcome"] == "hung_up"
        assert account.activity.snapshot().is_calm


async def test_a_head_request_has_no_body_to_spoil() -> None:
    async with open_stand(clock="system") as stand:
        rules: list[list[Json]] = [[CUT, {"slow_drip": NO_SETTINGS}], [TOO_SHORT]]
        for rule in rules:
            await stand.control("POST", "/faults", body={"when": {"operation": "validateOrder"}, "faults": rule})
            url = f"{stand.urls['sslcommerz']}/validator/api/validationserverAPI.php"
            answer = await stand.client.head(url, params={**STORE, "val_id": "x"})
            assert (answer.status_code, answer.content) == (200, b"")
            await stand.control("DELETE", "/faults")
