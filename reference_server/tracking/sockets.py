"""python-socketio as this side uses it: everything that knows the library, behind one typed face."""
# The library carries no types of its own; what is used of it is named and typed here, and nowhere else.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, Protocol, cast

import msgspec
from engineio import AsyncServer as EngineServer
from engineio.exceptions import SocketIsClosedError
from redis.exceptions import RedisError
from socketio import AsyncRedisManager, AsyncServer
from starlette.types import ASGIApp

from reference_server.door.forwarded import subscriber_of
from reference_server.fastpath import FastPath
from reference_server.tracking.bounds import ByAddress

MESSAGE_BYTES_MAX = 4_096
# What one socket was told and has not read yet: some hundred answers to joins and updates are more than any page gets.
UNREAD_MAX = 256
CHANNEL = "gatewright"
STOP_SECONDS = 1.0
# How long the first sockets wait until others are heard; where that takes longer, what they said is looked up later.
HEARD_SECONDS_MAX = 1.0
_NAMESPACE = "/"
# Socket.IO 5: BINARY_EVENT and BINARY_ACK, which announce how many attachments follow.
_BINARY_KINDS = ("5", "6")
# The libraries' own logs quote what clients send, and sessions: nobody hears them.
_silence = logging.getLogger("gatewright.silence")
_silence.addHandler(logging.NullHandler())
_silence.propagate = False
_silence.setLevel(logging.CRITICAL + 1)

# Whose connection is being answered: the library tells it to nobody when it puts a new socket in.
_arriving: ContextVar[str] = ContextVar("whose connection", default="")

Members = dict[str, object]
Answering = Callable[..., Awaitable[Members]]


class Listener(Protocol):
    """Who learns of what other processes say."""

    def hear(self, room: str) -> None:
        """Learn that another process tells a room something, before the room does."""
        ...

    def hear_again(self) -> None:
        """Learn that nobody could be heard for a while, and that everybody can be from now on."""
        ...

    async def rest(self) -> None:
        """Wait before the next try to hear the others."""
        ...


class Sockets:
    """The socket server of this process. With `shared` its rooms reach the sockets of other processes too.

    Whoever listens to the others is the `listener`.
    """

    def __init__(self, shared: FastPath | None, *, listener: "Listener") -> None:
        self._shared = None if shared is None else _SharedRooms(shared, listener)
        self._server = _SocketServer(
            client_manager=self._shared,
            async_mode="asgi",
            logger=_silence,  # pyright: ignore[reportArgumentType]  # a logger is allowed, the library's guess is bool
            engineio_logger=_silence,
            # Origins are judged in doorway.py, which knows the merchants' frontends.
            cors_allowed_origins="*",
            cors_credentials=False,
            max_http_buffer_size=MESSAGE_BYTES_MAX,
            http_compression=False,
            # One event of a socket after the other: no task for each, and none that outlives its socket.
            async_handlers=False,
        )
        self._engine = cast("_TrackedEngine", self._server.eio)

    @property
    def asgi(self) -> ASGIApp:
        """Engine.IO's own face; `doorway.py` stands before it."""
        return cast("ASGIApp", self._server.handle_request)

    @property
    def count(self) -> int:
        """How many sockets are open, those still shaking hands included."""
        return len(self._engine.sockets)

    def count_of(self, address: str) -> int:
        """How many of them one address has, or one network where an address is nobody's alone."""
        return self._engine.sockets.count_of(subscriber_of(address))

    def be_asked_by(self, address: str) -> None:
        """Know whose connection it is that this task brings, and that a new socket is."""
        _arriving.set(subscriber_of(address))

    def on(self, event: str, answer: Answering) -> None:
        """Let `answer` be asked for the acknowledgement of each event of that name."""
        self._server.on(event, answer)

    def environ_of(self, socket_id: str) -> Members:
        """Return what is kept of a socket for as long as it is open."""
        return cast("Members", self._server.get_environ(socket_id))

    def is_entered(self, room: str) -> bool:
        """Say whether a socket of this process is in that room."""
        return room in self._server.manager.rooms.get(_NAMESPACE, {})

    async def enter(self, socket_id: str, room: str) -> None:
        """Let a socket hear what the room is told."""
        await self._server.enter_room(socket_id, room)

    def entered(self) -> list[str]:
        """Return the rooms that sockets of this process have joined."""
        rooms = self._server.manager.rooms.get(_NAMESPACE, {})
        # Each socket has a room of its own as well, and all of them are in one.
        alone = set(rooms.get(None, ()))
        return [room for room in rooms if room is not None and room not in alone]

    async def emit(self, event: str, body: Members, *, room: str, only_here: bool = False) -> None:
        """Tell a room; with `only_here` the sockets of this process alone."""
        await self._server.emit(event, body, room=room, ignore_queue=only_here)

    async def close(self) -> None:
        """Close every socket at once, and end every task that stands behind one."""
        # A socket that is gone already cannot be told so.
        with suppress(Exception):
            await self._engine.disconnect()
        tasks = list(self._engine.tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_SECONDS)
        if self._shared is not None:
            await self._shared.close()


def address_of(environ: Members) -> str:
    """Return whose a socket is: the address of its peer, or of whom a trusted proxy speaks for."""
    scope = cast("Members", environ["asgi.scope"])
    client = cast("tuple[str, int] | None", scope.get("client"))
    return "" if client is None else subscriber_of(client[0])


