#!/usr/bin/env python3
r"""The tasks of this repository. Needs Python 3.11 and nothing else; everything it installs goes into .venv.

  python3 dev.py up        start the server, the simulated gateways and a shop, and say where to look
  python3 dev.py test      run every test; with arguments, what pytest makes of them: dev.py test tests/house -k words
                           dev.py test --engine=postgres tests/reference_server: with PostgreSQL and Redis for SQLite
  python3 dev.py check     lint, formatting, types, house rules, specifications: what a change must pass
  python3 dev.py prove     the tests with their large counts, and the branch coverage of each room (takes longer)
  python3 dev.py setup     make or renew .venv; every other task does so by itself when requirements.lock has changed

The pins are in requirements.lock, with hashes. After a change of the dependencies in pyproject.toml, write it anew:

  .venv/bin/uv pip compile pyproject.toml --group dev --generate-hashes --no-emit-index-url --no-annotate \
      --upgrade-package NAME -o requirements.lock
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / "python"
UV = BIN / "uv"
STAMP = VENV / "installed-from"
OLDEST = (3, 11)
ROOMS = ("contracts", "reference_server", "scenarios", "simulators")
COVERAGE_PERCENT = 95

INSTALL_FAILED = """\
dev.py: could not install what requirements.lock names (the messages above say why).
  No network? A package index must be reachable once; later runs need none while the lock stays the same.
  Behind a mirror? Set PIP_INDEX_URL. A hash that does not match? Stop: it is not the file that we pinned.
"""
NO_VENV = """\
dev.py: this Python cannot make virtual environments (%s).
  On Debian or Ubuntu: apt-get install python3-venv
"""


class TaskError(Exception):
    """A task that cannot go on; the message says what to do about it."""


def run(*command: str | Path, env: dict[str, str] | None = None) -> int:
    return subprocess.run(
        [str(word) for word in command], cwd=ROOT, env={**os.environ, **(env or {})}, check=False
    ).returncode


def setup() -> None:
    """Make .venv hold exactly what requirements.lock names; does nothing when it does so already."""
    wanted = fingerprint()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted:
        return
    sys.stderr.write("dev.py: installing what requirements.lock names into .venv\n")
    STAMP.unlink(missing_ok=True)
    if not UV.exists():
        install_uv()
    index = os.environ.get("PIP_INDEX_URL")
    mirror = {"UV_DEFAULT_INDEX": index} if index else {}
    if run(UV, "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON, LOCK, env=mirror):
        raise TaskError(INSTALL_FAILED)
    link_checkout()
    STAMP.write_text(wanted)


def fingerprint() -> str:
    """Return what .venv depends on: the pins, the Python, and where this checkout lies."""
    pins = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    return f"{pins} {sys.version_info[:3]} {ROOT}\n"


def install_uv() -> None:
    """Make .venv with the one tool that installs the rest, itself held to its hash in the lock."""
    try:
        venv.EnvBuilder(with_pip=True, clear=VENV.exists()).create(VENV)
    except (subprocess.CalledProcessError, OSError) as error:
        raise TaskError(NO_VENV % error) from error
    with tempfile.TemporaryDirectory() as folder:
        pin = Path(folder) / "uv.txt"
        pin.write_text(pinned("uv", LOCK.read_text()))
        if run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:", "-r", pin):
            raise TaskError(INSTALL_FAILED)


def pinned(name: str, lock: str) -> str:
    """Return the lines of `lock` that pin one package: the one with its version and the hashes that follow."""
    lines = lock.splitlines(keepends=True)
    start = next((number for number, line in enumerate(lines) if line.startswith(f"{name}==")), None)
    if start is None:
        raise TaskError(f"dev.py: requirements.lock does not pin {name}; write it anew as `dev.py --help` says\n")
    length = next((n for n, line in enumerate(lines[start:], 1) if not line.rstrip().endswith("\\")), len(lines))
    return "".join(lines[start : start + length])


def link_checkout() -> None:
    """Put the checkout on the path of .venv and the `gatewright` command into it, without building anything."""
    site = subprocess.check_output([PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True)
    (Path(site.strip()) / "gatewright-checkout.pth").write_text(f"{ROOT}\n")
    command = BIN / "gatewright"
    command.write_text(f"#!{PYTHON}\nfrom gatewright import main\n\nmain()\n")
    command.chmod(0o755)


def up(arguments: Sequence[str]) -> int:
    # In place of this process, so that Ctrl-C and a supervisor's signals reach gatewright itself.
    sys.stdout.flush()
    os.execv(PYTHON, [str(PYTHON), "-m", "gatewright", "up", *arguments])


def test(arguments: Sequence[str]) -> int:
    return run(PYTHON, "-m", "pytest", *(arguments or side_by_side()))


def side_by_side() -> list[str]:
    """Return pytest's arguments for the whole suite: on two processes at least, since half of it waits for sockets."""
    workers = min(max(2, os.cpu_count() or 2), 8)
    return ["-n", str(workers), "--dist", "loadgroup"]


