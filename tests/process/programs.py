"""Starts programs as users start them, in an environment that knows nothing of this test run."""

import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
LIMIT_SECONDS = 100
KEPT = ("HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "UV_CACHE_DIR", "XDG_CACHE_HOME")


@dataclass(frozen=True, slots=True)
class Finished:
    code: int
    output: str


def environment(first: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what a user's shell would hand on, with the commands of one virtual environment first."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "PATH": f"{first}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "120", **(extra or {})}


def finish(
    command: str,
    *,
    cwd: Path,
    first: Path = BIN,
    extra: Mapping[str, str] | None = None,
    limit_seconds: float = LIMIT_SECONDS,
) -> Finished:
    """Run a command line to its end, without a terminal; output and errors together."""
    done = subprocess.run(
        shlex.split(command),
        cwd=cwd,
        env=environment(first, extra),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=limit_seconds,
        check=False,
    )
    return Finished(done.returncode, done.stdout)


@contextmanager
def started(command: str, *, cwd: Path) -> Generator[subprocess.Popen[str]]:
    """Start a program that stays, and see to it that it does not outlive the test."""
    process = subprocess.Popen(
        shlex.split(command),
        cwd=cwd,
        env=environment(BIN),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=_hear_interrupts,  # noqa: PLW1509  # it sets one signal's action, before any thread
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def _hear_interrupts() -> None:
    """Let Ctrl-C be heard: whoever runs the tests in a shell's background has it ignored, and so would the program."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nobody used a moment ago, all different."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
