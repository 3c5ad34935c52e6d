"""`gatewright serve` as a process: what it says, how it stops, and that a kill loses nothing."""

import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from reference_server.cli import app
from reference_server.settings import Settings
from tests.reference_server.engine import placed

ROOT = Path(__file__).resolve().parents[2]
MERCHANT = {
    "MERCHANT_API_KEY": "key_test",
    "MERCHANT_API_SECRET": "sec_test",
    "SSLCOMMERZ_STORE_ID": "testbox",
    "SSLCOMMERZ_STORE_PASSWD": "qwerty",
    # Nobody listens there: a session is opened in vain, and its order is kept.
    "SSLCOMMERZ_BASE_URL": "http://127.0.0.1:1",
}
ORDER = {
    "amount": "5.00",
    "tran_id": "KEPT-1",
    "items": [{"name": "a", "quantity": 1}],
    "customer": {"name": "A", "email": "a@b.example", "phone": "1"},
}


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "reference_server.cli", "serve", "--port", "0", *options]


def environment(folder: Path) -> dict[str, str]:
    here = placed(Settings(database_url=f"sqlite:///{folder}/server.db"))
    store = {"DATABASE_URL": here.database_url, "REDIS_URL": here.redis_address, "WORKER_NAME": here.worker_name}
    return MERCHANT | {"PYTHONPATH": str(ROOT)} | {name: value for name, value in store.items() if value}


@contextmanager
def serving(folder: Path, *options: str) -> Generator[tuple[subprocess.Popen[str], httpx.Client]]:
    process = subprocess.Popen(
        command(*options), env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("gatewright server listens on http://127.0.0.1:"), line
            with httpx.Client(base_url=line.split()[-1]) as client:
                yield process, client
        finally:
            process.kill()


def test_a_server_says_where_it_listens_and_stops_when_asked(tmp_path: Path) -> None:
    with serving(tmp_path, "--control") as (process, client):
        health = client.get("/_control/health").json()
        assert (health["ready"], health["listeners"]["server"]) == (True, str(client.base_url).rstrip("/"))
        assert "date" not in client.get("/").headers
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_an_order_outlives_a_kill_and_the_virtual_clock_goes_on(tmp_path: Path) -> None:
    headers = {"x-api-key": "key_test", "x-api-secret": "sec_test"}
    options = ("--control", "--clock", "virtual", "--seed", "3")
    with serving(tmp_path, *options) as (process, client):
        answer = client.post("/payment/init", json=ORDER, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (502, "urn:gatewright:problem:gateway-unreachable")
        client.put("/_control/clock", json={"now": "2030-05-01T00:00:00Z"})
        process.kill()
    with serving(tmp_path, *options) as (_, client):
        assert client.get(f"/payment/status/{answer.json()['sessionId']}").json()["tran_id"] == "KEPT-1"
        assert client.get("/_control/clock").json()["now"] == "2030-05-01T00:00:00.000000Z"
        assert client.post("/payment/init", json=ORDER, headers=headers).status_code == 409


def test_a_second_process_on_the_same_file_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path):
        second = subprocess.run(
            command(), env=environment(tmp_path), capture_output=True, text=True, timeout=30, check=False
        )
        assert second.returncode == 2
        assert "PostgreSQL" in second.stderr


def test_wrong_settings_are_named_and_nothing_starts(tmp_path: Path) -> None:
    refused = subprocess.run(
        command("--clock", "sundial"),
        env=environment(tmp_path), capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert (refused.returncode, "CLOCK" in refused.stderr, "Traceback" in refused.stderr) == (2, True, False)


def test_an_address_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = subprocess.run(
            command("--port", port),
            env=environment(tmp_path), capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
    assert (refused.returncode, f"127.0.0.1:{port}" in refused.stderr) == (2, True)


def test_help_teaches_what_a_merchant_needs() -> None:
    told = CliRunner().invoke(app, ["serve", "--help"])
    assert told.exit_code == 0
    assert "MERCHANT_API_KEY" in told.output


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (["serve", "--database-url", "mysql://x", "--peer", "http://a.test=127.0.0.1:1"], "DATABASE_URL"),
        (["serve", "--database-url", "sqlite://", "--no-worker"], "EMBEDDED_WORKER"),
        (["worker", "--database-url", "sqlite:///server.db"], "gatewright serve"),
        (["worker", "--database-url", "postgresql://nobody@127.0.0.1"], "DATABASE_URL"),
    ],
)
def test_a_setting_that_cannot_be_ends_the_command_with_two(command: list[str], named: str) -> None:
    told = CliRunner().invoke(app, command)
    assert (told.exit_code, named in told.output) == (2, True), told.output
