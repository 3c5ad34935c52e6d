"""The connection under a request: uvicorn's HTTP protocol with a bound on what a peer may send outside bodies.

uvicorn's httptools protocol keeps a head of any length (h11's stops at 64 KiB); `tests/wire/test_hostile_bodies.py`
says at once when this class no longer does its work.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Of one head, and of one body's trailers. The usual bound of servers on the way here (nginx: 4 buffers of 8 KiB).
HEAD_BYTES_MAX = 32_768


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
