"""Who may speak to the control plane.

Any web page can make a browser call 127.0.0.1, so Host and Origin are checked, and what a form can post is refused.
"""

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from contracts.binding import Answer, ASGIApp, Receive, Scope, Send
from simulators.problems import problem

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_JSON = "application/json"


def guarded(app: ASGIApp, *, hosts: Collection[str]) -> ASGIApp:
    """Let through what came for a loopback host, or one of `hosts`, and from no foreign Origin."""
    allowed = frozenset(host.lower() for host in hosts)

    async def guarding(scope: Scope, receive: Receive, send: Send) -> None:
        refused = _refusal(scope, allowed) if scope["type"] == "http" else None
        if refused is None:
            await app(scope, receive, send)
        else:
            await _send(refused, send)

    return guarding


def _refusal(scope: Scope, allowed: frozenset[str]) -> Answer | None:
    shown: dict[str, list[str]] = {"host": [], "origin": [], "content-type": []}
    for name, value in scope["headers"]:
        if (found := shown.get(name.decode("latin-1").lower())) is not None:
            found.append(value.decode("latin-1"))
    host = shown["host"][0] if len(shown["host"]) == 1 else ""
    if not _is_allowed(host, allowed):
        return problem(
            403,
            "The control plane does not answer to this Host",
            detail="it answers loopback names and addresses, and the hosts in CONTROL_HOSTS",
        )
    # RFC 6454: the Origin of our own pages is scheme, host and port of this very listener.
    if any(origin != f"{scope['scheme']}://{host}" for origin in shown["origin"]):
        return problem(403, "The control plane does not answer to this Origin", detail="only to pages of its own")
    # Fetch, "CORS-safelisted request-header": what pages can send elsewhere unasked, as notifications do, is not JSON.
    if scope["method"] not in _SAFE_METHODS and not all(map(_is_json, shown["content-type"])):
        return problem(415, "The control plane reads JSON alone", detail=f"send content-type: {_JSON}, or no body")
    return None


def _is_json(media_type: str) -> bool:
    return media_type.partition(";")[0].strip().lower() == _JSON


def _is_allowed(host: str, allowed: frozenset[str]) -> bool:
    try:
        name = (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return False
    if name == "localhost" or name in allowed or host.lower() in allowed:
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


async def _send(answer: Answer, send: Send) -> None:
    headers = [
        (b"content-type", (answer.media_type or "").encode()),
        (b"content-length", str(len(answer.body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
