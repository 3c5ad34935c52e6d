"""Starts both sides for a story, hands out the ways to speak to them, and owns their time.

The only file of this room that knows the two apps. Both listen on loopback sockets of their own under wire names, so
that what goes over the wire is the same in every run although the ports are not.
"""

import itertools
import json
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from reference_server.app import Server
from reference_server.app import Settings as ServerSettings
from reference_server.app import create_app as create_server
from scenarios.calls import Calls
from scenarios.child import ChildServer
from scenarios.conductor import Caps, Conductor
from scenarios.control import Control, control_at, control_here
from scenarios.listening import Listener, address_of, bind
from scenarios.sides import Side, SideElsewhere, SideHere
from simulators.app import Settings as SimulatorSettings
from simulators.app import Simulators
from simulators.app import create_app as create_simulators

SERVER = "http://server.test"
SSLCOMMERZ = "http://sslcommerz.test"
MERCHANT = "http://merchant.test"
ACCOUNT = "story"
_WIRE_NAMES: Mapping[str, str] = MappingProxyType({"sslcommerz": SSLCOMMERZ, "merchant": MERCHANT})


class ServerIsHere(Exception):
    """A story wants to kill a server that runs in the story's own process."""


class NoSuchSettings(Exception):
    """A story sets what the server has not, or what it does not take; names each."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a story needs of its world."""

    seed: int
    start: datetime
    server_in_own_process: bool = False
    simulator_settings: Mapping[str, Mapping[str, object]] = field(default_factory=lambda: MappingProxyType({}))
    server_settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    caps: Caps = field(default_factory=Caps)


@dataclass(frozen=True, slots=True)
class Ground:
    """The simulators of this process, on which accounts are opened one after another, each a world of its own.

    `control` speaks of no account; `calls` reaches wire names and real addresses alike; `urls` are what others call
    the listeners by.
    """

    control: Control
    calls: Calls
    urls: Mapping[str, str]
    _app: Simulators

    def side_of(self, account: str) -> Side:
        """Return the time of an account."""
        return SideHere(account, self._app.accounts.get(account).timekeeper)


@asynccontextmanager
async def open_ground(plan: Plan, *, is_closed: bool = True) -> AsyncGenerator[Ground]:
    """Start the simulators alone.

    Where the world `is_closed`, listeners go by wire names and everybody keeps the virtual clock; else they go by their
    addresses, for a foreign merchant, who keeps the machine's time.
    """
    async with AsyncExitStack() as stack:
        sockets = {name: bind() for name in (SSLCOMMERZ, MERCHANT)}
        addresses = {name: address_of(bound) for name, bound in sockets.items()}
        own = {name: f"http://{addresses[wire]}" for name, wire in _WIRE_NAMES.items()}
        urls, peers = (_WIRE_NAMES, addresses) if is_closed else (own, {})
        ordinal = itertools.count(1).__next__
        app = await _simulators(stack, plan, _Wiring(sockets, peers, urls), ordinal=ordinal)
        calls = Calls(peers)
        stack.push_async_callback(calls.close)
        yield Ground(control_here(app.listeners["control"]), calls, urls, app)


@dataclass(slots=True)
class World:
    """Both sides, standing at one instant."""

    conductor: Conductor
    calls: Calls
    simulators: Control
    server: Control
    api_headers: Mapping[str, str]
    child: ChildServer | None
    _sides: dict[str, Side]
    # None where the simulators run in a process of their own.
    _ground: Ground | None
    # The secrets of the simulated gateway account, by gateway.
    credentials: Mapping[str, Mapping[str, str]]
    lost_journal: list[dict[str, object]] = field(default_factory=list[dict[str, object]])

    @property
    def ground(self) -> Ground:
        """The simulators of this process. Raises `ServerIsHere` where they run elsewhere."""
        if self._ground is None:
            raise ServerIsHere("the simulators run elsewhere: other accounts of theirs are not for this story")
        return self._ground

    @property
    def now(self) -> datetime:
        """The virtual instant of all sides."""
        return self.conductor.now

    async def kill_server(self) -> None:
        """Kill the server's process; what its journal held is kept here. Raises `ServerIsHere` when it runs in ours."""
        child = self._needs_child()
        self.lost_journal += (await self.server.get("/_control/journal", limit=10_000))["exchanges"]
        child.kill()
        self.conductor.sides = [self._sides["simulators"]]

    async def start_server(self) -> None:
        """Start a killed server again on what it had stored, at the present instant."""
        await self._needs_child().start()
        await self._sides["server"].set_clock(self.now)
        self.conductor.sides = list(self._sides.values())

    def _needs_child(self) -> ChildServer:
        if self.child is None:
            raise ServerIsHere("the server runs in this process: a story that kills it says `server: own process`")
        return self.child


