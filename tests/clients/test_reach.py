"""SDKs that are given no base URL: they call the vendor's own hosts and reach the simulators all the same."""

import json
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.clients.checklist import FUNCTIONS, Client
from tests.clients.simulated import NO_SETTINGS, Running, World, open_world
from tests.clients.speaking import NPM, speaking
from tests.clients.test_sslcommerz_python import buy

DOOR = (sys.executable, "-m", "gatewright")
VALIDATOR = "/validator/api/validationserverAPI.php"


def place_of(url: str | None) -> str:
    assert url
    return url.partition("://")[2]


def redirected(reached: Running, *, through_proxy: bool = False) -> tuple[str, ...]:
    """Return the command that runs a program so that the vendor's hosts are the simulators."""
    way = ("--proxy", place_of(reached.proxy)) if through_proxy else ("--to", place_of(reached.tls))
    return (*DOOR, "redirect", "--certs-dir", str(reached.certs), *way, "--")


def a_world(reached: Running, name: str) -> World:
    return open_world(reached.control, f"reach-{name}", now="2031-05-01T06:00:00Z", seed=11)


def pay_through(world: World, client: Client) -> None:
    session = client.create("REACHED-1")
    # The shopper's browser is not redirected: the page is where it can be found.
    assert session["GatewayPageURL"].startswith(f"{world.base_url}/EasyCheckOut/")
    world.ask("POST", "/shopper", {"action": "pay", "order": "REACHED-1"})
    found = client.by_session(session["sessionkey"])
    assert [client.validate(found["val_id"])["status"] for _ in range(3)] == ["VALID", "VALIDATED", "VALIDATED"]


@pytest.mark.parametrize("sdk", sorted(FUNCTIONS))
def test_a_redirected_sdk_pays_without_a_base_url(reached: Running, sdk: str) -> None:
    world = a_world(reached, f"to-{sorted(FUNCTIONS).index(sdk)}")
    with speaking(sdk, world.store, by=redirected(reached)) as speaker:
        pay_through(world, Client(speaker, FUNCTIONS[sdk], world.store))

    hosts = {header for one in world.journal(operation="validateOrder") for header in hosts_of(one)}
    assert hosts == {"sandbox.sslcommerz.com"}


def hosts_of(exchange: Mapping[str, Any]) -> list[str]:
    return [value for name, value in exchange["request"]["headers"] if name.lower() == "host"]


def test_a_redirected_python_of_2019_pays_without_a_base_url(reached: Running) -> None:
    world = a_world(reached, "of-2019")
    with speaking("sslcommerz-python", world.store, by=redirected(reached)) as speaker:
        opened = buy(speaker)
        outcome = world.ask("POST", "/shopper", {"action": "pay", "session": opened["sessionkey"]})
        validated = speaker.call("validate_transaction", outcome["return"]["fields"]["val_id"])

    assert validated["status"] == "VALID"


@pytest.mark.parametrize("sdk", sorted(FUNCTIONS.keys() - NPM))
def test_an_sdk_pays_through_the_forward_proxy(reached: Running, sdk: str) -> None:
    world = a_world(reached, f"proxy-{sorted(FUNCTIONS).index(sdk)}")
    with speaking(sdk, world.store, by=redirected(reached, through_proxy=True)) as speaker:
        pay_through(world, Client(speaker, FUNCTIONS[sdk], world.store))


CLIENTS = """
import asyncio, json, sys, urllib.request
import aiohttp, httpx, requests

url = sys.argv[1]

async def by_httpx():
    async with httpx.AsyncClient() as client:
        return (await client.get(url)).json()

async def by_aiohttp():
    async with aiohttp.ClientSession(trust_env=True) as client, client.get(url) as answer:
        return json.loads(await answer.text())

answers = [requests.get(url).json(), httpx.get(url).json(), json.load(urllib.request.urlopen(url)),
           asyncio.run(by_httpx()), asyncio.run(by_aiohttp())]
print(json.dumps(answers))
"""


@pytest.mark.parametrize("through_proxy", [False, True])
def test_every_usual_client_of_python_is_redirected(reached: Running, *, through_proxy: bool) -> None:
    world = a_world(reached, f"clients-{through_proxy}".lower())
    url = f"https://securepay.sslcommerz.com{VALIDATOR}?val_id=x&{query_of(world.store)}"
    done = run([*redirected(reached, through_proxy=through_proxy), sys.executable, "-c", CLIENTS, url])

    assert json.loads(done.stdout) == [{"status": "INVALID_TRANSACTION", "APIConnect": "DONE"}] * 5, done.stderr


def query_of(store: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in store.items())


def run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("way", ["--connect-to", "--proxy"])
def test_curl_trusts_the_authority_at_the_vendors_address(reached: Running, way: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("this machine has no curl")
    world = a_world(reached, f"curl{way[:5]}")
    leads = {"--connect-to": f"::{place_of(reached.tls)}", "--proxy": str(reached.proxy)}[way]
    url = f"https://sandbox.sslcommerz.com{VALIDATOR}?val_id=x&{query_of(world.store)}"
    authority = Path(str(reached.certs)) / "ca.pem"
    done = run(["curl", "--silent", "--show-error", "--cacert", str(authority), way, leads, url])

    assert json.loads(done.stdout) == {"status": "INVALID_TRANSACTION", "APIConnect": "DONE"}, done.stderr


@pytest.mark.parametrize("through_proxy", [False, True])
def test_an_answer_lost_by_a_reset_is_lost_under_tls_too(reached: Running, *, through_proxy: bool) -> None:
    world = a_world(reached, f"reset-{through_proxy}".lower())
    world.ask("POST", "/faults", {"faults": [{"reset_after_work": NO_SETTINGS}]})
    with speaking("sslcommerz-sdk", world.store, by=redirected(reached, through_proxy=through_proxy)) as speaker:
        told = speaker.try_call("query_transaction_by_tran_id", "x")

    # Python's ssl tells a reset like this; that it is one on the wire: tests/simulators/reach/test_serving.py.
    assert "RemoteDisconnected" in told["error"]
    assert [one["outcome"] for one in world.journal(operation="queryTransaction")] == ["reset"]


def test_a_client_that_gives_up_inside_its_tunnel_leaves_the_proxy_working(reached: Running) -> None:
    host, _, port = place_of(reached.proxy).rpartition(":")
    for _ in range(3):
        with socket.create_connection((host, int(port))) as tunnel:
            tunnel.sendall(b"CONNECT sandbox.sslcommerz.com:443 HTTP/1.1\r\n\r\n")
            assert b"200" in tunnel.recv(100)
            tunnel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    world = a_world(reached, "gave-up")
    with speaking("sslcommerz-sdk", world.store, by=redirected(reached, through_proxy=True)) as speaker:
        assert speaker.call("query_transaction_by_tran_id", "x")["APIConnect"] == "DONE"
