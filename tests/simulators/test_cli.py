"""`gatewright simulate`, as its user types it: what it prints, what it refuses, how it ends."""

import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

import httpx
import pytest
from typer.testing import CliRunner

from simulators.cli import app
from simulators.serving import bind
from simulators.settings import Settings
from tests.simulators.stands import free_socket

COMMAND = [sys.executable, "-m", "gatewright", "simulate", "--any-ports"]


@contextmanager
def running(*options: str) -> Generator[tuple["subprocess.Popen[str]", dict[str, str]]]:
    """Start the command and read what it prints until it has said where everything is."""
    with subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        found: dict[str, str] = {}
        for line in process.stdout:
            if address := re.match(r"(\w+) +(http://\S+)$", line):
                found[address[1]] = address[2]
            if "Ctrl+C" in line:
                break
        try:
            yield process, found
        finally:
            process.kill()


def test_it_says_where_to_look_and_answers_there() -> None:
    with running("--clock", "virtual") as (process, found):
        assert sorted(found) == ["control", "merchant", "sslcommerz"]
        health = httpx.get(f"{found['control']}/_control/health", trust_env=False).json()
        assert (health["ready"], health["listeners"]) == (True, found)
        assert httpx.get(f"{found['control']}/_control/clock", trust_env=False).json()["mode"] == "virtual"
        assert "Date" not in httpx.get(found["merchant"], trust_env=False).headers
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_a_port_that_is_taken_is_named_with_the_option_that_moves_it() -> None:
    with free_socket() as taken:
        taken.listen()
        port = str(taken.getsockname()[1])
        told = CliRunner().invoke(app, ["simulate", "--any-ports", "--merchant-port", port])
    assert told.exit_code == 2
    assert f"merchant cannot listen on 127.0.0.1:{port}" in told.stderr
    assert "--merchant-port" in told.stderr


def test_a_side_without_control_listens_on_its_other_ports() -> None:
    settings = Settings(control=False, host="::1", sslcommerz_port=0, merchant_port=0)
    bound = bind(settings)
    for taken in bound.values():
        taken.close()
    assert sorted(bound) == ["merchant", "sslcommerz"]


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_URL", "nowhere")
    told = CliRunner().invoke(app, ["simulate", "--any-ports"])
    assert (told.exit_code, "SERVER_URL" in told.stderr) == (2, True)


def test_help_teaches_the_first_steps() -> None:
    told = CliRunner().invoke(app, ["simulate", "--help"], env={"COLUMNS": "120"}).stdout
    assert [
        word for word in ("_control/shopper", "_control/faults", "_control/journal", "--any-ports") if word not in told
    ] == []


def test_the_lines_to_copy_from_help_are_not_broken() -> None:
    told = CliRunner().invoke(app, ["simulate", "--help"], env={"COLUMNS": "80"}).stdout
    lines = [line.strip() for line in told.splitlines()]
    whole = '-d \'{"when": {"event": "ipn"}, "faults": [{"late": {"by_seconds": 60}}, {"duplicate": {"copies": 3}}]}\''
    assert (whole in lines, "curl localhost:9100/_control/journal" in lines) == (True, True)
