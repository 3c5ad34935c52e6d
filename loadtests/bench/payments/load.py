"""A bare HTTP client that costs next to nothing: N connections, each with one request under way at a time."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from loadtests.bench.payments.serving import API_KEY, API_SECRET, Served

_LENGTH = b"content-length:"


@dataclass(slots=True)
class Load:
    """What became of the requests: seconds of each that was answered 2xx, and first lines of other answers."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list[float])
    refused: list[str] = field(default_factory=list[str])

    @property
    def per_second(self) -> float:
        """Requests answered 2xx a second."""
        return len(self.latencies) / self.seconds

    def percentile_ms(self, share: float) -> float:
        """Return the latency that `share` of the requests kept, in milliseconds."""
        return sorted(self.latencies)[min(len(self.latencies) - 1, int(len(self.latencies) * share))] * 1000


class _Line(asyncio.Protocol):
    """One connection: sends what `render` gives for the next number until there is none, counting the answers."""

    def __init__(self, numbers: Iterator[int], render: Callable[[int], bytes], load: Load) -> None:
        self._numbers = numbers
        self._render = render
        self._load = load
        self._buffer = bytearray()
        self._began = 0.0
        self._transport: asyncio.Transport | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # TCP has no other kind
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end]).lower()
        place = head.find(_LENGTH)
        length = int(head[place + len(_LENGTH) :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        if head[9:10] == b"2":
            self._load.latencies.append(time.perf_counter() - self._began)
        else:
            self._load.refused.append(bytes(self._buffer[: end + 4 + length]).decode("latin-1"))
        self._buffer.clear()
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    def _send(self) -> None:
        number = next(self._numbers, None)
        if number is None:
            assert self._transport is not None  # noqa: S101  # connection_made comes first
            self._transport.close()
            return
        assert self._transport is not None  # noqa: S101  # connection_made comes first
        self._began = time.perf_counter()
        self._transport.write(self._render(number))


async def load(served: Served, render: Callable[[int], bytes], *, count: int, clients: int) -> Load:
    """Send `count` requests over `clients` connections and return what became of them."""
    result, numbers = Load(), iter(range(count))
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    lines = [
        (await loop.create_connection(lambda: _Line(numbers, render, result), served.host, served.port))[1]
        for _ in range(clients)
    ]
    await asyncio.gather(*(line.ended for line in lines))
    result.seconds = time.perf_counter() - began
    return result


def payment_request(run: str) -> Callable[[int], bytes]:
    """Return what renders the POST of payment number n: a reference and an idempotency key of its own."""

    def render(number: int) -> bytes:
        body = (
            f'{{"order_id":"{run}-{number}","amount":50000,"currency":"INR","method":"upi",'
            f'"vpa":"shopper{number}@bank"}}'
        ).encode()
        head = (
            f"POST /api/v1/payments HTTP/1.1\r\nhost: bench\r\nx-api-key: {API_KEY}\r\nx-api-secret: {API_SECRET}\r\n"
            f"idempotency-key: {run}-{number}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    return render
