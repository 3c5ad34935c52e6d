"""Starts `gatewright serve` as a process of its own, as users do, and looks at it from outside."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

API_KEY, API_SECRET = "key_bench", "secret_bench_0123456789"
_LISTENS = re.compile(r"listens on http://([^:]+):(\d+)")
# Nobody works on what was accepted while accepting is measured: a delay of an hour.
IDLE = {"TEST_MODE": "true", "TEST_PROCESSING_DELAY": "3600000"}
# Nothing of the machine's environment reaches the server but where its programs lie.
_KEPT = ("PATH", "HOME", "TMPDIR", "LANG")


@dataclass(frozen=True, slots=True)
class Served:
    """A server that listens."""

    host: str
    port: int
    pid: int

    @property
    def resident_bytes(self) -> int:
        """What the process holds in memory now."""
        fields = Path(f"/proc/{self.pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

    @property
    def cpu_seconds(self) -> float:
        """What the process has spent of the processor so far, in user and in kernel."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serve(database_url: str, *, core: int | None, extra: Mapping[str, str] | None = None) -> Generator[Served]:
    """Start a server on a free port, held to one core of the machine if one is named, and end it."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    settings = {
        "DATABASE_URL": database_url,
        "PORT": "0",
        "MERCHANT_API_KEY": API_KEY,
        "MERCHANT_API_SECRET": API_SECRET,
        **(extra or {}),
    }
    program = [sys.executable, "-m", "gatewright", "serve"]
    with subprocess.Popen(program, env={**kept, **settings}, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # our own program
        try:
            if core is not None:
                os.sched_setaffinity(process.pid, {core})
            yield _listening(process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _listening(process: subprocess.Popen[str]) -> Served:
    assert process.stdout is not None  # noqa: S101  # it was asked for
    for line in process.stdout:
        found = _LISTENS.search(line)
        if found:
            return Served(found[1], int(found[2]), process.pid)
    raise RuntimeError("the server ended before it listened; its own words stand above")
