"""The composition root: the only file of this side that knows every part."""

import asyncio
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field

from contracts.binding import ASGIApp, Receive, Scope, Send
from simulators.accounts import DEFAULT, Accounts, Opening
from simulators.activity import Activity
from simulators.answering import build_gateway_app, stage_of
from simulators.arrivals import Arrivals
from simulators.clock import ClockMode, machine_ordinal
from simulators.control.app import build_control_app
from simulators.control.side import Side
from simulators.desk import Surroundings
from simulators.faults.rules import Stage
from simulators.gateways.registry import GATEWAYS
from simulators.journal import Actor
from simulators.merchant.api import MerchantApi, operation_names
from simulators.merchant.outgoing import Outlet
from simulators.merchant.played.backend import Shops
from simulators.merchant.provisioning import NAME, Provisioning
from simulators.merchant.server_calls import ServerCalls
from simulators.merchant.shop import Shop
from simulators.network import Network
from simulators.redaction import Redaction
from simulators.sender import Sender
from simulators.settings import Settings
from simulators.sockets import FaultProtocol

# The official public test store of SSLCommerz (READMEs of its SDKs, A): what people have in their first example.
_DEFAULT_CREDENTIALS = {"sslcommerz": {"store_id": "testbox", "store_passwd": "qwerty"}}
# What the reference server gives a shopper to follow a payment with (openapi.yaml, initPayment).
_SECRET_FIELDS = frozenset({"trackingToken"})


@dataclass(slots=True)
class Simulators:
    """The side. Whoever serves `listeners` tells with `heard_at` where, and calls `start` and `stop` around it."""

    listeners: Mapping[str, ASGIApp]
    http_protocol: type[asyncio.Protocol]
    accounts: Accounts
    settings: Settings
    _sender: Sender
    _outlet: Outlet
    _network: Network
    _addresses: dict[str, str] = field(default_factory=dict[str, str])

    def heard_at(self, listener: str, address: str) -> None:
        """Say where a listener answers, as http://host:port; a configured base URL goes before it."""
        if listener == "control":
            self._network.close_to_sends(address)
        if listener == "merchant":
            self._network.know_merchant(self.settings.base_urls.get(listener, address))
        self._addresses[listener] = self.settings.base_urls.get(listener, address)

    async def start(self) -> None:
        """Open what calls out, and let accounts on the machine's clock run what is due."""
        await self._sender.start()
        await self._outlet.start()
        self.accounts.is_running = True
        for account in self.accounts.all():
            account.start()

    async def stop(self) -> None:
        """End everything under way and close what calls out."""
        self.accounts.is_running = False
        for account in self.accounts.all():
            await account.stop()
        await self._outlet.stop()
        await self._sender.stop()


def create_app(settings: Settings, *, ordinal: Callable[[], int] | None = None) -> Simulators:
    """Build the side. `ordinal` counts the exchanges of a run; both sides of one process share it."""
    ordinal = ordinal or machine_ordinal
    secret_fields = _SECRET_FIELDS.union(*(gateway.secret_fields for gateway in GATEWAYS.values()))
    redaction = Redaction(secret_fields, known=lambda: secrets_of(accounts, settings, secret_fields))
    network = Network(settings.peers, settings.send_to, server_url=settings.configured_server_url)
    unclaimed = Activity()
    merchant_stage = Stage(NAME, ("provision", *operation_names()), ())
    stages = (*(stage_of(gateway) for gateway in GATEWAYS.values()), merchant_stage)
    accounts = Accounts(GATEWAYS, stages, unclaimed=unclaimed, ordinal=ordinal)
    start = settings.clock_start if settings.clock is ClockMode.VIRTUAL else None
    accounts.open(Opening(DEFAULT, settings.seed, start, credentials=_DEFAULT_CREDENTIALS))
    sender = Sender(network, redaction)
    outlet = Outlet(network, redaction)
    surroundings = Surroundings(accounts, network, sender, settings.base_urls)
    arrivals = Arrivals(unclaimed, ordinal, redaction, lambda: accounts.get(DEFAULT))
    addresses = dict(settings.base_urls)
    if "merchant" in addresses:
        network.know_merchant(addresses["merchant"])
    shops = Shops(accounts, outlet, lambda: addresses)
    side = Side(settings, accounts, GATEWAYS, surroundings, shops, lambda: addresses, lambda: accounts.is_running)
    listeners = {name: arrivals.taking(_gateway_app(name, surroundings, settings)) for name in GATEWAYS}
    listeners["merchant"] = arrivals.taking(_merchant_app(surroundings, shops, settings), receiver=Actor.MERCHANT)
    if settings.control:
        listeners["control"] = build_control_app(side)
    return Simulators(listeners, FaultProtocol, accounts, settings, sender, outlet, network, addresses)


def secrets_of(accounts: Accounts, settings: Settings, secret_fields: Container[str]) -> Iterator[str]:
    """Yield every secret that the side knows now."""
    yield settings.merchant_api_secret.get_secret_value()
    for account in accounts.all():
        for booth in account.booths.values():
            yield from (value for name, value in booth.credentials.items() if name in secret_fields)


def _gateway_app(name: str, surroundings: Surroundings, settings: Settings) -> ASGIApp:
    return build_gateway_app(GATEWAYS[name], surroundings, check_answers=settings.check_answers)


def _merchant_app(surroundings: Surroundings, shops: Shops, settings: Settings) -> ASGIApp:
    """The merchant listens once: below an account's name its delivery system and its backend, else the demo shop."""
    accounts = surroundings.accounts
    calls = ServerCalls(settings, shops.outlet, account=lambda: accounts.get(DEFAULT))
    delivery = Provisioning(surroundings).build_app(check_answers=settings.check_answers)
    backend = MerchantApi(surroundings, shops).build_app(check_answers=settings.check_answers)
    demo = Shop(surroundings, shops, calls).build_app(check_answers=settings.check_answers)
    behind = {"provision": delivery, "shop": backend, "receive": backend}

    async def one_of_them(scope: Scope, receive: Receive, send: Send) -> None:
        _, _, below = scope.get("path", "").removeprefix("/").partition("/")
        await behind.get(below.partition("/")[0], demo)(scope, receive, send)

    return one_of_them
