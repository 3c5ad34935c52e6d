"""A merchant's webhook endpoint that does nothing but answer 200, in a process of its own; it notes when each came."""

import asyncio
import multiprocessing
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

_OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many came since it was last asked, and the seconds between the first of them and the last."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Receiver:
    """The address, and the way to ask what came."""

    url: str
    _pipe: Connection

    def take(self) -> Arrivals:
        """Return what came since the last time."""
        return self._ask("take")

    def look(self) -> Arrivals:
        """Return the same and go on counting."""
        return self._ask("look")

    def _ask(self, question: str) -> Arrivals:
        self._pipe.send(question)
        count, seconds = self._pipe.recv()
        return Arrivals(count, seconds)


class _Answering(asyncio.Protocol):
    def __init__(self, came: list[float]) -> None:
        self._came = came
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # TCP has no other kind
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end]).lower()
        place = head.find(b"content-length:")
        length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        self._buffer.clear()
        self._came.append(time.perf_counter())
        assert self._transport is not None  # noqa: S101  # connection_made comes first
        self._transport.write(_OK)


async def _listen(pipe: Connection) -> None:
    loop, came = asyncio.get_running_loop(), list[float]()
    server = await loop.create_server(lambda: _Answering(came), "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    ended = asyncio.Event()

    def answer() -> None:
        question = pipe.recv()
        pipe.send((len(came), came[-1] - came[0] if came else 0.0))
        if question != "look":
            came.clear()
        if question == "end":
            ended.set()

    loop.add_reader(pipe.fileno(), answer)
    await ended.wait()
    server.close()


def _serve(pipe: Connection) -> None:
    asyncio.run(_listen(pipe))


@contextmanager
def receive() -> Generator[Receiver]:
    """Start one, and end it."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield Receiver(f"http://127.0.0.1:{ours.recv()}/hooks", ours)
    finally:
        ours.send("end")
        process.join(5)
