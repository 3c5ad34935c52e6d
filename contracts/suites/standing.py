"""Starts both sides as the programs that a user starts, joined to each other, and stops them."""

import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO

from contracts.suites.network import PeerError
from contracts.suites.settings import handed_on

STOP_SECONDS_MAX = 10


@contextmanager
def standing(wanted: str, *, seed: int) -> Generator[dict[str, str]]:
    """Start what the subject `wanted` needs and yield the addresses by name. Raises `PeerError`."""
    with ExitStack() as stack:
        addresses = stack.enter_context(_simulators(seed))
        if wanted == "server":
            addresses["server"] = stack.enter_context(_server(addresses, seed))
        yield addresses


@contextmanager
def _simulators(seed: int) -> Generator[dict[str, str]]:
    """Answers are checked before they leave: one that the document does not allow is a 500 that says why."""
    with _program("simulate", "--any-ports", environment={"CHECK_ANSWERS": "true", "SEED": str(seed)}) as program:
        said = _read_until(program, "Press Ctrl+C to stop.")
        told = dict(line.split(maxsplit=1) for line in said if " http://" in line)
        yield {"simulators": told["control"].strip(), "sslcommerz": told["sslcommerz"].strip()}


@contextmanager
def _server(addresses: Mapping[str, str], seed: int) -> Generator[str]:
    settings = {
        "CHECK_ANSWERS": "true",
        "CONTROL": "true",
        "DATABASE_URL": "sqlite://",
        "SSLCOMMERZ_BASE_URL": addresses["sslcommerz"],
        "SEED": str(seed),
        # A sandbox that answers soon, and receivers that are tried again soon.
        "TEST_MODE": "true",
        "TEST_PROCESSING_DELAY": "200",
        "WEBHOOK_RETRY_INTERVALS_TEST": "true",
    }
    with _program("serve", "--port", "0", environment=settings) as program:
        said = _read_until(program, "gatewright server listens on ")
        yield said[-1].rsplit(maxsplit=1)[-1]


@dataclass(frozen=True, slots=True)
class Program:
    """A program of ours that runs; what it says on its error output is kept for the case that it does not start."""

    process: subprocess.Popen[str]
    errors: IO[bytes]

    def last_words(self) -> str:
        """Return the end of its error output."""
        self.process.wait(STOP_SECONDS_MAX)
        self.errors.seek(0)
        said = self.errors.read().decode(errors="replace").splitlines()
        return " | ".join(line.strip() for line in said[-3:]) or "nothing"


@contextmanager
def _program(*command: str, environment: Mapping[str, str]) -> Generator[Program]:
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603  our own program, with arguments of ours
            [sys.executable, "-m", "gatewright", *command],
            env={**handed_on(), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            yield Program(process, errors)
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _read_until(program: Program, beginning: str) -> list[str]:
    lines: list[str] = []
    for line in program.process.stdout or ():
        lines.append(line.rstrip("\n"))
        if line.startswith(beginning):
            return lines
    raise PeerError(f"a side of ours did not start; it said: {program.last_words()}")
