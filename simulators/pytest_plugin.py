"""Fixtures for other people's suites, shipped as `gatewright_pytest`: a fresh simulated gateway account for each test.

Imports the standard library and pytest alone. The simulators run in a process of their own, started when the first
test asks for them and shared by all workers of pytest-xdist; everything is asked of them through `/_control`.
"""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from signal import SIGTERM
from typing import Any, cast

import pytest

START_SECONDS = 30
STOP_SECONDS = 10
ANSWER_SECONDS = 60
POLL_SECONDS = 0.05

JsonObject = dict[str, Any]
FOLDER = pytest.StashKey[str]()
# Never through a proxy of the environment: the simulators are on this machine.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class GatewrightError(Exception):
    """The simulators did not start, or refused what a test asked of them; the message is theirs."""


@dataclass(frozen=True, slots=True)
class Simulators:
    """Running simulators, by the address of their control plane."""

    control_url: str

    def ask(self, method: str, path: str, *, body: object = None, **query: object) -> JsonObject:
        """Ask the control plane one thing; an answer without a body is an empty object.

        Raises `GatewrightError` with the simulators' own words when they refuse.
        """
        __tracebackhide__ = True
        given = {name: str(value) for name, value in query.items() if value is not None}
        url = f"{self.control_url}/_control{path}?{urllib.parse.urlencode(given)}"
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, sent, {"Content-Type": "application/json"}, method=method)
        try:
            with OPENER.open(request, timeout=ANSWER_SECONDS) as answer:
                return cast("JsonObject", json.loads(answer.read() or b"{}"))
        except urllib.error.HTTPError as refusal:
            raise GatewrightError(f"{method} {path}: {words_of(refusal)}") from None

    def is_ready(self) -> bool:
        try:
            return bool(self.ask("GET", "/health")["ready"])
        except (OSError, GatewrightError):
            return False

    def open_account(self, name: str, **settings: object) -> "SSLCommerzAccount":
        __tracebackhide__ = True
        opened = self.ask("POST", "/accounts", body={"name": name, **settings})
        credentials = opened["credentials"]["sslcommerz"]
        urls = cast("Mapping[str, str]", opened.get("base_urls", {}))
        return SSLCommerzAccount(self, name, credentials["store_id"], credentials["store_passwd"], urls)


def words_of(refusal: urllib.error.HTTPError) -> str:
    body = refusal.read()
    try:
        problem = json.loads(body)
        broken = [f"{found['pointer']}: {found['message']}" for found in problem.get("violations", [])]
        return "; ".join([problem["title"], *filter(None, [problem.get("detail")]), *broken])
    except (ValueError, KeyError, TypeError):
        return f"{refusal.code} {body[:500].decode(errors='replace')}"


