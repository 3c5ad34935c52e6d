"""A merchant's end for webhooks, listening on this machine while a suite runs: keeps what comes, refuses some of it."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Self

from contracts.checks.webhooks_are_proven import Received

# The first attempt of every so many webhooks is refused, so that attempts after it are seen, too.
REFUSED_EVERY = 4
BODY_MAX = 1_000_000


class Receiver:
    """Listens between `with` and its end; `received` is what came so far, in its order."""

    def __init__(self) -> None:
        self._received: list[Received] = []
        self._guard = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, name="webhook receiver", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def received(self) -> list[Received]:
        with self._guard:
            return list(self._received)

    def take(self, headers: dict[str, str], body: bytes, *, path: str) -> int:
        """Keep one attempt and return the status that it gets."""
        with self._guard:
            known = {one.webhook_id for one in self._received}
            webhook_id = headers.get("webhook-id", "")
            status = 503 if webhook_id not in known and len(known) % REFUSED_EVERY == 0 else 200
            self._received.append(Received(headers, body, status, path))
        return status

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _answering(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = min(int(self.headers.get("content-length") or 0), BODY_MAX)
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(receiver.take(headers, self.rfile.read(length), path=self.path))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server's own name
            """Say nothing: the suite tells what came."""

    return Answering
