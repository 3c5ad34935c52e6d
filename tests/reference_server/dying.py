"""A server process that dies at one of its suspensions: a task factory numbers them, and threads wait for the loop.

SIGKILL runs no `finally` and no handler: from the point on, no task of the server is resumed and nothing is committed.
Each suspension is two points, as the task falls asleep and as it would wake with what it waited for; between two of
them nothing outside can tell one instant from another but by a commit, and a commit lies between the two of whoever
waits for it: it comes as late as it can, when nobody in the loop can go on without it.
"""

import asyncio
import sqlite3
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from functools import partial
from threading import Event, Lock, get_ident
from typing import Any

from sqlalchemy import Connection, Engine, event

from reference_server.errors import NotReadyError

# So many turns of the loop in which no task moves say that none can.
QUIET_TURNS = 25
# Half a second, the longest rest of a worker, is more than a story takes even on a busy machine.
SLOWNESS = 10
# Whose code makes a suspension one of the server's.
ROOM = "/reference_server/"
# It beats by the machine's time, beside every story and for none of them.
HEART = "Heart."


@dataclass(frozen=True, slots=True)
class Point:
    """Where in the server a task is suspended, on which side of it, and which time in the life that is."""

    place: str
    side: str
    nth: int


class DeadError(NotReadyError):
    """What the dead are told while they come to their end."""


class _State(Enum):
    ALIVE = "alive"
    DEAD = "dead"
    BURIED = "buried"


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A thread that has begun a transaction, or is about to commit it."""

    connection: sqlite3.Connection
    may_go_on: Event


class Threads:
    """Lets one thread of the database work at a time, and only while no task moves: so that a run repeats itself."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._own = get_ident()
        self._lock = Lock()
        self._waiting: deque[_Waiting] = deque()
        self._last: sqlite3.Connection | None = None
        self._is_open = self._is_looking = False
        self._quiet_turns = 0

    def attach(self, engine: Engine, *, commit: Callable[[], None]) -> None:
        """Stand behind the beginning of every transaction and before its commit, where `commit` may raise."""
        event.listen(engine, "begin", self._wait)

        def before_commit(connection: Connection) -> None:
            self._wait(connection)
            commit()

        event.listen(engine, "commit", before_commit)

    def moved(self) -> None:
        """Say that a task went on."""
        self._quiet_turns = 0

    def open(self) -> None:
        """Let everybody go on from now on."""
        with self._lock:
            self._is_open = True
            for one in self._waiting:
                one.may_go_on.set()

    def _wait(self, connection: Connection) -> None:
        if get_ident() == self._own:
            return
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        waiting = _Waiting(driver, Event())
        with self._lock:
            if self._is_open:
                return
            self._waiting.append(waiting)
        self._loop.call_soon_threadsafe(self._look)
        waiting.may_go_on.wait()

    def _look(self) -> None:
        if not self._is_looking:
            self._is_looking = True
            self._turn()

    def _turn(self) -> None:
        self._quiet_turns += 1
        with self._lock:
            if self._quiet_turns > QUIET_TURNS and self._waiting and not self._is_working():
                first = self._waiting.popleft()
                self._quiet_turns, self._last = 0, first.connection
                first.may_go_on.set()
            self._is_looking = bool(self._waiting) and not self._is_open
        if self._is_looking:
            self._loop.call_soon(self._turn)

    def _is_working(self) -> bool:
        """Say whether whoever may work has not come to the end of its transaction, nor to its commit."""
        is_waiting = any(one.connection is self._last for one in self._waiting)
        with suppress(sqlite3.ProgrammingError):
            return self._last is not None and not is_waiting and self._last.in_transaction
        return False  # it is closed


@dataclass(frozen=True, slots=True)
class _Steps:
    """What a task goes through, as something to await."""

    steps: Generator[Any, Any, Any]

    def __await__(self) -> Generator[Any, Any, Any]:
        return self.steps