def check(_arguments: Sequence[str]) -> int:
    parts: list[tuple[str, list[str | Path]]] = [
        ("lint", ["-m", "ruff", "check", "."]),
        ("formatting (cure: .venv/bin/ruff format .)", ["-m", "ruff", "format", "--check", "."]),
        ("types", ["-m", "pyright"]),
        ("house rules", ["-m", "pytest", "-q", "tests/house"]),
        *((f"specification {spec}", ["-m", "openapi_spec_validator", spec]) for spec in find_specifications()),
    ]
    broken = [name for name, command in parts if run(PYTHON, *command)]
    for name, _ in parts:
        print(f"{'broken' if name in broken else 'kept  '}  {name}")
    return 1 if broken else 0


def find_specifications() -> list[str]:
    """Return every OpenAPI document of the repository, relative to its root."""
    found = [*ROOT.glob("*.yaml"), *ROOT.glob("contracts/**/*.yaml")]
    return sorted(str(path.relative_to(ROOT)) for path in found if path.read_text("utf-8").startswith("openapi:"))


def prove(arguments: Sequence[str]) -> int:
    """Run the suite with its large counts and hold each room to its branch coverage."""
    run(PYTHON, "-m", "coverage", "erase")
    suite = ["-m", "coverage", "run", "-m", "pytest", *side_by_side(), *arguments]
    failed = run(PYTHON, *suite, env={"GATEWRIGHT_PROVE": "1"})
    run(PYTHON, "-m", "coverage", "combine", "--quiet")
    thin = [
        room
        for room in ROOMS
        if run(PYTHON, "-m", "coverage", "report", f"--include={room}/*", f"--fail-under={COVERAGE_PERCENT}")
    ]
    if thin:
        print(f"dev.py: fewer than {COVERAGE_PERCENT} % of the branches are tested in: {', '.join(thin)}")
    return 1 if failed or thin else 0


TASKS: dict[str, Callable[[Sequence[str]], int]] = {
    "setup": lambda _arguments: 0,
    "up": up,
    "test": test,
    "check": check,
    "prove": prove,
}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="dev.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="dev.py TASK [...]",
    )
    parser.add_argument("task", choices=TASKS, metavar="TASK", help="one of: " + ", ".join(TASKS))
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help="handed on to pytest or gatewright")
    if not arguments:
        parser.print_help(sys.stderr)
        return 2
    asked = parser.parse_args(arguments)
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:2]))
        sys.stderr.write(
            f"dev.py: Python 3.11 or newer is needed, this is {found}. Try: python3.11 dev.py {asked.task}\n"
        )
        return 2
    try:
        setup()
    except TaskError as error:
        sys.stderr.write(str(error))
        return 2
    try:
        return TASKS[asked.task](asked.arguments)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
