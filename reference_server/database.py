"""The database's face: units of work that run inline or not, whichever engine is behind it.

On a virtual clock and in memory units run inline, while their caller waits, so that a seed repeats a run.
"""

from collections.abc import Callable

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url
from sqlmodel import Session

from reference_server.changes import Aftermath
from reference_server.engines import schema
from reference_server.engines.addresses import is_postgres, read_postgres_url
from reference_server.engines.postgres import Postgres
from reference_server.engines.sqlite import Sqlite
from reference_server.errors import NotReadyError
from reference_server.executors import Conclude, T, Unit

# As many as the customer's document 001 wants.
POOL = 20


def aftermath_of(session: Session) -> Aftermath:
    """Return what the unit on this session leaves to be told after the commit."""
    aftermath = session.info["aftermath"]
    assert isinstance(aftermath, Aftermath)  # noqa: S101  # set by carry_out, nowhere else
    return aftermath


class Database:
    """`run` changes, `read` looks; both answer when it is so.

    `conclude` is the last part of each unit that changed an order; `tell` hears what each committed unit leaves behind.
    """

    def __init__(self, url: str, *, inline: Callable[[], bool], pool: int = POOL, migrate: bool = True) -> None:
        self._inline = inline
        self._migrate = migrate
        self._body = _body_of(url, self._conclude_unit, pool=pool)
        self.tell: Callable[[Aftermath], None] = lambda _: None
        self.conclude: Conclude = lambda session, aftermath: None

    @property
    def engine(self) -> Engine:
        """The engine that inline units run on."""
        return self._body.engine

    @property
    def is_in_memory(self) -> bool:
        """Whether everything is lost with the process."""
        return self._body.is_in_memory

    @property
    def is_shared(self) -> bool:
        """Whether other processes may be at work on it."""
        return isinstance(self._body, Postgres)

    @property
    def is_open(self) -> bool:
        """Whether units can run."""
        return self._body.is_open

    def open(self, *, as_it_stands: bool = False) -> None:
        """Take what there is one of, and bring the tables up to this release, unless they are wanted as they stand.

        Raises `SettingsError` if another process has the file, or the tables are of another release and stay so, and
        `NotReadyError` if PostgreSQL is away.
        """
        self._body.open()
        try:
            if not as_it_stands:
                self.rebuild(schema.bring_up if self._migrate or self.is_in_memory else schema.require_current)
        except BaseException:
            self.close()
            raise

    def rebuild(self, work: Callable[[Connection], T]) -> T:
        """Look at the tables themselves or change them, in a transaction that no other process rebuilds beside."""
        self._require_open()
        return self._body.rebuild(work)

    async def finish(self) -> None:
        """Let units that are under way in this loop come to their end; before `close`, where there is time for it."""
        if isinstance(self._body, Postgres):
            await self._body.finish()

    def close(self) -> None:
        """Give everything back. Writes nothing of its own: a killed process comes out the same."""
        self._body.close()

    async def run(self, unit: Unit[T]) -> T:
        """Carry the unit out in one transaction and return when it is committed.

        On PostgreSQL it may be carried out several times, each time after all that it did was undone. Raises
        `NotReadyError` when the database is away, or went away while the unit was being committed.
        """
        if self._inline():
            return self.run_now(unit)
        self._require_open()
        done = await self._body.run(unit)
        self.tell(done.aftermath)
        return done.result

    async def read(self, unit: Unit[T]) -> T:
        """Look at one moment's state. The unit changes nothing."""
        if self._inline():
            return self.read_now(unit)
        self._require_open()
        return await self._body.read(unit)

    async def scrub(self) -> None:
        """Leave nothing of what was deleted or overwritten in the files of an embedded database.

        Raises `NotReadyError` where somebody was in the way; it is done when it is asked for again.
        """
        self._require_open()
        if self._inline():
            self._body.scrub_now()
        else:
            await self._body.scrub()

    def run_now(self, unit: Unit[T]) -> T:
        """Carry the unit out while the calling thread waits: only inline, at the start, and by whoever conducts."""
        self._require_open()
        done = self._body.run_now(unit)
        self.tell(done.aftermath)
        return done.result

    def read_now(self, unit: Unit[T]) -> T:
        """Look while the calling thread waits."""
        self._require_open()
        return self._body.read_now(unit)

    def _conclude_unit(self, session: Session, aftermath: Aftermath) -> None:
        self.conclude(session, aftermath)

    def _require_open(self) -> None:
        if not self.is_open:
            raise NotReadyError("the server is not started, or is stopping")


def _body_of(url: str, conclude: Conclude, *, pool: int) -> Sqlite | Postgres:
    parsed = make_url(url)
    if is_postgres(parsed):
        return Postgres(read_postgres_url(parsed), conclude, pool=pool)
    return Sqlite(parsed, conclude)
