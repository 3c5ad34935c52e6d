"""Lives of one reference server, each on the files that the one before left: played until the story or the server ends.

Its peers suspend before and after what they do, and so does whoever carries requests in and answers out, since sockets
do: each call and each answer is then a suspension of the server.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, closing
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from shutil import copy
from typing import Any, Generic, TypeVar

import httpx
from sqlalchemy.engine import make_url
from sqlmodel import Session, select
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_server.clock import ClockMode
from reference_server.jobs.model import Job
from reference_server.settings import Settings
from tests.reference_server.dying import Death, Point
from tests.reference_server.scripted import ProvisioningSink, ScriptedGateway
from tests.reference_server.stage import Stage, staged
from tests.reference_server.webhooks.receiving import Receiver

# Before any day on which a test runs: what a virtual life of then leaves for later is due in a life of today.
LONG_AGO = datetime.fromisoformat("2020-01-01T00:00:00+00:00")

# So often a story is told again that did not come by a point.
TELLINGS = 5


class SlowGateway(ScriptedGateway):
    """Answers as the other does, with a way there and a way back."""

    async def answer(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        answer = await super().answer(request)
        await asyncio.sleep(0)
        return answer


@dataclass
class Peers:
    """What outlives the server."""

    gateway: ScriptedGateway = field(default_factory=SlowGateway)
    sink: ProvisioningSink = field(default_factory=ProvisioningSink)
    receiver: Receiver = field(default_factory=Receiver)

    def hear(self, stage: Stage, death: Death) -> None:
        """Hear a server until it is dead."""
        self.gateway.on_call = self.sink.on_call = death.require_life
        self.receiver.clock = stage.server.timekeeper.clock

    def forget(self) -> None:
        """Hear anybody, and know of nobody."""
        self.gateway.on_call = self.sink.on_call = lambda _: None
        self.receiver.clock = None

    async def provision(self, request: httpx.Request) -> httpx.Response:
        """Take an order to be delivered."""
        await asyncio.sleep(0)
        answer = await self.sink.answer(request)
        await asyncio.sleep(0)
        return answer

    async def take(self, request: httpx.Request) -> httpx.Response:
        """Take a webhook."""
        await asyncio.sleep(0)
        self.sink.on_call("before webhook")
        answer = await self.receiver.answer(request)
        await asyncio.sleep(0)
        return answer


@dataclass
class Play:
    """A life under way: what a story has to do with."""

    stage: Stage
    death: Death

    async def rest(self) -> None:
        """Let the server do all that it owes by now, or, on a virtual clock, within two minutes."""
        if self.stage.server.timekeeper.clock.mode is ClockMode.VIRTUAL:
            await self.stage.advance(minutes=2)
        else:
            await self.death.until(self._owes_nothing)

    async def orders(self) -> list[dict[str, Any]]:
        """Return this side's truth about every order."""
        listed: Any = await self.stage.server.control.list_orders()
        return listed["orders"]

    def _owes_nothing(self) -> bool:
        keeper = self.stage.server.timekeeper
        now = keeper.clock.now()

        def look(session: Session) -> bool:
            return session.exec(select(Job.id).where(Job.due_at <= now).limit(1)).first() is None

        return not keeper.is_working and self.stage.server.database.read_now(look)


Story = Callable[[Play], Coroutine[Any, Any, None]]


