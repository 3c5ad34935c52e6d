"""The server's processes, started as users start them, which a test kills and starts again in the middle of work."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MERCHANT = {"x-api-key": "key_fleet", "x-api-secret": "sec_fleet_0123456789"}
SETTINGS = {
    "MERCHANT_API_KEY": MERCHANT["x-api-key"],
    "MERCHANT_API_SECRET": MERCHANT["x-api-secret"],
    "TEST_MODE": "true",
    "TEST_PROCESSING_DELAY": "0",
    "PYTHONPATH": str(ROOT),
    "LOG_LEVEL": "error",
}


@dataclass
class Member:
    """One process. `up` is set while it says that it is ready."""

    command: Sequence[str]
    settings: Mapping[str, str]
    log: Path
    up: asyncio.Event = field(default_factory=asyncio.Event)
    _process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, and return when it has said its line."""
        with self.log.open("a") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "reference_server.cli", *self.command),
                env=self.settings,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        assert await self._process.stdout.readline(), self.log.read_text()[-2_000:]
        self.up.set()

    async def kill(self) -> None:
        """Kill it, as machines do."""
        self.up.clear()
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
            await self._process.wait()
            self._process = None

    async def die_and_come_again(self) -> None:
        """Kill it and start it anew under its name."""
        await self.kill()
        await self.start()


@dataclass
class Fleet:
    """Servers and workers on one database, each in a process of its own."""

    servers: list[Member]
    workers: list[Member]
    urls: list[str]

    @property
    def members(self) -> list[Member]:
        """All of them."""
        return [*self.servers, *self.workers]


@asynccontextmanager
async def fleet_of(
    database_url: str, folder: Path, *, ports: Sequence[int], workers: int = 0, **more: str
) -> AsyncGenerator[Fleet]:
    """Have them up for as long as the block runs. Without workers of their own the servers run what is owed."""
    settings = SETTINGS | {"DATABASE_URL": database_url} | more
    servers = [
        Member(
            ("serve", "--port", str(port), *(("--no-worker",) if workers else ())),
            settings | {"WORKER_NAME": f"server-{port}"},
            folder / f"server-{port}.log",
        )
        for port in ports
    ]
    others = [
        Member(("worker",), settings | {"WORKER_NAME": f"worker-{number}"}, folder / f"worker-{number}.log")
        for number in range(workers)
    ]
    fleet = Fleet(servers, others, [f"http://127.0.0.1:{port}" for port in ports])
    try:
        for member in fleet.members:
            await member.start()
        yield fleet
    finally:
        for member in fleet.members:
            await member.kill()
