"""What stands before the socket server: who may come from where, how many at once, and nothing raised beyond here."""

from collections.abc import Callable
from contextlib import suppress
from urllib.parse import parse_qs

from starlette.types import Message, Receive, Scope, Send

from reference_server.tracking.rooms import Rooms

PATH = "/socket.io"


def is_for_sockets(scope: Scope) -> bool:
    """Say whether this connection is the socket server's."""
    path = str(scope.get("path", ""))
    return scope["type"] in {"http", "websocket"} and (path == PATH or path.startswith(f"{PATH}/"))


class Doorway:
    """`is_origin` knows the pages that may connect from a browser; whatever is no browser names none.

    Open may be so many sockets in all, and so many from one address.
    """

    def __init__(
        self, rooms: Rooms, *, is_origin: Callable[[str], bool], sockets_max: int, per_address_max: int
    ) -> None:
        self._rooms = rooms
        self._engine = rooms.sockets.asgi
        self._is_origin = is_origin
        self._sockets_max = sockets_max
        self._per_address_max = per_address_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one connection in, or answer why not."""
        refusal = self._refusal_of(scope)
        if refusal:
            await _refuse(scope, send, status=refusal)
            return
        self._rooms.sockets.be_asked_by(_address_of(scope))
        answering = _Answering(send)
        try:
            await self._engine(scope, receive, answering.send)
        except Exception:  # noqa: BLE001  # the library raises at packets that cannot be read: they are not our errors
            if not answering.has_started:
                await _refuse(scope, send, status=400)
            elif scope["type"] == "websocket":
                with suppress(Exception):
                    await send({"type": "websocket.close", "code": 1007})

    def _refusal_of(self, scope: Scope) -> int:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get(b"origin")
        if origin is not None and not self._is_origin(origin) and not _is_own(origin, headers.get(b"host", "")):
            return 403
        asked = parse_qs(bytes(scope.get("query_string", b"")).decode("latin-1"))
        if "j" in asked:
            # JSONP: a foreign page could read answers without showing its origin.
            return 400
        return 0 if "sid" in asked else self._refusal_of_another(scope)

    def _refusal_of_another(self, scope: Scope) -> int:
        if self._rooms.sockets.count >= self._sockets_max:
            return 503
        return 429 if self._rooms.sockets.count_of(_address_of(scope)) >= self._per_address_max else 0


class _Answering:
    """Knows whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_started = False

    async def send(self, message: Message) -> None:
        self.has_started = True
        await self._send(message)


def _address_of(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _is_own(origin: str, host: str) -> bool:
    return bool(host) and origin in {f"http://{host}", f"https://{host}"}


async def _refuse(scope: Scope, send: Send, *, status: int) -> None:
    if scope["type"] == "websocket":
        # Before it is accepted: uvicorn answers 403 to the handshake.
        await send({"type": "websocket.close"})
        return
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
