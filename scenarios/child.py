"""The reference server as a process of its own, which a story can kill and start again on the same store."""

import asyncio
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import httpx

from scenarios.calls import NO_TLS
from scenarios.settings import handed_on

# A cold start takes about a second on a slow machine; half a minute without readiness is a server that will not come.
START_SECONDS_MAX = 30.0
POLL_SECONDS = 0.02


class ChildDied(Exception):
    """The server process ended by itself, or never became ready; the text ends with what it last printed."""


class ChildServer:
    """Starts, kills and restarts one server process at one address."""

    def __init__(self, address: str, environment: Mapping[str, str]) -> None:
        self.address = address
        self._folder = tempfile.TemporaryDirectory(prefix="gatewright-")
        self._environment = {**handed_on(), **self._store(), **environment, **self._where()}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        """Whether the process is up."""
        return self._process is not None and self._process.poll() is None

    async def start(self) -> None:
        """Start the process and return when it is ready. Raises `ChildDied`."""
        with self._printed.open("ab") as printed:
            self._process = subprocess.Popen(  # noqa: ASYNC220  forking takes milliseconds, and the story waits anyway
                [sys.executable, "-m", "gatewright", "serve"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
            )
        try:
            async with asyncio.timeout(START_SECONDS_MAX):
                while not await self._is_ready():  # noqa: ASYNC110  another process sets no event of ours
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError as late:
            raise ChildDied(f"the server was not ready in {START_SECONDS_MAX:g} s; {self._last_words()}") from late

    def kill(self) -> None:
        """Kill the process with SIGKILL: no goodbye, no flush."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def close(self) -> None:
        """Kill what runs and remove its store."""
        self.kill()
        self._folder.cleanup()

    @property
    def _printed(self) -> Path:
        return Path(self._folder.name) / "printed.txt"

    def _where(self) -> dict[str, str]:
        host, port = self.address.rsplit(":", 1)
        return {"HOST": host, "PORT": port}

    def _store(self) -> dict[str, str]:
        return {"DATABASE_URL": f"sqlite:///{self._folder.name}/server.sqlite"}

    async def _is_ready(self) -> bool:
        if not self.runs:
            raise ChildDied(f"the server ended while it started; {self._last_words()}")
        async with httpx.AsyncClient(verify=NO_TLS, trust_env=False, timeout=5) as client:
            try:
                answer = await client.get(f"http://{self.address}/_control/health")
            except httpx.TransportError:
                return False
        return answer.is_success

    def _last_words(self) -> str:
        lines = self._printed.read_text(errors="replace").splitlines()
        return "it last printed: " + " | ".join(lines[-5:]) if lines else "it printed nothing"
