"""A file that is no database of ours is told in a line: by the doctor, and by a server that is started on it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reference_server.cli import app
from reference_server.database import Database
from reference_server.errors import SettingsError


def garbage(path: Path) -> None:
    path.write_bytes(b"something else, and long enough to have a header " * 100)


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [garbage, folder])
def test_a_server_is_not_started_on_what_is_no_database(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "a.db")
    database = Database(f"sqlite:///{tmp_path}/a.db", inline=lambda: True)
    with pytest.raises(SettingsError, match="cannot be opened"):
        database.open()
    assert not database.is_open


def test_a_folder_that_cannot_be_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot be written"):
        Database(f"sqlite:///{tmp_path}/file/a.db", inline=lambda: True).open()


def test_the_doctor_does_not_take_garbage_for_a_running_servers_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    garbage(tmp_path / "a.db")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/a.db")
    run = CliRunner().invoke(app, ["doctor", "--url", "http://127.0.0.1:1"])
    assert (run.exit_code, "is no database of SQLite" in run.output) == (1, True)
