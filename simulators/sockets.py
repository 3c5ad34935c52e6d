"""The connection under a request: a uvicorn protocol that hands it to the app, so that a fault can really cut it.

It also bounds what a peer may send outside bodies: uvicorn's httptools protocol keeps a head of any length.

uvicorn's protocol class is not a public interface; `tests/simulators/test_sockets.py` says at once when it changes.
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

EXTENSION = "gatewright.connection"
# Of one head, and of one body's trailers. The usual bound of servers on the way here (nginx: 4 buffers of 8 KiB).
HEAD_BYTES_MAX = 32_768


class HeadTooLarge(Exception):
    """Raised into the parser, which refuses the request: 400, and the end of the connection."""


class PeerConnection:
    """One inbound connection. It tells whoever asks when the peer has gone, whichever side ended it."""

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        self._transport = transport
        self._watchers: set[Callable[[], None]] = set()
        self.is_lost = False

    def write(self, sent: bytes) -> None:
        """Send bytes that no HTTP would."""
        self._transport.write(sent)

    def close(self) -> None:
        """End the connection in order, behind what was sent."""
        self._transport.close()

    def reset(self) -> None:
        """Drop the connection so that the peer's kernel reports a reset, not an orderly end."""
        bound = self._transport.get_extra_info("socket")
        if bound is not None:
            # Linger of 0 s: close() discards what is unsent and sends RST (Linux socket(7), SO_LINGER).
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    async def lost(self) -> None:
        """Return when the connection is gone."""
        if self.is_lost:
            return
        gone = asyncio.Event()
        self.watch(gone.set)
        try:
            await gone.wait()
        finally:
            self.unwatch(gone.set)

    def watch(self, gone: Callable[[], None]) -> None:
        """Call `gone` when the connection is lost."""
        self._watchers.add(gone)

    def unwatch(self, gone: Callable[[], None]) -> None:
        """Call `gone` no longer."""
        self._watchers.discard(gone)

    def tell_lost(self) -> None:
        """Tell every watcher; for the protocol alone."""
        self.is_lost = True
        for gone in tuple(self._watchers):
            gone()


class BoundedProtocol(HttpToolsProtocol):
    """Reads at most `HEAD_BYTES_MAX` bytes, and what the same read brought, before a head has its end."""

    _outside_bodies = 0

    def data_received(self, data: bytes) -> None:
        self._outside_bodies += len(data)
        super().data_received(data)
        if self._outside_bodies > HEAD_BYTES_MAX and not self.transport.is_closing():
            self.send_400_response("The head of this request is too large.")

    def on_headers_complete(self) -> None:
        self._outside_bodies = 0
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES_MAX:
            raise HeadTooLarge
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._outside_bodies = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._outside_bodies = 0
        super().on_message_complete()


class FaultProtocol(BoundedProtocol):
    """uvicorn's HTTP protocol with the connection put into each request's scope."""

    peer: PeerConnection | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self.peer = PeerConnection(transport)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope: dict[str, Any] = self.scope  # pyright: ignore[reportAssignmentType]  # a TypedDict that ASGI lets grow
        scope.setdefault("extensions", {})[EXTENSION] = self.peer

    def connection_lost(self, exc: Exception | None) -> None:
        # First uvicorn's own bookkeeping: after it, an app that returns without an answer is no mistake.
        super().connection_lost(exc)
        if self.peer is not None:
            self.peer.tell_lost()
