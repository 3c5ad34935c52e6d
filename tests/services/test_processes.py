"""`gatewright serve` and `gatewright worker` as processes on one PostgreSQL, as they are started past one machine."""

import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
MERCHANT = {"x-api-key": "key_test", "x-api-secret": "sec_test"}
SETTINGS = {
    "MERCHANT_API_KEY": "key_test",
    "MERCHANT_API_SECRET": "sec_test",
    "TEST_MODE": "true",
    "TEST_PAYMENT_SUCCESS": "true",
    "TEST_PROCESSING_DELAY": "0",
    "PYTHONPATH": str(ROOT),
}
PAYMENT = {"amount": 50000, "method": "upi", "vpa": "rahul@okbank"}
SECONDS_MAX = 60


@contextmanager
def started(url: str, *command: str, says: str) -> Generator[tuple[subprocess.Popen[str], str]]:
    """Start it, and have it with the line that it said."""
    environment = SETTINGS | {"DATABASE_URL": url}
    program = [sys.executable, "-m", "reference_server.cli", *command]
    with subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(says), line
            yield process, line.strip()
        finally:
            process.kill()


@contextmanager
def serving(url: str, *options: str) -> Generator[tuple[subprocess.Popen[str], httpx.Client]]:
    says = "gatewright server listens on http://127.0.0.1:"
    with (
        started(url, "serve", "--port", "0", *options, says=says) as (process, line),
        httpx.Client(base_url=line.split()[-1], headers=MERCHANT) as client,
    ):
        yield process, client


def take_payment(client: httpx.Client) -> str:
    answer = client.post("/api/v1/payments", json=PAYMENT)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def until_success(client: httpx.Client, payment_id: str) -> dict[str, Any]:
    """Ask as merchants do; the test's own timeout ends the wait."""
    while True:
        payment = client.get(f"/api/v1/payments/{payment_id}").json()
        if payment["status"] != "pending":
            return payment


def test_what_one_server_takes_a_worker_carries_out_and_another_server_tells(postgres_url: str) -> None:
    with serving(postgres_url, "--no-worker") as (_, one), serving(postgres_url, "--no-worker") as (_, other):
        taken = take_payment(one)
        assert other.get(f"/api/v1/payments/{taken}").json()["status"] == "pending"
        with started(postgres_url, "worker", says="gatewright worker ") as (process, line):
            assert until_success(other, taken)["status"] == "success"
            health = other.get("/health")
            process.send_signal(signal.SIGTERM)
            assert process.wait(SECONDS_MAX) == 0
        assert health.status_code == 200
        assert line.endswith("runs what is owed")


def test_a_server_on_postgresql_runs_what_is_owed_by_itself_unless_told_not_to(postgres_url: str) -> None:
    with serving(postgres_url) as (process, client):
        assert until_success(client, take_payment(client))["captured"] is True
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS_MAX) == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_worker_leaves_behind_the_next_one_does(postgres_url: str, number: signal.Signals) -> None:
    with serving(postgres_url, "--no-worker") as (_, client):
        taken = [take_payment(client) for _ in range(20)]
        with started(postgres_url, "worker", says="gatewright worker ") as (process, _):
            process.send_signal(number)
            process.wait(SECONDS_MAX)
        with started(postgres_url, "worker", says="gatewright worker "):
            told = [until_success(client, payment_id)["status"] for payment_id in taken]
    assert told == ["success"] * 20
