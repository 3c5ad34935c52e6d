"""One listener for all gateways: what comes under a gateway's host name is answered by the listener that plays it."""

from collections.abc import Mapping

from contracts.binding import ASGIApp, Receive, Scope, Send
from simulators.reach.hosts import HOSTS

# In a request's extensions: where browsers, which nobody redirects, reach the gateway that this request came to.
PLAIN_ADDRESS = "gatewright.plain_address"


def route_by_host(listeners: Mapping[str, ASGIApp], *, plain: Mapping[str, str]) -> ASGIApp:
    """Join the gateways' listeners into one. `plain` has the address at which each also answers without TLS."""

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        name = HOSTS.get(_host_of(scope))
        if name is None:
            await _refuse(send)
            return
        extensions = {**scope.get("extensions", {}), PLAIN_ADDRESS: plain[name]}
        await listeners[name]({**scope, "extensions": extensions}, receive, send)

    return route


def _host_of(scope: Scope) -> str:
    shown = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return shown.decode("latin-1").partition(":")[0].lower()


async def _refuse(send: Send) -> None:
    # RFC 9110, 15.5.20: the request came to a server that does not answer for its authority.
    text = f"Nobody is played here under this Host. Known: {', '.join(sorted(HOSTS))}.\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 421, "headers": headers})
    await send({"type": "http.response.body", "body": text})
