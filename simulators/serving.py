"""Puts the listeners on sockets of this process until somebody asks it to stop."""

import asyncio
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

import uvicorn

from contracts.binding import ASGIApp
from simulators.settings import Settings


class Served(Protocol):
    """The side, as far as serving it goes; see `simulators.app.Simulators`."""

    @property
    def listeners(self) -> Mapping[str, ASGIApp]: ...
    @property
    def http_protocol(self) -> type[asyncio.Protocol]: ...
    def heard_at(self, listener: str, address: str) -> None: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class AddressTaken(OSError):
    """Somebody else listens there; the text says which setting moves the listener."""


def bind(settings: Settings) -> dict[str, socket.socket]:
    """Reserve every listener's address. Raises `AddressTaken`."""
    ports = {
        "control": settings.control_port,
        "sslcommerz": settings.sslcommerz_port,
        "merchant": settings.merchant_port,
    }
    if not settings.control:
        del ports["control"]
    bound: dict[str, socket.socket] = {}
    for name, port in ports.items():
        try:
            bound[name] = _bind(settings.host, port)
        except OSError as taken:
            for other in bound.values():
                other.close()
            where = f"{settings.host}:{port}"
            raise AddressTaken(f"{name} cannot listen on {where} ({taken.strerror}); give --{name}-port") from taken
    return bound


async def serve(app: Served, bound: dict[str, socket.socket], *, announce: Callable[[dict[str, str]], None]) -> None:
    """Serve until SIGINT or SIGTERM; `announce` is told where, once everything answers."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with _listening(app, bound) as addresses:
        announce(addresses)
        await stopped.wait()


@asynccontextmanager
async def _listening(app: Served, bound: dict[str, socket.socket]) -> AsyncGenerator[dict[str, str]]:
    addresses = {name: _address_of(taken) for name, taken in bound.items()}
    for name, address in addresses.items():
        app.heard_at(name, address)
    await app.start()
    servers = {name: _server_for(app.listeners[name], app.http_protocol) for name in bound}
    try:
        for name, server in servers.items():
            await server.startup(sockets=[bound[name]])
        yield addresses
    finally:
        for name, server in servers.items():
            # At once: whoever still waits for an answer sees the connection end.
            server.force_exit = True
            await server.shutdown(sockets=[bound[name]])
        await app.stop()


def _server_for(app: ASGIApp, protocol: type[asyncio.Protocol]) -> uvicorn.Server:
    # No Date and no Server header: answers of two runs are the same bytes.
    config = uvicorn.Config(
        app,
        http=protocol,
        ws="none",
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
    return server


def _bind(host: str, port: int) -> socket.socket:
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError:
        taken.close()
        raise
    return taken


def _address_of(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"
