"""Each story goes red when what it guards is broken: `breaks.toml` has the edits, applied to a copy of the rooms."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BREAKS = tomllib.loads((Path(__file__).parent / "breaks.toml").read_text())["break"]
STORIES = {file.stem: file for file in (ROOT / "scenarios" / "library").rglob("*.yaml")}
ROOMS = ("contracts", "reference_server", "scenarios", "simulators")


def copy_of_the_rooms(folder: Path) -> None:
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("gatewright.py", "openapi.yaml"):
        shutil.copy(ROOT / file, folder / file)


def tell(folder: Path, story: Path) -> subprocess.CompletedProcess[str]:
    """Tell a story by the rooms in `folder` alone: that they come first on the path is what PYTHONPATH does."""
    return subprocess.run(
        [sys.executable, "-m", "gatewright", "run", str(folder / story.relative_to(ROOT))],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_story_has_a_row_in_the_table_of_breaks() -> None:
    assert {row["story"] for row in BREAKS} == set(STORIES)


@pytest.mark.parametrize("row", BREAKS, ids=lambda row: row["story"])
def test_story_goes_red_when_what_it_guards_is_broken(row: dict[str, str], tmp_path: Path) -> None:
    copy_of_the_rooms(tmp_path)
    file = tmp_path / row["file"]
    source = file.read_text()
    assert row["find"] in source, f"{row['file']} no longer has the line that breaks.toml breaks"
    file.write_text(source.replace(row["find"], row["replace"], 1))

    told = tell(tmp_path, STORIES[row["story"]])

    assert told.returncode == 1, told.stdout + told.stderr
    # Of a table some rows may be guarded twice; none may be left untold.
    assert re.search(r"\d+ kept, [1-9]\d* broken, 0 could not tell", told.stdout)
