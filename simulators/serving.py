"""Puts the listeners on sockets of this process until somebody asks it to stop."""

import asyncio
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

import uvicorn

from contracts.binding import ASGIApp
from simulators.activity import Activity
from simulators.clock import Clock
from simulators.reach.authority import Certificates, provide
from simulators.reach.hosts import HOSTS
from simulators.reach.proxy import proxying
from simulators.reach.router import route_by_host
from simulators.settings import Settings


class Served(Protocol):
    """The side, as far as serving it goes; see `simulators.app.Simulators`."""

    @property
    def listeners(self) -> Mapping[str, ASGIApp]: ...
    @property
    def http_protocol(self) -> type[asyncio.Protocol]: ...
    @property
    def settings(self) -> Settings: ...
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
    ports |= {
        name: port for name, port in (("tls", settings.tls_port), ("proxy", settings.proxy_port)) if port is not None
    }
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
    async with listening(app, bound) as addresses:
        announce(addresses)
        await stopped.wait()


@asynccontextmanager
async def listening(app: Served, bound: dict[str, socket.socket]) -> AsyncGenerator[dict[str, str]]:
    """Serve what was bound while the context is open; gives the address of each. Raises `FolderUnusable`."""
    async with _listening(app, bound) as addresses, _reaching(app, bound, addresses) as reached:
        yield {**addresses, **reached}


@asynccontextmanager
async def _listening(app: Served, bound: dict[str, socket.socket]) -> AsyncGenerator[dict[str, str]]:
    bound = {name: taken for name, taken in bound.items() if name in app.listeners}
    addresses = {name: f"http://{_place_of(taken)}" for name, taken in bound.items()}
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
            await _stop(server, bound[name])
        await app.stop()


@asynccontextmanager
async def _reaching(
    app: Served, bound: dict[str, socket.socket], addresses: Mapping[str, str]
) -> AsyncGenerator[dict[str, str]]:
    """Answer under the gateways' own host names too, as far as sockets were bound for it."""
    if "tls" not in bound:
        yield {}
        return
    settings = app.settings
    # The machine's time: it is foreign code that asks whether a certificate is valid.
    certificates = provide(settings.certificates_folder, HOSTS, now=Clock(Activity()).wall())
    plain = {name: settings.base_urls.get(name, address) for name, address in addresses.items()}
    server = _server_for(route_by_host(app.listeners, plain=plain), app.http_protocol, certificates)
    async with AsyncExitStack() as stack:
        await server.startup(sockets=[bound["tls"]])
        stack.push_async_callback(_stop, server, bound["tls"])
        reached = {"tls": f"https://{_place_of(bound['tls'])}"}
        if "proxy" in bound:
            await stack.enter_async_context(proxying(bound["proxy"], to=bound["tls"].getsockname()[:2]))
            reached["proxy"] = f"http://{_place_of(bound['proxy'])}"
        yield reached


async def _stop(server: uvicorn.Server, bound: socket.socket) -> None:
    # At once: whoever still waits for an answer sees the connection end.
    server.force_exit = True
    await server.shutdown(sockets=[bound])


def _server_for(
    app: ASGIApp, protocol: type[asyncio.Protocol], certificates: Certificates | None = None
) -> uvicorn.Server:
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
        ssl_certfile=certificates and certificates.certificate,
        ssl_keyfile=certificates and certificates.key,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    return server


def _bind(host: str, port: int) -> socket.socket:
    # asyncio turns Nagle's delay off for sockets that name TCP: without, the body waits 40 ms for the head's receipt.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError:
        taken.close()
        raise
    return taken


def _place_of(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port}"
