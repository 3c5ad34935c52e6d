"""What the processes on one store learn of each other: where the virtual clock stands, and that merchants changed."""

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from reference_server.clock import Clock, ClockMode
from reference_server.database import Database
from reference_server.fastpath import FastPath
from reference_server.incarnation import Incarnation, read_remembered


class Siblings:
    """`learn` looks at the merchants anew; `fast` is told whose facts lie in Redis."""

    def __init__(
        self, database: Database, clock: Clock, *, learn: Callable[[], Awaitable[None]], fast: FastPath | None
    ) -> None:
        self._database = database
        self._clock = clock
        self._learn = learn
        self._fast = fast
        self._knowledge = 0

    async def catch_up(self) -> None:
        """Do as the others have done, if there may be others."""
        if self._database.is_shared:
            await self.heed(await self._database.read(read_remembered))

    async def heed(self, remembered: Incarnation) -> None:
        """Stand where they stand, and know what they know."""
        instant = remembered.instant
        if self._clock.mode is ClockMode.VIRTUAL and instant is not None and instant > self._clock.now():
            self._clock.set(instant)
        if self._fast is not None and remembered.installation:
            self._fast.installation = remembered.installation
        if remembered.knowledge != self._knowledge:
            self._knowledge = remembered.knowledge
            await self._learn()

    def catching_up(self, app: ASGIApp) -> ASGIApp:
        """Wrap an app so that on a virtual clock no request sees an earlier instant than another process was set to.

        On the system clock the machines' clocks agree by themselves, and the rest may come with the next heartbeat.
        """

        async def caught_up(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and self._clock.mode is ClockMode.VIRTUAL and self._database.is_open:
                await self.catch_up()
            await app(scope, receive, send)

        return caught_up
