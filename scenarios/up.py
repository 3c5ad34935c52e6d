"""`gatewright up`: everything in one process on the machine's own clock, for a person with a browser."""

import asyncio
import signal
import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import typer
from pydantic import SecretStr

from scenarios.control import Control, control_here
from scenarios.listening import Listener, bind
from scenarios.world import ServerSettings, SimulatorSettings, create_server, create_simulators

ACCOUNT = "demo"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where each part listens: one host, a port each."""

    host: str
    server: int
    panel: int
    sslcommerz: int
    merchant: int

    def url(self, port: int) -> str:
        """Return the base URL of one part."""
        return f"http://{self.host}:{port}"

    def ports(self) -> tuple[tuple[str, int], ...]:
        """Return each part, by the name that its option has, with its port."""
        parts = (self.server, self.panel, self.sslcommerz, self.merchant)
        return tuple(zip(("server", "panel", "sslcommerz", "merchant"), parts, strict=True))


class PortTaken(OSError):
    """A part cannot listen where it should; the text says which option moves it."""


async def stay_up(addresses: Addresses) -> None:
    """Serve until Ctrl-C or SIGTERM. Raises `PortTaken`."""
    async with AsyncExitStack() as stack:
        api = await _start(stack, addresses)
        typer.echo(_where_to_look(addresses, api))
        stopped = asyncio.Event()
        for wanted in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(wanted, stopped.set)
        await stopped.wait()
        typer.echo("stopping")


async def _start(stack: AsyncExitStack, addresses: Addresses) -> Mapping[str, str]:
    sockets = _bind_all(addresses)
    settings = ServerSettings(
        public_url=addresses.url(addresses.server),
        frontend_url=addresses.url(addresses.merchant),
        database_url="sqlite://",
        control=True,
    )
    server = create_server(settings)
    await server.start()
    stack.push_async_callback(server.stop)
    api = await _open_merchant(control_here(server.asgi), addresses)
    simulators = create_simulators(
        SimulatorSettings(
            base_urls={
                "sslcommerz": addresses.url(addresses.sslcommerz),
                "merchant": addresses.url(addresses.merchant),
            },
            server_url=addresses.url(addresses.server),
            merchant_api_key=api["key"],
            merchant_api_secret=SecretStr(api["secret"]),
        )
    )
    await simulators.start()
    stack.push_async_callback(simulators.stop)
    apps = {addresses.panel: "control", addresses.sslcommerz: "sslcommerz", addresses.merchant: "merchant"}
    for port, name in apps.items():
        listener = await Listener.open(simulators.listeners[name], sockets[port], protocol=simulators.http_protocol)
        stack.push_async_callback(listener.close)
    protocols = {"protocol": server.http_protocol, "websockets": server.websocket_protocol}
    listener = await Listener.open(server.asgi, sockets[addresses.server], **protocols)
    stack.push_async_callback(listener.close)
    return api


def _bind_all(addresses: Addresses) -> dict[int, socket.socket]:
    bound: dict[int, socket.socket] = {}
    for part, port in addresses.ports():
        # Two sockets of one process that do not listen yet may share a port: the system would not say so.
        if port in bound:
            raise PortTaken(f"{part} cannot listen on port {port}, which another part has; give --{part}-port")
        bound[port] = _bind(addresses.host, port, part=part)
    return bound


def _bind(host: str, port: int, *, part: str) -> socket.socket:
    try:
        return bind(host, port)
    except OSError as taken:
        raise PortTaken(f"{part} cannot listen on {host}:{port} ({taken.strerror}); give --{part}-port") from taken


async def _open_merchant(server: Control, addresses: Addresses) -> Any:
    """Open the demo shop's merchant account, joined to the public test store of the simulated SSLCommerz."""
    credentials = {"store_id": "testbox", "store_passwd": "qwerty"}
    opened = await server.post(
        "/_control/accounts",
        {
            "name": ACCOUNT,
            "gateway": {
                "name": "sslcommerz",
                "credentials": credentials,
                "base_url": addresses.url(addresses.sslcommerz),
            },
            "provisioning_url": f"{addresses.url(addresses.merchant)}/default/provision",
            "frontend_url": addresses.url(addresses.merchant),
        },
    )
    await server.close()
    return opened["credentials"]["api"]


def _where_to_look(addresses: Addresses, api: Mapping[str, str]) -> str:
    url = addresses.url
    faults, journal = f"{url(addresses.panel)}/_control/faults", f"{url(addresses.panel)}/_control/journal"
    late = '{"faults": [{"late": {"by_seconds": 60}}]}'
    return "\n".join(
        (
            "Gatewright is up.",
            f"  demo shop             {url(addresses.merchant)}   buy something, pay, watch the order",
            f"  simulated SSLCommerz  {url(addresses.sslcommerz)}   store testbox, password qwerty",
            f"  reference server      {url(addresses.server)}   what can be asked: {url(addresses.server)}/docs",
            f"      with the headers  X-Api-Key: {api['key']}  X-Api-Secret: {api['secret']}",
            f"  what went over the wire   {journal}?operation=ipn   or without the question mark, all",
            "Break something: every notification a minute late; and mend it again.",
            f"  curl -H 'Content-Type: application/json' -d '{late}' {faults}",
            f"  curl -X DELETE {faults}",
            "Ctrl-C stops everything; nothing is kept.",
        )
    )
