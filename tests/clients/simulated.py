"""The simulators as their users have them: a process of its own, asked over its control plane by blocking calls."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

# What a fault without settings is armed with.
NO_SETTINGS: Any = {}


@dataclass(frozen=True, slots=True)
class World:
    """One account of the running simulators."""

    control: str
    account: str
    store: dict[str, str]
    base_url: str

    def ask(self, method: str, path: str, body: object = None, **query: object) -> Any:
        """Ask the control plane for this account; raise for a refusal."""
        with httpx.Client(trust_env=False, timeout=60) as client:
            params: dict[str, Any] = {"account": self.account, **query}
            answer = client.request(method, f"{self.control}/_control{path}", params=params, json=body)
        assert answer.status_code < 400, answer.text
        return answer.json() if answer.content else None

    def journal(self, **query: object) -> list[Any]:
        """Read the journal."""
        return self.ask("GET", "/journal", limit=10_000, **query)["exchanges"]


@dataclass(frozen=True, slots=True)
class Running:
    """Where the simulators listen: URLs; with --tls also there, with the certificates in `certs`."""

    control: str
    tls: str | None = None
    proxy: str | None = None
    certs: Path | None = None


@contextmanager
def simulators() -> Generator[str]:
    """Start them on free ports; gives the control plane's address."""
    with running() as started:
        yield started.control


@contextmanager
def running(certs: Path | None = None) -> Generator[Running]:
    """Start them on free ports, by TLS and proxy too when there is a folder for certificates."""
    command = [sys.executable, "-m", "gatewright", "simulate", "--any-ports"]
    command += ["--tls", "--certs-dir", str(certs)] if certs else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found: dict[str, str] = {}
        for line in process.stdout:
            name, _, address = line.partition(" ")
            found[name] = address.strip()
            if name == "Press":  # the last line: everything answers now
                break
        try:
            yield Running(found["control"], found.get("tls"), found.get("proxy"), certs)
        finally:
            process.terminate()


def open_world(control: str, name: str, *, now: str, **more: object) -> World:
    """Open an account whose clock stands at an instant."""
    with httpx.Client(trust_env=False) as client:
        opened = client.post(f"{control}/_control/accounts", json={"name": name, "now": now, **more}).json()
    return World(control, name, opened["credentials"]["sslcommerz"], opened["base_urls"]["sslcommerz"])
