"""Ctrl-C in the middle of `gatewright run`."""

import signal
from pathlib import Path

from tests.process.programs import started


def test_an_interrupted_run_says_how_far_it_came_and_leaves_the_last_report(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    report.write_text("the last one")
    with started(f"gatewright run --report {report}", cwd=tmp_path) as process:
        assert process.stdout
        while "scenarios" not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        said = process.stdout.read()

        assert process.wait(20) == 130
    assert "interrupted after" in said
    assert report.read_text() == "the last one"