@asynccontextmanager
async def open_world(plan: Plan) -> AsyncGenerator[World]:
    """Start both sides at `plan.start` and stop them at the end."""
    async with AsyncExitStack() as stack:
        sockets = {name: bind() for name in (SERVER, SSLCOMMERZ, MERCHANT)}
        for bound in sockets.values():
            stack.callback(bound.close)
        peers = {name: address_of(bound) for name, bound in sockets.items()}
        ordinal = None if plan.server_in_own_process else itertools.count(1).__next__
        simulators = await _simulators(stack, plan, _Wiring(sockets, peers, _WIRE_NAMES), ordinal=ordinal)
        simulators_control = control_here(simulators.listeners["control"])
        opened = await _open_accounts(simulators_control, plan)
        sides: dict[str, Side] = {"simulators": SideHere("simulators", simulators.accounts.get(ACCOUNT).timekeeper)}
        child = None
        if plan.server_in_own_process:
            sockets[SERVER].close()
            child = await _child(stack, plan, peers)
            server_control = control_at(f"http://{child.address}")
            sides["server"] = SideElsewhere("server", server_control)
        else:
            server = await _server(stack, plan, peers=peers, bound=sockets[SERVER], ordinal=ordinal)
            server_control = control_here(server.asgi)
            sides["server"] = SideHere("server", server.timekeeper)
        stack.push_async_callback(server_control.close)
        api_headers = await _open_merchant(server_control, opened)
        conductor = Conductor(plan.start, caps=plan.caps)
        conductor.sides = list(sides.values())
        calls = Calls(peers)
        stack.push_async_callback(calls.close)
        ground = Ground(simulators_control, calls, _WIRE_NAMES, simulators)
        of_account = simulators_control.of_account(ACCOUNT)
        shown = opened["credentials"]
        yield World(conductor, calls, of_account, server_control, api_headers, child, sides, ground, shown)


@dataclass(frozen=True, slots=True)
class _Wiring:
    """Where the simulators listen, what others call that, and which addresses keep their clock."""

    sockets: Mapping[str, socket.socket]
    peers: Mapping[str, str]
    urls: Mapping[str, str]


async def _simulators(stack: AsyncExitStack, plan: Plan, wiring: _Wiring, *, ordinal: Any) -> Simulators:
    settings = SimulatorSettings.model_validate(
        {
            "clock": "virtual",
            "clock_start": plan.start,
            "seed": plan.seed,
            "peers": dict(wiring.peers),
            "base_urls": dict(wiring.urls),
            "control": True,
        }
    )
    app = create_simulators(settings, ordinal=ordinal)
    await app.start()
    stack.push_async_callback(app.stop)
    for name, wire_name in _WIRE_NAMES.items():
        bound = wiring.sockets[wire_name]
        listener = await Listener.open(app.listeners[name], bound, protocol=app.http_protocol)
        stack.push_async_callback(listener.close)
    return app


async def _server(
    stack: AsyncExitStack, plan: Plan, *, peers: Mapping[str, str], bound: socket.socket, ordinal: Any
) -> Server:
    app = create_server(_checked({"database_url": "sqlite://", **_server_settings(plan, peers)}), ordinal=ordinal)
    await app.start()
    stack.push_async_callback(app.stop)
    protocols = {"protocol": app.http_protocol, "websockets": app.websocket_protocol}
    listener = await Listener.open(app.asgi, bound, **protocols)
    stack.push_async_callback(listener.close)
    return app


async def _child(stack: AsyncExitStack, plan: Plan, peers: Mapping[str, str]) -> ChildServer:
    settings = _server_settings(plan, peers)
    # From its environment it would take no notice of a name that it does not know.
    _checked(settings)
    child = ChildServer(peers[SERVER], _as_environment(settings))
    stack.callback(child.close)
    await child.start()
    return child


def _server_settings(plan: Plan, peers: Mapping[str, str]) -> dict[str, object]:
    """The server's settings by name: the same for a server in this process and for one in its own."""
    return {
        "public_url": SERVER,
        "frontend_url": MERCHANT,
        "control": True,
        "clock": "virtual",
        "clock_start": plan.start.isoformat(),
        "seed": plan.seed,
        "peers": dict(peers),
        "worker_name": "story",
        **{name.lower(): value for name, value in plan.server_settings.items()},
    }


def _checked(settings: Mapping[str, object]) -> ServerSettings:
    try:
        return ServerSettings.model_validate(settings)
    except ValidationError as wrong:
        found = wrong.errors(include_url=False, include_context=False, include_input=False)
        lines = [f"{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in found]
        raise NoSuchSettings(f"settings of the server: {'; '.join(lines)}") from None


def _as_environment(settings: Mapping[str, object]) -> dict[str, str]:
    """Write settings as the environment variables that the server reads."""
    return {
        name.upper(): json.dumps(value) if isinstance(value, dict) else str(value) for name, value in settings.items()
    }


async def _open_accounts(simulators: Control, plan: Plan) -> Any:
    settings = {gateway: dict(chosen) for gateway, chosen in plan.simulator_settings.items()}
    account = {"name": ACCOUNT, "seed": plan.seed, "now": plan.start.isoformat(), "settings": settings}
    return await simulators.post("/_control/accounts", account)


async def _open_merchant(server: Control, opened: Any) -> dict[str, str]:
    """Join a merchant to the gateway account just opened, and return the headers that its backend sends."""
    gateway = {"name": "sslcommerz", "credentials": opened["credentials"]["sslcommerz"], "base_url": SSLCOMMERZ}
    merchant = await server.post(
        "/_control/accounts",
        {
            "name": ACCOUNT,
            "gateway": gateway,
            "provisioning_url": opened["base_urls"]["provisioning"],
            "frontend_url": MERCHANT,
        },
    )
    api = merchant["credentials"]["api"]
    return {"X-Api-Key": api["key"], "X-Api-Secret": api["secret"]}
