"""Stories told to sides that somebody started, and contract suites against sides of their own, as users type it."""

import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.process.programs import ROOT, finish, started

STORY = "library/sslcommerz/ipn_late_and_three_times.yaml"
KILLED = "library/sslcommerz/killed_between_proof_and_fulfilment.yaml"
SERVE = "gatewright serve --port 0 --control --database-url sqlite://"


@contextmanager
def both_sides(serve: str) -> Generator[str]:
    """Start both sides and yield the options that point at them."""
    with started("gatewright simulate --any-ports", cwd=ROOT) as gateways, started(serve, cwd=ROOT) as server:
        assert gateways.stdout
        assert server.stdout
        lines = list(iter(gateways.stdout.readline, "Press Ctrl+C to stop.\n"))
        said = dict(line.split(maxsplit=1) for line in lines if "://" in line)
        url = server.stdout.readline().split()[-1]
        yield f"--url server={url} --url simulators={said['control'].strip()}"
        for process in (server, gateways):
            process.send_signal(signal.SIGTERM)
            process.wait(10)


def test_stories_are_told_to_sides_that_run_already_one_after_another() -> None:
    with both_sides(f"{SERVE} --clock virtual") as urls:
        first = finish(f"gatewright run scenarios/{STORY} {urls}", cwd=ROOT)
        again = finish(f"gatewright run scenarios/{STORY} scenarios/{KILLED} {urls}", cwd=ROOT)

    assert first.code == 0, first.output
    assert "1 kept, 0 broken, 1 could not tell" in again.output
    assert "this story kills the server, so it needs one of its own" in again.output


def test_a_server_on_the_machines_clock_is_refused_with_the_cure() -> None:
    with both_sides(SERVE) as urls:
        done = finish(f"gatewright run scenarios/{STORY} {urls}", cwd=ROOT)

    assert done.code == 2
    assert "gatewright serve --control --clock virtual" in done.output


def test_a_contract_is_judged_and_reported(tmp_path: Path) -> None:
    done = finish(
        "gatewright contract sslcommerz --cases 20 --max-examples 2 --report c.html --junit c.xml", cwd=tmp_path
    )

    assert done.code == 0, done.output
    assert "● kept  sslcommerz" in done.output
    assert "Every operation" in (tmp_path / "c.html").read_text("utf-8")
    assert 'failures="0"' in (tmp_path / "c.xml").read_text("utf-8")
