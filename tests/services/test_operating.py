"""Health, metrics and the doctor where API, worker, PostgreSQL and Redis are processes that come and go."""

import asyncio
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from socket import socket

import httpx

from reference_server.clock import ClockMode
from tests.reference_server.stage import SETTINGS, staged
from tests.services.postgres_server import PostgresServer
from tests.services.redis_server import RedisServer, redis_server

ROOT = Path(__file__).resolve().parents[2]
MERCHANT = {"MERCHANT_API_KEY": "key_test", "MERCHANT_API_SECRET": "sec_of_the_test"}
QUICK = {"TEST_MODE": "true", "TEST_PAYMENT_SUCCESS": "true", "TEST_PROCESSING_DELAY": "0"}
# A heart is missed after three seconds; ten times that is a machine that does nothing else.
SECONDS_MAX = 30


def a_free_port() -> int:
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def surroundings(url: str, redis: RedisServer) -> dict[str, str]:
    placed = {"PYTHONPATH": str(ROOT), "DATABASE_URL": url, "REDIS_URL": redis.url, "LOG_LEVEL": "info"}
    return placed | MERCHANT | QUICK


@contextmanager
def gatewright(*command: str, log: Path, **settings: str) -> Generator[subprocess.Popen[str]]:
    """Run a command that goes on until the block ends."""
    with (
        log.open("w") as told,
        subprocess.Popen(
            [sys.executable, "-m", "reference_server.cli", *command], env=settings, stdout=subprocess.PIPE, stderr=told,
            text=True,
        ) as process,
    ):  # fmt: skip
        try:
            assert process.stdout is not None
            assert process.stdout.readline()
            yield process
        finally:
            process.kill()


async def until(client: httpx.AsyncClient, code: int, **words: str) -> httpx.Response:
    """Ask for the health until it is so; other processes make it so."""
    async with asyncio.timeout(SECONDS_MAX):
        while True:
            answer = await client.get("/health")
            told = answer.json()
            if answer.status_code == code and all(told.get(part) == word for part, word in words.items()):
                return answer


def doctor(settings: dict[str, str], address: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reference_server.cli", "doctor", "--url", address]
    return subprocess.run(command, env=settings, capture_output=True, text=True, timeout=60, check=False)


async def test_health_follows_what_comes_and_goes_and_the_doctor_passes(tmp_path: Path, postgres_url: str) -> None:
    api_port, worker_port = str(a_free_port()), str(a_free_port())
    with redis_server(tmp_path) as redis:
        settings = surroundings(postgres_url, redis)
        with gatewright("serve", "--port", api_port, "--no-worker", log=tmp_path / "api.log", **settings):
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{api_port}") as client:
                await until(client, 503, status="failing", database="ok", redis="ok", worker="missing")
                assert (await client.get("/health/ready")).status_code == 200
                with gatewright("worker", log=tmp_path / "worker.log", **settings, METRICS_PORT=worker_port) as worker:
                    await until(client, 200, status="ok", worker="ok")
                    told = doctor(settings, str(client.base_url))
                    assert (told.returncode, "nothing failed" in told.stdout) == (0, True), told.stdout
                    worked = (await client.get(f"http://127.0.0.1:{worker_port}/metrics")).text
                    redis.stop()
                    await until(client, 200, status="degraded", redis="away")
                    redis.start()
                    await until(client, 200, status="ok", redis="ok")
                    worker.kill()
                    worker.wait()
                    await until(client, 503, worker="missing")
                own = (await client.get("/metrics")).text
    assert 'gatewright_job_runs_total{job="acquire_payment",outcome="done"} 1.0' in worked
    assert 'gatewright_changes_total{resource="payment",state="CAPTURED"} 1.0' in worked
    assert 'gatewright_changes_total{resource="payment",state="PENDING"} 1.0' in own
    assert "gatewright_workers 0.0" in own
    logged = (tmp_path / "api.log").read_text() + (tmp_path / "worker.log").read_text()
    assert "payment captured" in logged
    assert not [word for word in (MERCHANT["MERCHANT_API_SECRET"], postgres_url) if word in logged + told.stdout]


async def test_health_and_readiness_follow_postgresql(postgres: PostgresServer, postgres_url: str) -> None:
    on_system = {"database_url": postgres_url, "clock": ClockMode.SYSTEM, "seed": None}
    async with staged(SETTINGS.model_copy(update=on_system)) as stage:
        await until(stage.client, 200, status="ok", worker="ok")
        postgres.stop()
        try:
            await until(stage.client, 503, database="failing", worker="unknown")
            ready, live = await stage.client.get("/health/ready"), await stage.client.get("/health/live")
        finally:
            postgres.start()
        assert (ready.status_code, live.status_code) == (503, 200)
        back = await until(stage.client, 200, database="ok", worker="ok")
        assert back.json()["status"] == "ok"
        assert (await stage.client.get("/health/ready")).status_code == 200