@dataclass
class Lives:
    """One server's lives, the next one under these settings and on the files that the last one left."""

    settings: Settings
    peers: Peers = field(default_factory=Peers)
    # Where the clock of the last one stood.
    stood: datetime = LONG_AGO

    async def play(self, story: Story, *, until: Point | None = None) -> list[Point]:
        """Play a story on a server that dies at a point; return those that were met, that one being the last."""
        async with self._life(Death(until)) as play:
            told = asyncio.create_task(story(play))
            with play.death.awaited():
                await asyncio.wait({told, play.death.has_come}, return_when=asyncio.FIRST_COMPLETED)
            if not play.death.is_past:
                await told
        # What became of a dead server's story interests nobody; asking for it keeps the loop from telling it.
        _ = told.cancelled() or told.exception()
        return play.death.points

    @asynccontextmanager
    async def virtual(self) -> AsyncGenerator[Play]:
        """Live on a virtual clock from where the last one's stood, and do not die."""
        self.settings = self.settings.model_copy(update={"clock": ClockMode.VIRTUAL, "clock_start": self.stood})
        async with self._life(Death()) as play:
            yield play

    def fork(self, folder: Path, **changes: object) -> "Lives":
        """Return what goes on from here on files of its own, these staying as they are."""
        new = folder / "server.db"
        copy(self._file, new)
        settings = self.settings.model_copy(update={"database_url": f"sqlite:///{new}", **changes})
        return Lives(settings, deepcopy(self.peers), self.stood)

    @property
    def _file(self) -> Path:
        return Path(make_url(self.settings.database_url).database or "")

    @asynccontextmanager
    async def _life(self, death: Death) -> AsyncGenerator[Play]:
        peers, hooks = self.peers, {"hooks.test": self.peers.take, "merchant.test": self.peers.provision}
        served = staged(self.settings, gateway=peers.gateway, sink=peers.sink, hooks=hooks)
        try:
            async with served as stage, self._going_on(Play(stage, death)) as play:
                yield play
        finally:
            await death.end()
            peers.forget()

    @asynccontextmanager
    async def _going_on(self, play: Play) -> AsyncGenerator[Play]:
        stage, death = play.stage, play.death
        self.peers.hear(stage, death)
        death.threads.attach(stage.server.database.engine, commit=death.require_life)
        try:
            async with _asking(stage.server.asgi) as stage.client:
                yield play
            self.stood = stage.server.timekeeper.clock.now()
            if death.is_past:
                self._leave(stage)
        finally:
            death.bury()

    def _leave(self, stage: Stage) -> None:
        """Copy the files as they stand, the log beside the database, for the next life; that one is over."""
        old = self._file
        new = old.with_name(f"{old.stem}-.db")
        # Who closes last writes the log into the database; after SIGKILL it stands as it was.
        with closing(sqlite3.connect(old)) as last:
            last.execute("SELECT count(*) FROM sqlite_master")
            stage.server.database.close()
            for ending in ("", "-wal"):
                copy(f"{old}{ending}", f"{new}{ending}")
        self.settings = self.settings.model_copy(update={"database_url": f"sqlite:///{new}"})


def _asking(app: ASGIApp) -> httpx.AsyncClient:
    """Return who asks the server and waits, as it does, for each part to go over."""

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        async def slow_receive() -> Message:
            await asyncio.sleep(0)
            return await receive()

        async def slow_send(message: Message) -> None:
            await asyncio.sleep(0)
            await send(message)
            await asyncio.sleep(0)

        await app(scope, slow_receive, slow_send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(app=slow), base_url="http://server.test")


Teller = TypeVar("Teller")


@dataclass
class Tale(Generic[Teller]):
    """A story, told as often as wanted from one beginning, which `begin` makes in a folder with whoever tells it."""

    clock: ClockMode
    begin: Callable[[Path], Awaitable[tuple[Lives, Teller]]]
    story: Callable[[Teller, Play], Coroutine[Any, Any, None]]
    _begun: tuple[Lives, Teller] | None = None
    _points: list[Point] = field(default_factory=list[Point])

    async def points(self, folder: Path) -> list[Point]:
        """Return all points at which a server can die in it."""
        if not self._points:
            self._points = (await self._tell(folder / "first", until=None))[2]
        return self._points

    async def tell_until(self, nth: int, folder: Path) -> tuple[Lives, Teller]:
        """Tell it to a server that dies at the nth point, the first being 0; return what is left of the world.

        Two units may share a commit in one telling and have one each in another, which moves a few points: where one
        is not come by, it is told anew. Past the last point nobody dies.
        """
        points = await self.points(folder)
        point = points[nth] if nth < len(points) else None
        for telling in range(TELLINGS):
            lives, teller, met = await self._tell(folder / str(telling), until=point)
            if point in {None, met[-1]}:
                return lives, teller
        raise AssertionError(f"in {TELLINGS} tellings nobody came by {point}")

    async def _tell(self, folder: Path, *, until: Point | None) -> tuple[Lives, Teller, list[Point]]:
        if self._begun is None:
            self._begun = await self.begin(_made(folder / "beginning"))
        # Without a control plane, as servers are that serve: nobody but they themselves moves anything.
        lives = self._begun[0].fork(_made(folder), clock=self.clock, clock_start=self._begun[0].stood, control=False)
        teller = deepcopy(self._begun[1])
        return lives, teller, await lives.play(partial(self.story, teller), until=until)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
