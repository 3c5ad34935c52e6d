"""Health, metrics and the doctor where API, worker, PostgreSQL and Redis are processes that come and go."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
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


@dataclass
class Installed:
    """An API server that runs no jobs, beside its Redis; workers come and go."""

    folder: Path
    redis: RedisServer
    settings: dict[str, str]
    client: httpx.AsyncClient

    def logged(self) -> str:
        return "".join(log.read_text() for log in self.folder.glob("*.log"))


@asynccontextmanager
async def installed(folder: Path, url: str) -> AsyncGenerator[Installed]:
    port = str(a_free_port())
    with redis_server(folder) as redis:
        settings = surroundings(url, redis)
        with gatewright("serve", "--port", port, "--no-worker", log=folder / "api.log", **settings):
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                yield Installed(folder, redis, settings, client)


async def test_health_follows_what_comes_and_goes_and_the_doctor_passes(tmp_path: Path, postgres_url: str) -> None:
    port = str(a_free_port())
    async with installed(tmp_path, postgres_url) as it:
        await until(it.client, 503, status="failing", database="ok", redis="ok", worker="missing")
        assert (await it.client.get("/health/ready")).status_code == 200
        with gatewright("worker", log=tmp_path / "worker.log", **it.settings, METRICS_PORT=port) as worker:
            await until(it.client, 200, status="ok", worker="ok")
            told = doctor(it.settings, str(it.client.base_url))
            assert (told.returncode, "nothing failed" in told.stdout) == (0, True), told.stdout
            worked = (await it.client.get(f"http://127.0.0.1:{port}/metrics")).text
            it.redis.stop()
            await until(it.client, 200, status="degraded", redis="away")
            it.redis.start()
            await until(it.client, 200, status="ok", redis="ok")
            worker.kill()
            worker.wait()
            await until(it.client, 503, worker="missing")
        own = (await it.client.get("/metrics")).text
    assert 'gatewright_job_runs_total{job="acquire_payment",outcome="done"} 1.0' in worked
    assert 'gatewright_changes_total{resource="payment",state="CAPTURED"} 1.0' in worked
    assert 'gatewright_changes_total{resource="payment",state="PENDING"} 1.0' in own
    assert "gatewright_workers 0.0" in own
    logged = it.logged()
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
