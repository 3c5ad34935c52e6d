"""Backup and restore as OPERATING.md tells them: its own commands, run while the server works."""

import re
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

import reference_server
from reference_server.database import Database
from reference_server.engines import schema
from tests.reference_server.stage import SETTINGS, Stage, staged, states
from tests.services.postgres_server import PostgresServer

MANUAL = Path(reference_server.__file__).parent / "OPERATING.md"
PAID = ("SUCCESS", "CAPTURED", "DONE")


def told(heading: str) -> str:
    """Return the commands of the manual's block that begins so."""
    blocks = re.findall(r"```sh\n# (.*?)\n(.*?)```", MANUAL.read_text(), re.DOTALL)
    return next(commands for line, commands in blocks if line.startswith(heading))


class Kept:
    """A database with its backup: where the server finds the one and the other, and how each is made."""

    def __init__(self, folder: Path, url: str, restored_url: str, *, programs: str = ".") -> None:
        self.url = url
        self.restored_url = restored_url
        self._folder = folder
        self._given = f"export DATABASE_URL='{url}' RESTORED_URL='{restored_url}' PATH='{programs}':\"$PATH\"\n"
        self._engine = url.partition(":")[0]

    def backup(self) -> None:
        self._run(f"backup {self._engine}")

    def restore(self) -> None:
        self._run(f"restore {self._engine}")

    def _run(self, heading: str) -> None:
        subprocess.run(["sh", "-e", "-c", self._given + told(heading)], cwd=self._folder, check=True)


@contextmanager
def kept_on_postgres(folder: Path, postgres: PostgresServer) -> Generator[Kept]:
    with postgres.fresh_database() as url, postgres.fresh_database(with_tables=False) as restored_url:
        yield Kept(folder, url, restored_url, programs=f"{postgres.programs}/bin")


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Kept]:
    """Return a database of either engine, which OPERATING.md can back up."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/gatewright.db"
        yield Kept(tmp_path, url, url)
        return
    with kept_on_postgres(tmp_path, request.getfixturevalue("postgres")) as kept:
        yield kept


async def test_a_restored_server_knows_all_of_before_the_backup_and_goes_on_with_what_was_owed(kept: Kept) -> None:
    settings = SETTINGS.model_copy(update={"database_url": kept.url})
    async with staged(settings) as stage:
        paid, _ = await stage.paid(tran_id="BEFORE-1")
        owed, _ = await stage.opened(tran_id="BEFORE-2")
        kept.backup()
        lost, _ = await stage.paid(tran_id="AFTER-1")
        gateway = stage.gateway
    kept.restore()

    restored = settings.model_copy(update={"database_url": kept.restored_url})
    async with staged(restored, gateway=gateway) as stage:
        assert await states(stage, paid) == PAID
        assert (await stage.client.get(f"/payment/status/{lost}")).status_code == 404
        await pay_without_a_word(stage, "BEFORE-2")
        assert await states(stage, owed) == PAID


async def pay_without_a_word(stage: Stage, tran_id: str) -> None:
    """Let the shopper pay and no notification come: only what was owed before the backup finds the money."""
    stage.gateway.pay(tran_id)
    await stage.advance(minutes=20)


def test_what_was_restored_has_the_tables_of_this_release(kept: Kept) -> None:
    made = Database(kept.url, inline=lambda: True)
    made.open()
    kept.backup()
    made.close()
    kept.restore()
    restored = Database(kept.restored_url, inline=lambda: True, migrate=False)
    restored.open()
    assert list(restored.rebuild(schema.find_differences)) == []
    restored.close()
