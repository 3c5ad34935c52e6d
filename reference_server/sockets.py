"""The connection under a request, and under a WebSocket: uvicorn's protocols with bounds on what a peer may send.

uvicorn's httptools protocol keeps a head of any length (h11's stops at 64 KiB); `tests/wire/test_hostile_bodies.py`
says at once when this class no longer does its work.
"""

from copy import copy

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from reference_server.problems import word_unreadable

# Of one head, and of one body's trailers. The usual bound of servers on the way here (nginx: 4 buffers of 8 KiB).
HEAD_BYTES_MAX = 32_768
# Of one message; what comes over sockets here is some two hundred bytes.
WEBSOCKET_BYTES_MAX = 8_192


class HeadTooLarge(Exception):
    """Raised into the parser, which refuses the request: 400, and the end of the connection."""


class BoundedProtocol(HttpToolsProtocol):
    """Reads at most `HEAD_BYTES_MAX` bytes, and what the same read brought, before a head has its end."""

    _outside_bodies = 0

    def data_received(self, data: bytes) -> None:
        self._outside_bodies += len(data)
        super().data_received(data)
        if self._outside_bodies > HEAD_BYTES_MAX and not self.transport.is_closing():
            self.send_400_response("The head of this request is too large.")

    def send_400_response(self, msg: str) -> None:
        """Refuse in the API's own words (RFC 9457) what cannot be read as a request, and end the connection."""
        answer = word_unreadable(msg)
        lines = (
            "HTTP/1.1 400 Bad Request",
            f"content-type: {answer.media_type}",
            f"content-length: {len(answer.body)}",
        )
        head = "\r\n".join((*lines, "connection: close", "", ""))
        self.transport.write(head.encode("ascii") + answer.body)
        self.transport.close()

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


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """Reads messages of at most `WEBSOCKET_BYTES_MAX`, and nothing compressed: a few bytes could then be many."""

    def __init__(self, *, config: Config, server_state: ServerState, app_state: dict[str, object]) -> None:
        bounded = copy(config)
        bounded.ws_max_size = WEBSOCKET_BYTES_MAX
        bounded.ws_per_message_deflate = False
        # Engine.IO, which speaks over these sockets, has pings of its own.
        bounded.ws_ping_interval = None
        super().__init__(bounded, server_state, app_state)
