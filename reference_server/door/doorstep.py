"""What every request passes before its operation is known, in one layer: who asks, how, how often, from which page.

What belongs to an operation (authentication, the merchant's own limit) is in `apis/door.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItem
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.binding import Answer
from contracts.binding.intake import raw_path_of
from contracts.binding.sending import send_answer
from reference_server.door.cors import Origins, Pairs, allow_reading, answer_preflight, is_preflight
from reference_server.door.encryption import Encryption
from reference_server.door.forwarded import Proxies, Sender, as_sent, subscriber_of
from reference_server.door.limits import Limiter, headers_of, require_left
from reference_server.door.safety import safety_headers
from reference_server.door.visit import Visit, find_request_id
from reference_server.errors import ForbiddenError, RateLimitedError
from reference_server.problems import word_error

_ENCRYPTED = {"https", "wss"}


@dataclass(frozen=True, slots=True)
class DoorTerms:
    """`unlimited` begin paths that nobody is kept from: gateways' notifications, operators' questions."""

    proxies: Proxies
    encryption: Encryption
    origins: Origins
    limiter: Limiter
    rule: RateLimitItem | None
    unlimited: tuple[str, ...]
    draw_id: Callable[[], str]


@dataclass(frozen=True, slots=True)
class _Arrival:
    """One request as it came. `headers` has the last of those that came twice; `origin` is a known page's, or None."""

    scope: Scope
    headers: dict[bytes, bytes]
    sender: Sender
    visit: Visit
    origin: bytes | None


class Doorstep:
    """Wraps the API."""

    def __init__(self, app: ASGIApp, terms: DoorTerms) -> None:
        self._app = app
        self._terms = terms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        sender = self._terms.proxies.sender_of(scope, headers)
        request_id = find_request_id(headers) or self._terms.draw_id()
        visit = Visit(request_id, sender.address, sender.scheme in _ENCRYPTED)
        with visit.under_way():
            origin = headers.get(b"origin")
            is_known = origin is not None and await self._terms.origins.knows(origin.decode("latin-1"))
            arrival = _Arrival(scope, headers, sender, visit, origin if is_known else None)
            await self._answer(arrival, receive, _Leaving(send, arrival))

    async def _answer(self, arrival: _Arrival, receive: Receive, leaving: "_Leaving") -> None:
        refusal = await self._turn_away(arrival)
        if refusal is None:
            await self._app(as_sent(arrival.scope, arrival.sender), receive, leaving.send)
        else:
            await send_answer(leaving.send, refusal, without_body=arrival.scope["method"] == "HEAD")

    async def _turn_away(self, arrival: _Arrival) -> Answer | None:
        """Return what is answered without asking the API; None where it is to be asked."""
        scope, headers, path = arrival.scope, arrival.headers, str(arrival.scope["path"])
        encryption = self._terms.encryption
        if not encryption.allows(arrival.sender, path, host=headers.get(b"host", b"")):
            return encryption.refuse(scope["method"], _target_of(scope), headers=headers)
        if not path.startswith(self._terms.unlimited):
            quota = await self._terms.limiter.count(
                self._terms.rule, "address", who=subscriber_of(arrival.sender.address)
            )
            arrival.visit.count(quota)
            try:
                require_left(quota)
            except RateLimitedError as error:
                return word_error(error)
        if not is_preflight(scope["method"], headers):
            return None
        if arrival.origin is None:
            return word_error(ForbiddenError("not for pages of that Origin"))
        return answer_preflight(self._terms.origins.methods)


class SocketStep:
    """Wraps the sockets: their messages are bounded elsewhere, so that only whence they come is looked at."""

    def __init__(self, app: ASGIApp, terms: DoorTerms) -> None:
        self._app = app
        self._terms = terms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one connection in, or refuse it."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        sender = self._terms.proxies.sender_of(scope, headers)
        origin = headers.get(b"origin")
        if origin is not None:
            # The sockets' own check asks nobody: it must have been told of another process's merchants.
            await self._terms.origins.knows(origin.decode("latin-1"))
        if self._terms.encryption.allows(sender, str(scope["path"]), host=headers.get(b"host", b"")):
            await self._app(as_sent(scope, sender), receive, send)
        elif scope["type"] == "websocket":
            # Before it is accepted: the server answers 403 to the handshake.
            await send({"type": "websocket.close"})
        else:
            await send_answer(send, self._terms.encryption.refuse("POST", "", headers={}), without_body=False)


class _Leaving:
    """Adds to the answer what the door says of it."""

    def __init__(self, send: Send, arrival: _Arrival) -> None:
        self._send = send
        self._arrival = arrival

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            visit, origin = self._arrival.visit, self._arrival.origin
            headers: Pairs = list(message.get("headers", ()))
            headers += safety_headers(headers, is_encrypted=visit.is_encrypted)
            headers.append((b"x-request-id", visit.request_id.encode()))
            headers.append((b"vary", b"Origin"))
            if visit.quota is not None:
                headers += headers_of(visit.quota)
            if origin is not None:
                headers += allow_reading(origin, headers)
            message["headers"] = headers
        await self._send(message)


def _target_of(scope: Scope) -> str:
    path, query = raw_path_of(scope).decode("latin-1"), bytes(scope.get("query_string", b"")).decode("latin-1")
    return f"{path}?{query}" if query else path
