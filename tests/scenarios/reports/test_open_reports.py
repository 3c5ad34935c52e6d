"""Reports are opened by where they go."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from scenarios.reports import open_reports
from tests.scenarios.reports.run import feed


def test_every_report_asked_for_is_written_also_into_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    paths = [tmp_path / "new" / name for name in ("run.json", "run.xml", "run.html")]
    written = io.StringIO()

    feed(*open_reports(console=Console(file=written), json=paths[0], junit=paths[1], html=paths[2]))

    assert written.getvalue()
    assert all(path.stat().st_size for path in paths)


def test_nothing_is_opened_that_was_not_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert open_reports() == []
    feed(*open_reports(console=True))
    assert "3 scenarios" in capsys.readouterr().out


def test_a_file_that_cannot_be_written_is_refused_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="is a folder"):
        open_reports(html=tmp_path)


def test_a_report_of_the_last_run_stays_until_the_next_one_is_written(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    report.write_text("the last one")

    open_reports(html=report)

    assert report.read_text() == "the last one"
