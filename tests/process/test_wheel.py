"""The wheel in a fresh environment, beside a user's own folders of the same names as our rooms."""

import shutil
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.process.programs import ROOT, Finished, finish

pytestmark = pytest.mark.xdist_group("wheel")  # one worker builds and installs once

USERS_FILES = {
    "contracts/__init__.py": "OWNER = 'user'",
    "simulators/__init__.py": "OWNER = 'user'",
    "scenarios/mine.yaml": "no story of ours",
    "reference_server.py": "raise RuntimeError('the user never asked for this')",
    "conftest.py": "",
    "tests/test_mine.py": """\
import contracts, simulators

def test_my_folders_are_mine():
    assert (contracts.OWNER, simulators.OWNER) == ("user", "user")

def test_my_store_is_empty(gatewright_sslcommerz):
    assert gatewright_sslcommerz.list_orders() == []

def test_my_other_store_is_another(gatewright_sslcommerz):
    gatewright_sslcommerz.set_clock("2031-01-01T00:00:00Z")
    assert gatewright_sslcommerz.advance(3600) == []
    assert gatewright_sslcommerz.store_id
""",
    "tests/test_sharing.py": """\
import os, pytest
from pathlib import Path

@pytest.mark.parametrize("n", range(4))
def test_where_the_simulators_are(gatewright_simulators, n):
    Path(f"met-{os.getpid()}").write_text(gatewright_simulators.control_url)
""",
}


@dataclass(frozen=True, slots=True)
class UsersMachine:
    """A user's project and the virtual environment into which Gatewright was installed from its wheel."""

    project: Path
    bin: Path

    def finish(self, command: str) -> Finished:
        return finish(command, cwd=self.project, first=self.bin)


@pytest.fixture(scope="module")
def machine() -> Generator[UsersMachine]:
    folder = Path(tempfile.mkdtemp(prefix="gatewright-wheel-"))
    for name, text in USERS_FILES.items():
        path = folder / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    must(f"{sys.executable} -m hatchling build -t wheel -d {folder}")
    must(f"{sys.executable} -m venv --without-pip {folder / 'venv'}")
    install(folder, *folder.glob("*.whl"), "pytest", "pytest-xdist")
    yield UsersMachine(folder / "project", folder / "venv" / "bin")
    shutil.rmtree(folder)


def install(folder: Path, *what: str | Path) -> None:
    """Install with everything the wheel asks for and nothing else; from uv's cache, which the lock has filled."""
    words = " ".join(map(str, what))
    command = f"uv pip install --python {folder / 'venv' / 'bin' / 'python'} -c {ROOT / 'requirements.lock'} {words}"
    if finish(f"{command} --offline", cwd=ROOT).code:
        must(command)


def must(command: str) -> None:
    done = finish(command, cwd=ROOT)
    assert done.code == 0, done.output


@pytest.mark.parametrize("command", ["pytest", "python -m pytest", "pytest -n 2"])
def test_users_tests_get_their_own_folders_and_our_fixtures(machine: UsersMachine, command: str) -> None:
    done = machine.finish(command)

    assert done.code == 0, done.output
    assert "7 passed" in done.output


def test_all_workers_share_one_process_that_is_gone_afterwards(machine: UsersMachine) -> None:
    for path in machine.project.glob("met-*"):
        path.unlink()

    machine.finish("pytest -n 2 tests/test_sharing.py")

    met = [path.read_text() for path in machine.project.glob("met-*")]
    assert len(met) > 1
    assert len(set(met)) == 1
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(met[0], timeout=5)


@pytest.mark.parametrize("command", ["gatewright run", "python -m gatewright run --tag first"])
def test_the_library_plays_beside_users_folders(machine: UsersMachine, command: str) -> None:
    done = machine.finish(command)

    assert done.code == 0, done.output


@pytest.mark.parametrize(
    "command",
    ["gatewright --help", "gatewright serve --help", "gatewright simulate --help", "gatewright certs --dir certs"],
)
def test_every_room_opens_from_the_wheel(machine: UsersMachine, command: str) -> None:
    done = machine.finish(command)

    assert done.code == 0, done.output


@pytest.mark.parametrize("room", ["scenarios", "loadtests", "tests"])
def test_no_room_of_ours_stands_in_a_users_way(machine: UsersMachine, room: str) -> None:
    done = finish(f"python -c 'import {room}'", cwd=machine.bin, first=machine.bin)

    assert "ModuleNotFoundError" in done.output
