"""One room per session, joined by token or session id, told of each change of the status word after its commit."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import cast

import structlog

from reference_server.changes import StatusNews
from reference_server.clock import Clock
from reference_server.fastpath import FastPath
from reference_server.tracking.bounds import PerMinute
from reference_server.tracking.messages import Messages
from reference_server.tracking.moves import Moves
from reference_server.tracking.sockets import Members, Sockets, address_of

JOIN, JOINED, UPDATE = "join", "joined", "paymentStatusUpdate"
TRIES_PER_SOCKET_MAX = 20
# A whole office may stand behind one address.
TRIES_PER_MINUTE_MAX = 600
# Session ids and tokens cannot be guessed; whoever is wrong so often is guessing, or broken.
VAIN_TRIES_PER_MINUTE_MAX = 30
# What nobody could be told yet. Whoever misses one of so many reads the present state when joining again.
NEWS_MAX = 10_000
# What a stop may take to tell what happened last, and how many rooms are looked at side by side.
LAST_WORDS_SECONDS = 0.5
RETOLD_AT_ONCE = 16
_MOVES_MAX = 5

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a socket shows: a session id, a tracking token, or both, which then must belong together."""

    session_id: str | None
    token: str | None


@dataclass(frozen=True, slots=True)
class Present:
    """How a session stands now."""

    session_id: str
    reference: str
    status: str
    state: str


Look = Callable[[Wanted], Awaitable[Present | None]]


@dataclass(frozen=True, slots=True)
class RoomTerms:
    """What the settings say: may a bare session id join, and is what goes out checked."""

    bare_session: bool
    check_answers: bool


