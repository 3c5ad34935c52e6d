"""The outermost ASGI application: lifespan, then the control plane, the sockets or the API by path."""

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from reference_server.errors import ServerError
from reference_server.tracking.doorway import is_for_sockets

_CONTROL_PREFIX = "/_control/"


class Entrance:
    """`control` is None where the settings do not switch it on; its paths are then unknown like any other.

    `sockets` lives on the machine's time, so that it stands beside the API's counting and journaling, not within.
    """

    def __init__(
        self,
        api: ASGIApp,
        control: ASGIApp | None,
        *,
        sockets: ASGIApp,
        start: Callable[[], Awaitable[None]],
        stop: Callable[[], Awaitable[None]],
    ) -> None:
        self._api = api
        self._control = control
        self._sockets = sockets
        self._start = start
        self._stop = stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._control is not None and str(scope.get("path", "")).startswith(_CONTROL_PREFIX):
            await self._control(scope, receive, send)
        elif is_for_sockets(scope):
            await self._sockets(scope, receive, send)
        else:
            await self._api(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self._start()
        except ServerError as error:
            await send({"type": "lifespan.startup.failed", "message": error.message})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._stop()
        await send({"type": "lifespan.shutdown.complete"})
