"""Both sides on loopback sockets of this process and on the machine's clock, in a thread that a test may block beside.

Every answer is checked against its document before it leaves: a wrong one is a 500.
"""

import json
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from reference_server.app import Server, create_app
from reference_server.settings import Settings
from scenarios.listening import Listener, address_of, bind
from simulators.app import Simulators
from simulators.app import create_app as create_simulators
from simulators.settings import Settings as SimulatorSettings
from tests.reference_server.engine import placed
from tests.wire.loops import LoopInThread

ROOT = Path(__file__).parents[2]
LISTENERS = ("server", "control", "sslcommerz", "merchant")
API_KEY, API_SECRET = "key_wire", "sec_wire"
# The public test store that the simulated SSLCommerz knows from the start.
STORE = {"store_id": "testbox", "store_passwd": "qwerty"}


@dataclass(frozen=True, slots=True)
class Sides:
    """Where each listener is, and what has raised behind the answers."""

    urls: Mapping[str, str]
    _loop: LoopInThread
    _server: Server
    _simulators: Simulators

    def take_failures(self) -> list[str]:
        """Return what raised, on either side, in work that nobody waits for."""
        return self._loop.wait_for(self._failures())

    async def _failures(self) -> list[str]:
        keepers = [self._server.timekeeper, *(account.timekeeper for account in self._simulators.accounts.all())]
        return [failure for keeper in keepers for failure in keeper.take_failures()]


@dataclass(frozen=True, slots=True)
class SidesElsewhere:
    """Where each listener of another process is."""

    urls: Mapping[str, str]
    _process: subprocess.Popen[str]

    def memory_bytes(self, name: str) -> int:
        """Return what proc(5) tells of the process: VmRSS, its memory now, or VmHWM, the most it ever was."""
        told = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
        return int(next(line.split()[1] for line in told.splitlines() if line.startswith(f"{name}:"))) * 1024


@contextmanager
def standing() -> Generator[Sides]:
    """Start both sides, a merchant of the server joined to the simulated gateway; stop them at the end."""
    loop, stack = LoopInThread(), AsyncExitStack()
    try:
        yield loop.wait_for(_start(stack, loop))
    finally:
        loop.wait_for(stack.aclose())
        loop.close()


@contextmanager
def standing_elsewhere() -> Generator[SidesElsewhere]:
    """Start both sides in a process of their own, so that its memory is theirs alone; stop it at the end."""
    command = [sys.executable, "-c", "from tests.wire.sides import stand_until_told; stand_until_told()"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield SidesElsewhere(json.loads(process.stdout.readline()), process)
        finally:
            process.communicate()


def stand_until_told() -> None:
    """Print where the listeners are and serve until nobody holds our standard input any more."""
    with standing() as sides:
        sys.stdout.write(f"{json.dumps(dict(sides.urls))}\n")
        sys.stdout.flush()
        sys.stdin.read()


async def _start(stack: AsyncExitStack, loop: LoopInThread) -> Sides:
    sockets = {name: bind() for name in LISTENERS}
    urls = {name: f"http://{address_of(bound)}" for name, bound in sockets.items()}
    simulators = create_simulators(_simulator_settings(urls))
    await simulators.start()
    stack.push_async_callback(simulators.stop)
    server = create_app(placed(_server_settings(urls), until=stack))
    await server.start()
    stack.push_async_callback(server.stop)
    for name, bound in sockets.items():
        side = server if name == "server" else simulators
        app = server.asgi if name == "server" else simulators.listeners[name]
        websockets = server.websocket_protocol if name == "server" else None
        listener = await Listener.open(app, bound, protocol=side.http_protocol, websockets=websockets)
        stack.push_async_callback(listener.close)
    return Sides(urls, loop, server, simulators)


def _simulator_settings(urls: Mapping[str, str]) -> SimulatorSettings:
    return SimulatorSettings(
        base_urls=dict(urls.items() - {("server", urls["server"])}),
        server_url=urls["server"],
        merchant_api_key=API_KEY,
        merchant_api_secret=SecretStr(API_SECRET),
        check_answers=True,
    )


def _server_settings(urls: Mapping[str, str]) -> Settings:
    return Settings(
        public_url=urls["server"],
        frontend_url=urls["merchant"],
        database_url="sqlite://",
        control=True,
        check_answers=True,
        # A sandbox that answers soon, and receivers that are tried again soon.
        test_mode=True,
        test_processing_delay=200,
        webhook_retry_intervals_test=True,
        merchant_api_key=API_KEY,
        merchant_api_secret=SecretStr(API_SECRET),
        sslcommerz_store_id=STORE["store_id"],
        sslcommerz_store_passwd=SecretStr(STORE["store_passwd"]),
        sslcommerz_base_url=urls["sslcommerz"],
        provisioning_url=f"{urls['merchant']}/default/provision",
    )