@dataclass(frozen=True, slots=True)
class SSLCommerzAccount:
    """One simulated SSLCommerz store with its own clock, faults, orders and journal; nobody else sees them."""

    simulators: Simulators
    name: str
    store_id: str
    store_passwd: str
    base_urls: Mapping[str, str]

    @property
    def base_url(self) -> str:
        """Where the store's API answers: put it where your code has https://sandbox.sslcommerz.com."""
        return self.base_urls["sslcommerz"]

    def set_clock(self, now: datetime | str) -> None:
        """Stand the account's clock at an instant with a time zone; from now on it moves only by `advance`."""
        __tracebackhide__ = True
        self._ask("PUT", "/clock", {"now": now if isinstance(now, str) else now.isoformat()})

    def advance(self, by: timedelta | float) -> list[JsonObject]:
        """Move the clock, in seconds or as a timedelta, running what falls due; returns what ran.

        Raises `GatewrightError` when things do not come to rest, saying why.
        """
        __tracebackhide__ = True
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        moved = self._ask("POST", "/clock/advance", {"by_seconds": seconds})
        if not moved["quiet"]:
            raise GatewrightError(f"the simulators did not come to rest: {moved.get('because', 'no reason given')}")
        return cast("list[JsonObject]", moved["ran"])

    def inject_fault(self, name: str, *, when: Mapping[str, object] | None = None, **settings: object) -> str:
        """Arm one fault by name: `inject_fault("late", by_seconds=3600, when={"event": "ipn"})`; returns its id."""
        __tracebackhide__ = True
        rule: JsonObject = {"faults": [{name: settings}]}
        if when:
            rule["when"] = dict(when)
        return cast("str", self._ask("POST", "/faults", rule)["id"])

    def clear_faults(self) -> None:
        __tracebackhide__ = True
        self._ask("DELETE", "/faults")

    def pay(self, order: str, **how: object) -> JsonObject:
        """Pay an order (your `tran_id`) as a shopper on the checkout page would; `how` is method, amount, risk_level.

        Without `set_clock` the IPN comes by itself shortly after; on a clock that stands it comes with `advance(0)`.
        Returns the gateway's state, and under `return` the form that a browser would now post to your success URL.
        """
        __tracebackhide__ = True
        return self._ask("POST", "/shopper", {"action": "pay", "order": order, **how})

    def decline(self, order: str, **how: object) -> JsonObject:
        """Have the shopper's bank decline the payment."""
        __tracebackhide__ = True
        return self._ask("POST", "/shopper", {"action": "decline", "order": order, **how})

    def cancel(self, order: str, **how: object) -> JsonObject:
        """Have the shopper press cancel."""
        __tracebackhide__ = True
        return self._ask("POST", "/shopper", {"action": "cancel", "order": order, **how})

    def notify(self, order: str, **how: object) -> JsonObject:
        """Plan an IPN of your own making: proof (right, wrong_key, missing, altered), fields, url."""
        __tracebackhide__ = True
        return self._ask("POST", "/trigger", {"event": "ipn", "order": order, **how})

    def read_journal(self, **only: object) -> list[JsonObject]:
        """Return what went over the wire, oldest first; narrowed by order, operation, after (an id), limit.

        With `wait` the answer is held for so many seconds until something newer than `after` is there.
        """
        __tracebackhide__ = True
        return cast("list[JsonObject]", self._ask("GET", "/journal", **only)["exchanges"])

    def list_orders(self) -> list[JsonObject]:
        """Return the gateway's truth about the account's orders, oldest first."""
        __tracebackhide__ = True
        return cast("list[JsonObject]", self._ask("GET", "/orders")["orders"])

    def close(self) -> None:
        __tracebackhide__ = True
        self.simulators.ask("DELETE", f"/accounts/{self.name}")

    def _ask(self, method: str, path: str, body: object = None, **query: object) -> JsonObject:
        __tracebackhide__ = True
        return self.simulators.ask(method, path, body=body, account=self.name, **query)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gatewright")
    group.addoption("--gatewright-url", help="control plane of simulators that run already; none are started then")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where all workers of this run meet."""
    stash = cast("pytest.Config", node.config).stash
    if FOLDER not in stash:
        stash[FOLDER] = tempfile.mkdtemp(prefix="gatewright-")
    node.workerinput["gatewright_folder"] = stash[FOLDER]


def pytest_unconfigure(config: pytest.Config) -> None:
    folder = config.stash.get(FOLDER, None)
    if folder:
        stop_shared(Path(folder))
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def gatewright_simulators(pytestconfig: pytest.Config) -> Iterator[Simulators]:
    """The running simulators: those of --gatewright-url, or of this run, started now."""
    running = cast("str | None", pytestconfig.getoption("--gatewright-url"))
    folder = getattr(pytestconfig, "workerinput", {}).get("gatewright_folder")
    if running:
        yield Simulators(running.rstrip("/"))
    elif folder:
        yield join_shared(Path(folder))
    else:
        with started_alone() as simulators:
            yield simulators


@pytest.fixture
def gatewright_sslcommerz(
    gatewright_simulators: Simulators, request: pytest.FixtureRequest
) -> Iterator[SSLCommerzAccount]:
    """A fresh SSLCommerz store for this test; its ids are the same in each run, since name and seed follow the test."""
    digest = hashlib.blake2s(request.node.nodeid.encode(), digest_size=8)
    foreign = request.config.getoption("--gatewright-url")  # others may run the same suite against the same simulators
    name = f"t{digest.hexdigest()}{os.getpid() % 1_000_000 if foreign else ''}"
    account = gatewright_simulators.open_account(name, seed=int.from_bytes(digest.digest()[:6], "big"))
    yield account
    account.close()


def join_shared(folder: Path) -> Simulators:
    """Start the simulators of this run, or wait for the worker that was first to do so."""
    meeting = folder / "address.json"
    try:
        os.close(os.open(folder / "starter", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return wait_for_starter(meeting)
    found: JsonObject = {}
    try:
        process, simulators = start(folder)
        HELD.append(process)
        found = {"pid": process.pid, "url": simulators.control_url}
        return simulators
    finally:
        draft = folder / "address.draft"
        draft.write_text(json.dumps(found))
        draft.replace(meeting)


# A process object that is let go while its process runs warns; the controller ends the process, not this worker.
HELD: list[subprocess.Popen[bytes]] = []


def wait_for_starter(meeting: Path) -> Simulators:
    give_up_at = time.monotonic() + START_SECONDS + STOP_SECONDS
    while not meeting.exists():
        if time.monotonic() > give_up_at:
            raise GatewrightError("another worker began to start the simulators and did not finish")
        time.sleep(POLL_SECONDS)
    found = json.loads(meeting.read_text())
    if not found:
        raise GatewrightError("the simulators did not start; the worker that tried says why")
    return Simulators(found["url"])


def stop_shared(folder: Path) -> None:
    with suppress(FileNotFoundError, KeyError, ProcessLookupError):
        os.kill(json.loads((folder / "address.json").read_text())["pid"], SIGTERM)


@contextmanager
def started_alone() -> Generator[Simulators]:
    with tempfile.TemporaryDirectory(prefix="gatewright-") as folder:
        process, simulators = start(Path(folder))
        try:
            yield simulators
        finally:
            stop(process)


def start(folder: Path) -> tuple[subprocess.Popen[bytes], Simulators]:
    """Start the simulators on ports of their own and wait until they are ready; their output goes into `folder`."""
    port = free_port()
    simulators = Simulators(f"http://127.0.0.1:{port}")
    output = folder / "simulators.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            COMMAND, env=environment_of(port), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder
        )
    give_up_at = time.monotonic() + START_SECONDS
    while not simulators.is_ready():
        if process.poll() is not None or time.monotonic() > give_up_at:
            stop(process)
            said = output.read_text(errors="replace")[-2_000:]
            raise GatewrightError(f"`gatewright simulate` did not start; it said:\n{said}")
        time.sleep(POLL_SECONDS)
    return process, simulators


# -I: a `contracts` or `simulators` folder of the suite's own must not come before ours.
COMMAND = [sys.executable, "-I", "-m", "gatewright", "simulate"]
# What a program needs to run at all, and whom notifications may reach besides this machine; a SEED or CLOCK of the
# suite's own environment is not meant for us.
HANDED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "SYSTEMROOT", "LD_LIBRARY_PATH", "SEND_TO")


def environment_of(port: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
    return {**kept, "HOST": "127.0.0.1", "CONTROL_PORT": str(port), "SSLCOMMERZ_PORT": "0", "MERCHANT_PORT": "0"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return cast("int", probe.getsockname()[1])


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