class Rooms:
    """`announce` never waits: what is to be told is told by a task of its own, in the order of the commits."""

    def __init__(
        self, clock: Clock, *, messages: Messages, look: Look, terms: RoomTerms, shared: FastPath | None = None
    ) -> None:
        self._clock = clock
        self._messages = messages
        self._look = look
        self._terms = terms
        self._is_shared = shared is not None
        self._moves = Moves()
        self._tries = PerMinute(TRIES_PER_MINUTE_MAX)
        self._vain = PerMinute(VAIN_TRIES_PER_MINUTE_MAX)
        self._news: deque[StatusNews] = deque(maxlen=NEWS_MAX)
        self._wake = asyncio.Event()
        self._is_stopped = self._is_over = False
        self._telling: asyncio.Task[None] | None = None
        self._retelling: asyncio.Task[None] | None = None
        self.sockets = Sockets(shared, listener=self)
        self.sockets.on(JOIN, self._join)

    async def start(self) -> None:
        """Begin to tell what is announced."""
        self._telling = asyncio.create_task(self._tell_all(), name="rooms")

    async def stop(self) -> None:
        """Tell what is not told yet, then nobody any more; and close every socket."""
        self._is_stopped = True
        self._wake.set()
        if self._telling is not None:
            await asyncio.wait([self._telling], timeout=LAST_WORDS_SECONDS)
            self._is_over = True
            await self._telling
        if self._retelling is not None:
            self._retelling.cancel()
            await asyncio.wait([self._retelling])
        await self.sockets.close()

    def announce(self, news: Iterable[StatusNews]) -> None:
        """Tell whoever is in the sessions' rooms, here and in other processes. Called once it is committed."""
        for one in news:
            self._moves.count(one.session_id)
            if self._is_shared or self.sockets.is_entered(one.session_id):
                self._news.append(one)
                self._wake.set()

    def hear(self, room: str) -> None:
        """Know that another process tells a session's room something."""
        self._moves.count(room)

    def hear_again(self) -> None:
        """Tell whoever is here how each session stands: what others said meanwhile, nobody heard here."""
        if self._retelling is None or self._retelling.done():
            self._retelling = asyncio.create_task(self._retell_all(), name="retelling")

    async def rest(self) -> None:
        """Wait a little, of the machine's time."""
        await self._clock.idle(None, wake=asyncio.Event())

    async def _retell_all(self) -> None:
        rooms = self.sockets.entered()
        for first in range(0, len(rooms), RETOLD_AT_ONCE):
            await asyncio.gather(*map(self._retell, rooms[first : first + RETOLD_AT_ONCE]))

    async def _retell(self, room: str) -> None:
        try:
            present = await self._look_steadily(Wanted(room, None), room=room)
            if present is not None:
                body = _update_of(StatusNews(room, present.reference, present.status))
                await self.sockets.emit(UPDATE, body, room=room, only_here=True)
        except Exception:  # noqa: BLE001  # one room that cannot be told must not silence the others
            _log.exception("a status could not be told again")

    async def _tell_all(self) -> None:
        # Ended by its own word: a cancel that comes while Redis is being asked was seen to get lost below.
        while not self._is_stopped:
            await self._wake.wait()
            self._wake.clear()
            while self._news and not self._is_over:
                await self._tell(self._news.popleft())

    async def _tell(self, news: StatusNews) -> None:
        body = _update_of(news)
        try:
            if self._terms.check_answers:
                self._messages.require(UPDATE, body)
            await self.sockets.emit(UPDATE, body, room=news.session_id)
        except Exception:  # noqa: BLE001  # one room that cannot be told must not silence the others
            _log.exception("a status could not be told")

    async def _join(self, socket_id: str, *said: object) -> Members:
        try:
            answer = await self._answer_join(socket_id, said)
        except Exception:  # noqa: BLE001  # no input may end in a traceback on the wire
            _log.exception("a join raised")
            answer = _refuse("not now")
        if self._terms.check_answers:
            self._messages.require(JOINED, answer)
        return answer

    async def _answer_join(self, socket_id: str, said: tuple[object, ...]) -> Members:
        environ = self.sockets.environ_of(socket_id)
        address, now = address_of(environ), self._clock.wall()
        # Kept with the socket, so that it ends with it.
        tries = int(cast("int", environ.get(JOIN, 0))) + 1
        environ[JOIN] = tries
        is_over = self._tries.is_over(address, now) or self._vain.is_over(address, now)
        if tries > TRIES_PER_SOCKET_MAX or is_over:
            return _refuse("too many joins")
        self._tries.count(address, now)
        if len(said) != 1 or self._messages.violations_of(JOIN, said[0]):
            return _refuse("not understood")
        wanted = _read_wanted(said[0])
        present = await self._find(wanted)
        if present is None:
            self._vain.count(address, now)
            return _refuse("no such session")
        return await self._enter(socket_id, wanted, room=present.session_id)

    async def _find(self, wanted: Wanted) -> Present | None:
        if wanted.token is None and not self._terms.bare_session:
            return None
        return await self._look(wanted)

    async def _enter(self, socket_id: str, wanted: Wanted, *, room: str) -> Members:
        """Enter first and look then, again if it moved meanwhile: else an older state could come after a newer one."""
        await self.sockets.enter(socket_id, room)
        present = await self._look_steadily(wanted, room=room)
        if present is None:
            return _refuse("no such session")
        return {
            "ok": True,
            "sessionId": present.session_id,
            "tran_id": present.reference,
            "status": present.status,
            "state": present.state,
        }

    async def _look_steadily(self, wanted: Wanted, *, room: str) -> Present | None:
        with self._moves.watching(room) as watch:
            present, seen = await self._look(wanted), 0
            # Moving on and on, it is told of each move all the same.
            while watch.moves != seen and seen < _MOVES_MAX:
                seen = watch.moves
                present = await self._look(wanted)
        return present


def _update_of(news: StatusNews) -> Members:
    return {"sessionId": news.session_id, "tran_id": news.reference, "status": news.status}


def _refuse(error: str) -> Members:
    return {"ok": False, "error": error}


def _read_wanted(said: object) -> Wanted:
    if isinstance(said, str):
        return Wanted(said, None)
    told = cast("dict[str, str]", said)
    return Wanted(told.get("sessionId"), told.get("token"))
