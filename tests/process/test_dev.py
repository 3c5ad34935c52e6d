"""dev.py as a newcomer meets it: on a bare machine, on the wrong Python, without a network, and as README says."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.process.programs import ROOT, finish

TESTS = "python3 dev.py test"
CHECK = "python3 dev.py check"
CHECK_SECONDS = 400  # types of the whole tree; half a minute where nothing else runs


def checkout(folder: Path) -> Path:
    """Make a small checkout: the real dev.py and lock, and a suite of one test."""
    for name in ("dev.py", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    (folder / "test_small.py").write_text("def test_it_is_small(): pass\n")
    return folder


def furnish(folder: Path) -> None:
    """Give a checkout a .venv that counts as installed: this run's packages, and the stamp that dev.py would write."""
    site = finish("python -c \"import sysconfig; print(sysconfig.get_path('purelib'))\"", cwd=folder).output
    finish(f"{sys.executable} -m venv --without-pip .venv", cwd=folder)
    (own,) = folder.glob(".venv/lib/python*/site-packages")
    (own / "borrowed.pth").write_text(site)
    stamp = finish("python3 -c 'import dev; print(dev.fingerprint(), end=str())'", cwd=folder)
    (folder / ".venv" / "installed-from").write_text(stamp.output)


def test_tests_run_at_once_when_the_lock_is_unchanged_and_end_with_pytests_line(tmp_path: Path) -> None:
    furnish(checkout(tmp_path))

    done = finish(TESTS, cwd=tmp_path)

    assert done.code == 0, done.output
    assert "1 passed" in done.output.strip().splitlines()[-1]
    assert "installing" not in done.output


def test_a_failing_test_fails_the_task(tmp_path: Path) -> None:
    furnish(checkout(tmp_path))
    (tmp_path / "test_small.py").write_text("def test_it_is_small(): raise ValueError\n")

    assert finish(TESTS, cwd=tmp_path).code == 1


def test_a_machine_without_network_is_told_so(tmp_path: Path) -> None:
    nothing = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": "/dev/null"}

    done = finish(TESTS, cwd=checkout(tmp_path), extra=nothing)

    assert done.code == 2
    assert "No network?" in done.output


def test_a_changed_lock_is_noticed(tmp_path: Path) -> None:
    furnish(checkout(tmp_path))
    (tmp_path / "requirements.lock").write_text("# empty\n")

    done = finish(TESTS, cwd=tmp_path)

    assert done.code == 2
    assert "does not pin uv" in done.output


def test_an_old_python_is_told_which_one_to_take(tmp_path: Path) -> None:
    old = "import runpy, sys; sys.version_info = (3, 9, 2); sys.argv = ['dev.py', 'test']; "

    done = finish(f"python3 -c \"{old} runpy.run_path('dev.py', run_name='__main__')\"", cwd=checkout(tmp_path))

    assert done.code == 2
    assert "python3.11 dev.py test" in done.output


def test_help_teaches_every_task(tmp_path: Path) -> None:
    done = finish("python3 dev.py --help", cwd=checkout(tmp_path))

    assert all(f"dev.py {task} " in done.output for task in ("setup", "up", "test", "check", "prove"))


@pytest.mark.timeout(CHECK_SECONDS)
def test_this_checkout_passes_its_own_check() -> None:
    done = finish(CHECK, cwd=ROOT, limit_seconds=CHECK_SECONDS)

    assert done.code == 0, done.output