class _TrackedEngine(EngineServer):
    """Engine.IO that can be stopped: it starts tasks of 25 s for each socket and keeps none of them.

    And that turns sockets away without waiting for them: the library's own `disconnect` waits until the peer has read
    everything, which whoever sends nonsense never does (seen with long polling and a body that is too large).
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.tasks: set[asyncio.Future[object]] = set()
        self.sockets: ByAddress[Any] = ByAddress(_arriving.get)

    def start_background_task(
        self, target: Callable[..., Awaitable[object]], *args: object, **kwargs: object
    ) -> asyncio.Future[object]:
        task = asyncio.ensure_future(target(*args, **kwargs))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def create_queue(self, *args: object, **kwargs: object) -> "_Unread":
        return _Unread()

    async def send_packet(self, sid: str, pkt: object) -> None:
        try:
            await super().send_packet(sid, pkt)
        except SocketIsClosedError:
            await self.disconnect(sid)

    async def disconnect(self, sid: str | None = None) -> None:
        for one in list(self.sockets) if sid is None else [sid]:
            socket = self.sockets.get(one)
            if socket is not None:
                del self.sockets[one]
                is_deaf = socket.queue.qsize() >= UNREAD_MAX
                await socket.close(wait=False, abort=is_deaf, reason=self.reason.SERVER_DISCONNECT)
                # The library would leave a WebSocket open for as long as its peer speaks on, and count it no more.
                socket.queue.put_nowait(None)

    async def _trigger_event(self, event: str, *args: Any, **kwargs: Any) -> object:
        if event == "message" and not await self._is_let_in(*args):
            return None
        answer = await super()._trigger_event(event, *args, **kwargs)
        if event == "disconnect" and args[0] in self.sockets and args[1:] == (self.reason.CLIENT_DISCONNECT,):
            # Its last long poll would wait for the next ping before it ends, and the client for its end.
            self.sockets[args[0]].queue.put_nowait(None)
        return answer

    async def _is_let_in(self, sid: str, packet: object) -> bool:
        if isinstance(packet, str) and packet[:1] not in _BINARY_KINDS:
            # Whoever was turned away may not be silent yet.
            return sid in self.sockets
        # No message of ours is binary, and the library keeps up to ten thousand million attachments of one.
        await self.disconnect(sid)
        return False


class _Unread(asyncio.Queue[object]):
    """What a socket has not read yet. The library's own has no bound: who asks and never reads would fill the memory.

    It must not wait either: a room is told one socket after the other.
    """

    async def put(self, item: object) -> None:
        if item is not None and self.qsize() >= UNREAD_MAX:
            raise SocketIsClosedError
        self.put_nowait(item)


class _SocketServer(AsyncServer):
    def _engineio_server_class(self) -> type[EngineServer]:
        return _TrackedEngine

    async def _handle_eio_connect(self, eio_sid: str, environ: Members) -> None:
        # The first one makes the manager listen. Whoever joined before that would be told the present state again.
        await super()._handle_eio_connect(eio_sid, environ)
        if isinstance(self.manager, _SharedRooms):
            await self.manager.listen_first()


class _SharedRooms(AsyncRedisManager):
    """Hears of other processes by a listener that comes back soon: the library's own takes up to a minute.

    Speaks through the fast path, so that a dead Redis costs what it costs there: the library's own way of publishing
    knows no limit.
    """

    def __init__(self, fast: FastPath, listener: Listener) -> None:
        super().__init__(fast.url, channel=CHANNEL, logger=_silence)
        self._fast = fast
        self._listener = listener
        # Whether it was tried at all to hear the others, be it in vain.
        self._tried = asyncio.Event()

    async def listen_first(self) -> None:
        """Return when the others are heard, or cannot be heard now."""
        if not self._tried.is_set():
            trial = asyncio.ensure_future(self._tried.wait())
            await asyncio.wait([trial], timeout=HEARD_SECONDS_MAX)
            trial.cancel()
            self._tried.set()

    async def close(self) -> None:
        """Give up the connection on which others are heard."""
        if self.pubsub is not None:
            await self.pubsub.aclose()
        if self.redis is not None:
            await self.redis.aclose()

    async def _publish(self, data: object) -> None:
        await self._fast.publish(CHANNEL, cast("str", self.json.dumps(data)))

    async def _listen(self) -> AsyncGenerator[bytes]:
        while True:
            with suppress(RedisError, OSError, TimeoutError):
                async for message in await self._subscribe():
                    self._hear(message)
                    yield message
            self._tried.set()
            await self._listener.rest()

    async def _subscribe(self) -> AsyncGenerator[bytes]:
        with suppress(RedisError, OSError, TimeoutError):
            await self.close()
        self._redis_connect()
        heard = cast("Any", self.pubsub)
        await heard.subscribe(self.channel)
        self._tried.set()
        self._listener.hear_again()
        return (message["data"] async for message in heard.listen() if message["type"] == "message")

    def _hear(self, text: bytes) -> None:
        with suppress(msgspec.MsgspecError):
            self._listener.hear(str(msgspec.json.decode(text, type=Members).get("room")))