class Death:
    """Comes at a point, if at any, to every task that was made while it was the loop's factory."""

    def __init__(self, at: Point | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._at = at
        self._state = _State.ALIVE
        self._counts = False
        self._graves: list[asyncio.Future[None]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._met: Counter[tuple[str, str]] = Counter()
        self.points: list[Point] = []
        self.threads = Threads()
        self._loop.set_exception_handler(_tell_unless_dead)
        self._loop.set_task_factory(self.make_task)
        self.has_come: asyncio.Future[None] = self._loop.create_future()
        self._moved = asyncio.Event()
        self._waiting: asyncio.Task[Any] | None = None

    @property
    def is_past(self) -> bool:
        """Whether the server is dead."""
        return self._state is not _State.ALIVE

    @contextmanager
    def awaited(self) -> Generator[None]:
        """Count within the block. The loop's time crawls there, so that hardly a timer of it comes in between."""
        own, began = self._loop.time, self._loop.time()
        self._loop.time = lambda: began + (own() - began) / SLOWNESS
        self._counts = True
        try:
            yield
        finally:
            self._counts = False
            del self._loop.time

    def require_life(self, _: object = None) -> None:
        """Raise `DeadError` once the server is dead: its database and its peers hear nothing of it any more."""
        if self.is_past:
            raise DeadError("the server is dead")

    def make_task(self, loop: asyncio.AbstractEventLoop, inner: Any, **more: Any) -> asyncio.Task[Any]:
        """Make a task that dies when its hour has come: what `set_task_factory` takes."""
        task: asyncio.Task[Any] = asyncio.Task(self._live(inner), loop=loop, **more)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # Cancelled before its first step the task would leave behind what was never awaited.
        task.add_done_callback(lambda _: inner.close())
        return task

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Return when it is so, looking whenever a task of the server went on."""
        self._waiting = asyncio.current_task()
        while not is_so():
            self._moved.clear()
            await self._moved.wait()
            # What the last step of a task leaves to others runs in the turns after it.
            for _ in range(QUIET_TURNS):
                await asyncio.sleep(0)
        self._waiting = None

    def bury(self) -> None:
        """Let the dead, if they are, go on to their end, once nothing that they do can be seen."""
        if self._state is _State.DEAD:
            self._state = _State.BURIED
        for grave in self._graves:
            if not grave.done():
                grave.set_result(None)

    async def end(self) -> None:
        """Let no task outlive this life; after it the loop makes its own again."""
        self.threads.open()
        self._loop.set_task_factory(None)
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)
            await asyncio.sleep(0)

    async def _live(self, inner: Coroutine[Any, Any, Any]) -> Any:
        return await _Steps(self._steps(inner))

    def _steps(self, inner: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
        go_on: Callable[[], Any] = partial(inner.send, None)
        while True:
            try:
                awaited = go_on()
            except StopIteration as end:
                return end.value
            finally:
                self._note_move()
            place = self._place_of(inner)
            self._reach(place, "falls asleep")
            yield from self._lie_dead()
            try:
                go_on = partial(inner.send, (yield awaited))
            except GeneratorExit:
                raise
            except BaseException as error:  # noqa: BLE001  # it belongs to the task inside, whatever it is
                go_on = partial(inner.throw, error)
            self._reach(place, "wakes")
            yield from self._lie_dead()

    def _lie_dead(self) -> Generator[Any, Any, None]:
        while self._state is _State.DEAD:
            self._graves.append(self._loop.create_future())
            # Whoever cancels the dead does so again at their end.
            with suppress(asyncio.CancelledError):
                yield from self._graves[-1]

    def _reach(self, place: str, side: str) -> None:
        if not place or not self._counts or self.is_past:
            return
        self._met[place, side] += 1
        self.points.append(Point(place, side, self._met[place, side]))
        if self.points[-1] == self._at:
            self._state = _State.DEAD
            self.threads.open()
            self.has_come.set_result(None)

    def _note_move(self) -> None:
        self.threads.moved()
        if asyncio.current_task() is not self._waiting:
            self._moved.set()

    @staticmethod
    def _place_of(inner: Coroutine[Any, Any, Any]) -> str:
        """Say where in the server a task is suspended; nothing for one that is none of its, and for the heart's."""
        names: list[str] = []
        one: Any = inner
        while (frame := getattr(one, "cr_frame", None)) is not None:
            if ROOM in frame.f_code.co_filename and "/tests/" not in frame.f_code.co_filename:
                names.append(f"{frame.f_code.co_qualname}:{frame.f_lineno}")
            one = one.cr_await
        return "" if not names or names[0].startswith(HEART) else " > ".join(names)


def _tell_unless_dead(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say nothing of what nobody has asked for any more because it is dead."""
    if not isinstance(context.get("exception"), DeadError):
        loop.default_exception_handler(context)
