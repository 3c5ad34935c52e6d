"""An SDK in a process of its own, told which calls to make: as its users run it, in its own runtime."""

import json
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clients.installed import NODE, NODE_PROGRAM, PYTHON, node_folder, python_of_2019

PYPI = ("sslcommerz-lib", "sslcommerz-sdk", "sslcommerz-python")
NPM = ("sslcommerz-lts", "sslcommerz", "sslcommerz-nodejs")


@dataclass(slots=True)
class Speaker:
    """What one SDK says when its functions are called."""

    process: "subprocess.Popen[str]"

    def try_call(self, function: str, *args: object, **more: object) -> dict[str, Any]:
        """Call a function; what came is under `answer`, `error` (thrown) or `resolved_with` (an Error, not thrown)."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"call": function, "args": args, "more": more}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def call(self, function: str, *args: object, **more: object) -> Any:
        """Call a function and return what it answers; anything else fails the test."""
        told = self.try_call(function, *args, **more)
        assert "answer" in told, told
        return told["answer"]


def command_of(sdk: str, store: Mapping[str, str], base_url: str | None) -> list[str]:
    """Return the command line that lets an SDK speak, pointed at `base_url` or at nothing but its own hosts."""
    told = json.dumps({"sdk": sdk, "store": dict(store), "base_url": base_url})
    if sdk in NPM:
        return [str(NODE_PROGRAM), str(NODE / "speak.cjs"), str(node_folder()), told]
    python: str | Path = python_of_2019() if sdk == "sslcommerz-python" else sys.executable
    return [str(python), str(PYTHON / "speak.py"), told]


@contextmanager
def speaking(
    sdk: str, store: Mapping[str, str], *, base_url: str | None = None, by: Sequence[str] = ()
) -> Generator[Speaker]:
    """Start an SDK; `by` is the command that runs it, if any."""
    command = [*by, *command_of(sdk, store, base_url)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Speaker(process)
        finally:
            process.kill()
