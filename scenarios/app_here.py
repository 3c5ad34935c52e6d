"""Asks an ASGI app of this process: no socket, and no HTTP client, which would cost more than most answers do."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

import msgspec
from starlette.types import ASGIApp, Message, Scope

_HOST = "127.0.0.1"
_HEADERS = ((b"host", _HOST.encode()), (b"user-agent", b"gatewright"))


class AppHere:
    """Speaks JSON to one app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def ask(
        self, method: str, path: str, *, query: Mapping[str, str | int], body: Mapping[str, object] | None
    ) -> tuple[int, bytes]:
        """Return status and body of the answer. What the app raises is raised here."""
        content = b"" if body is None else msgspec.json.encode(body)
        asked: list[Message] = [{"type": "http.request", "body": content}]
        status, parts = 0, list[bytes]()

        async def receive() -> Message:
            return asked.pop() if asked else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            parts.append(message.get("body", b""))

        await self._app(_scope(method, path, query, content=content), receive, send)
        return status, b"".join(parts)

    async def close(self) -> None:
        """Nothing is open."""


def _scope(method: str, path: str, query: Mapping[str, str | int], *, content: bytes) -> Scope:
    # RFC 9110 section 8.6: a request without content names no media type.
    about = ((b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))) if content else ()
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": quote(path).encode(),
        "root_path": "",
        "query_string": urlencode(query).encode(),
        "headers": [*_HEADERS, *about],
        "client": (_HOST, 1),
        "server": (_HOST, 80),
    }
