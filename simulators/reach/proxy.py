"""A forward proxy that leads to the simulators and nowhere else: CONNECT to a gateway's host name is a tunnel to them.

It never connects to what it is asked for, so it is no way out of this machine, whoever finds it.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field

from simulators.clock import real_limit
from simulators.reach.hosts import HOSTS
from simulators.sockets import PeerConnection

HEAD_BYTES_MAX = 8_192
PIECE_BYTES = 65_536
TUNNELS_MAX = 256
# Whoever connects and says nothing holds one of the tunnels no longer than this.
HEAD_SECONDS_MAX = 20.0


@dataclass(slots=True)
class Proxy:
    """Tunnels for whoever asks for one of the gateways; `to` is the TLS listener, host and port."""

    to: tuple[str, int]
    head_seconds_max: float = HEAD_SECONDS_MAX
    tunnels: set["asyncio.Task[None]"] = field(default_factory=set["asyncio.Task[None]"])

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection to its end."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # asyncio.start_server runs this in a task of its own
        self.tunnels.add(task)
        try:
            with closing(writer):
                await self._answer(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self.tunnels.discard(task)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with real_limit(self.head_seconds_max):
                head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, TimeoutError):
            return
        except asyncio.LimitOverrunError:
            head = b""
        refusal = self._judge(head)
        if refusal is not None:
            writer.write(refusal)
            await writer.drain()
            return
        answers, calls = await asyncio.open_connection(*self.to)
        with closing(calls):
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_pump(reader, calls), _pump(answers, writer))

    def _judge(self, head: bytes) -> bytes | None:
        """Return why not, as an answer; nothing when a tunnel may be made."""
        method, _, rest = head.decode("latin-1").partition(" ")
        host, _, port = rest.partition(" ")[0].rpartition(":")
        if not head:
            return _refusal("431 Request Header Fields Too Large", f"A head has at most {HEAD_BYTES_MAX} bytes.")
        if len(self.tunnels) > TUNNELS_MAX:
            return _refusal("503 Service Unavailable", f"All {TUNNELS_MAX} tunnels are in use.")
        if method != "CONNECT":
            return _refusal("405 Method Not Allowed", "Only CONNECT is served here: call the gateways by https://.")
        if host.lower() not in HOSTS or port != "443":
            known = ", ".join(f"{name}:443" for name in sorted(HOSTS))
            return _refusal("403 Forbidden", f"This proxy leads to the simulated gateways and nowhere else: {known}.")
        return None


def _refusal(status: str, text: str) -> bytes:
    body = f"gatewright: {text}\n"
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n{body}".encode()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
    except ConnectionError:
        # A fault that resets the connection must arrive as a reset, not as an orderly end.
        PeerConnection(writer.transport).reset()


@asynccontextmanager
async def proxying(bound: socket.socket, *, to: tuple[str, int]) -> AsyncGenerator[Proxy]:
    """Serve the proxy on a bound socket; leaving ends every tunnel."""
    proxy = Proxy(to)
    server = await asyncio.start_server(proxy.accept, sock=bound, limit=HEAD_BYTES_MAX)
    try:
        yield proxy
    finally:
        server.close()
        tunnels = tuple(proxy.tunnels)
        for tunnel in tunnels:
            tunnel.cancel()
        await asyncio.gather(*tunnels, return_exceptions=True)
