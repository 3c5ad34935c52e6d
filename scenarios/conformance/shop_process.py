"""A foreign shop's process: started with the environment it needs, killed and started again; its words are kept."""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from scenarios.calls import CallLost, Calls
from scenarios.conformance.clock import stopwatch, tick
from scenarios.conformance.model import CannotTell
from scenarios.conformance.profile import Starting
from scenarios.settings import handed_on


class ShopProcess:
    """One process at one address."""

    def __init__(self, starting: Starting, folder: Path, base_url: str) -> None:
        self._starting = starting
        self._folder = folder
        self._base_url = base_url
        self._printed = tempfile.TemporaryFile("w+b")  # noqa: SIM115  open as long as the process may print
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self, environment: Mapping[str, str], calls: Calls) -> None:
        """Start it and wait until it answers. Raises `CannotTell` when it does not."""
        command = [part.replace("{python}", sys.executable) for part in self._starting.command]
        try:
            self._process = subprocess.Popen(  # noqa: ASYNC220, S603  the user's own command; forking takes no time
                command,
                cwd=self._folder,
                env={**handed_on(), **environment},
                stdin=subprocess.DEVNULL,
                stdout=self._printed,
                stderr=self._printed,
            )
        except OSError as refused:
            raise CannotTell(f"the shop cannot be started: {refused}") from refused
        started = stopwatch()
        while not await self._answers(calls):
            if self._process.poll() is not None:
                raise CannotTell(f"the shop ended while it started; {self._last_words()}")
            if stopwatch() - started > self._starting.wait_seconds:
                raise CannotTell(f"the shop was not up in {self._starting.wait_seconds} s; {self._last_words()}")
            await tick()

    def stop(self) -> None:
        """Kill it: no goodbye."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """Kill it and forget what it printed."""
        self.stop()
        self._printed.close()

    async def _answers(self, calls: Calls) -> bool:
        try:
            answer = await calls.get(f"{self._base_url}{self._starting.ready}")
        except CallLost:
            return False
        return answer.status < 500

    def _last_words(self) -> str:
        self._printed.seek(0)
        lines = self._printed.read().decode(errors="replace").splitlines()
        return f"it last printed: {' | '.join(lines[-5:])}" if lines else "it printed nothing"
