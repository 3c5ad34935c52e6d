"""Puts ASGI apps on loopback sockets of this process and takes them off again."""

import asyncio
import socket
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp


def bind(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """Reserve an address; port 0 takes any that is free. Raises `OSError` when it is taken."""
    # asyncio turns Nagle's delay off for sockets that name TCP: without, the body waits 40 ms for the head's receipt.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind((host, port))
    return taken


def address_of(bound: socket.socket) -> str:
    """Return `host:port` of a bound socket."""
    host, port = bound.getsockname()[:2]
    return f"{host}:{port}"


@dataclass(frozen=True, slots=True)
class Listener:
    """One app on one socket. Its answers carry no header that differs from run to run (no Date, no Server)."""

    address: str
    _server: uvicorn.Server
    _socket: socket.socket

    @classmethod
    async def open(
        cls,
        app: ASGIApp,
        bound: socket.socket,
        *,
        protocol: type[asyncio.Protocol] | None = None,
        websockets: type[asyncio.Protocol] | None = None,
    ) -> "Listener":
        """Serve `app` on a bound socket, with the uvicorn protocol classes that the app needs."""
        config = uvicorn.Config(
            app,
            http=protocol or "httptools",
            ws=websockets or "none",
            lifespan="off",
            access_log=False,
            log_config=None,
            date_header=False,
            server_header=False,
            backlog=2048,
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        address = address_of(bound)
        await server.startup(sockets=[bound])
        return cls(address, server, bound)

    async def close(self) -> None:
        """Stop at once: whoever still waits for an answer sees the connection end.

        Not uvicorn's own shutdown, which rests a tenth of a second before it looks at the connections.
        """
        state = self._server.server_state
        for server in self._server.servers:
            server.close()
        for task in list(state.tasks):
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)
        for connection in list(state.connections):
            connection.shutdown()
        self._socket.close()
