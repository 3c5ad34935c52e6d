"""`gatewright serve` and `gatewright worker`: the reference server as a process, and whoever runs what it owes."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Coroutine
from types import FrameType
from typing import Annotated, Any

import typer
import uvicorn
import uvloop

from reference_server import migrating
from reference_server.app import Server, create_app
from reference_server.clock import ClockMode
from reference_server.doctor.command import doctor
from reference_server.errors import ServerError, SettingsError
from reference_server.settings import Settings, read_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The reference server.")
app.add_typer(migrating.app, name="migrate")
app.command()(doctor)

_SETTINGS_WRONG = 2
# What requests may have to come to their end; with the farewells after it a stop takes less than five seconds.
STOP_SECONDS = 3


@app.callback()
def describe() -> None:
    """Keep `serve` a command of its own: a lone command would take the program's name."""


def _read_peers(given: list[str] | None) -> dict[str, str] | None:
    return {name: address for name, _, address in (one.partition("=") for one in given)} if given else None


@app.command()
def serve(  # noqa: PLR0913  # one option each; typer reads them from the signature
    context: typer.Context,
    *,
    host: Annotated[str | None, typer.Option(help="Where to listen.")] = None,
    port: Annotated[int | None, typer.Option(help="0 takes a free port and says which.")] = None,
    database_url: Annotated[str | None, typer.Option(help="sqlite:///file.db, or sqlite:// for memory.")] = None,
    public_url: Annotated[str | None, typer.Option(help="What gateways and browsers call this server by.")] = None,
    frontend_url: Annotated[str | None, typer.Option(help="Where shoppers return to; else to our own page.")] = None,
    provisioning_url: Annotated[str | None, typer.Option(help="What delivers paid orders.")] = None,
    control: Annotated[bool | None, typer.Option(help="Answer /_control (clock, journal, accounts).")] = None,
    clock: Annotated[str | None, typer.Option(help="system, or virtual: stands until it is set.")] = None,
    clock_start: Annotated[str | None, typer.Option(help="Where a virtual one begins: 2030-01-01T00:00Z.")] = None,
    seed: Annotated[int | None, typer.Option(help="Test mode: ids follow from this number.")] = None,
    worker_name: Annotated[str | None, typer.Option(help="A restart under this name takes over at once.")] = None,
    embedded_worker: Annotated[
        bool | None, typer.Option("--worker/--no-worker", help="Run what is owed as well; on SQLite it has to.")
    ] = None,
    peers: Annotated[list[str] | None, typer.Option("--peer", help="NAME=ADDRESS of a side of ours.")] = None,
) -> None:
    """Start the reference server.

    It answers openapi.yaml and runs what is owed, in one process; nothing owed is lost by a kill. On PostgreSQL there
    may be any number of these, and of `gatewright worker`, which only runs what is owed. Every option is also
    an environment variable of the same name in capitals, which it goes before; reference_server/settings.py has the
    rest, each beside its default. A merchant needs MERCHANT_API_KEY, MERCHANT_API_SECRET, SSLCOMMERZ_STORE_ID and
    SSLCOMMERZ_STORE_PASSWD; against the simulators also SSLCOMMERZ_BASE_URL=http://127.0.0.1:9101. Shoppers follow
    their payment live at /orders/SESSION over Socket.IO (REALTIME_BARE_SESSION=false wants the tracking token);
    REDIS_URL, or REDIS_HOST with REDIS_PORT and REDIS_PASSWORD, is a shortcut that may go away.
    """
    # An option that may be given again is an empty list where it was not given.
    given = {name: value for name, value in context.params.items() if value not in (None, [], ())}
    try:
        settings = read_settings(**given | ({"peers": _read_peers(peers)} if peers else {}))
        _run(_serve(settings), settings)
    except ServerError as error:
        typer.echo(f"gatewright serve: {error.message}", err=True)
        raise typer.Exit(_SETTINGS_WRONG if isinstance(error, SettingsError) else 1) from None


@app.command()
def worker(
    *,
    database_url: Annotated[str | None, typer.Option(help="postgresql://user:password@host:5432/name")] = None,
    worker_name: Annotated[str | None, typer.Option(help="A restart under this name takes over at once.")] = None,
) -> None:
    """Run what the reference server owes, on a PostgreSQL that many share.

    That is payments, refunds and webhooks. Any number of workers share one PostgreSQL with any number of `gatewright
    serve`; a worker that dies is missed within seconds, and what it was at is taken up by another. Settings are those
    of `serve`, and REDIS_URL must be the same, so that shoppers who follow their payment on a server hear of what a
    worker did.
    """
    try:
        given = {"database_url": database_url, "worker_name": worker_name}
        settings = read_settings(embedded_worker=True, **{name: value for name, value in given.items() if value})
        if settings.database_url.startswith("sqlite"):
            told = "SQLite is one process's, and `gatewright serve` runs what is owed there. Several share PostgreSQL"
            raise SettingsError(f"DATABASE_URL: {told}")
        _run(_work(settings), settings)
    except ServerError as error:
        typer.echo(f"gatewright worker: {error.message}", err=True)
        raise typer.Exit(_SETTINGS_WRONG if isinstance(error, SettingsError) else 1) from None


def _run(program: Coroutine[Any, Any, None], settings: Settings) -> None:
    """Run it on libuv's loop, which takes a seventh less of the processor; whoever moves a clock keeps Python's own."""
    if settings.clock is ClockMode.SYSTEM:
        uvloop.run(program)
    else:
        asyncio.run(program)


async def _work(settings: Settings) -> None:
    ending, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.set)
    server = create_app(settings)
    try:
        await server.start()
        typer.echo(f"gatewright worker {server.worker.name} runs what is owed")
        sys.stdout.flush()
        await ending.wait()
        await server.drain()
    finally:
        await server.stop()


async def _serve(settings: Settings) -> None:
    listening = _listen(settings)
    host, port = listening.getsockname()[:2]
    if "public_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"public_url": _address_for_this_machine(host, port)})
    server = create_app(settings)
    config = uvicorn.Config(
        server.asgi,
        http=server.http_protocol,
        ws=server.websocket_protocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        # TRUSTED_PROXIES says who is believed; uvicorn would believe whoever is on this machine.
        proxy_headers=False,
        # Journals of two runs are compared byte for byte.
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    # uvicorn raises a signal again once it has stopped; with the default action we would not come to our own end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave_it_to_uvicorn)
    try:
        await server.start()
        _leave_out_of_collections()
        # What a starter reads from us is this one line; everything else is for operators, in the log.
        typer.echo(f"gatewright server listens on http://{host}:{port}")
        sys.stdout.flush()
        await _Listening(config, server).serve(sockets=[listening])
    finally:
        await server.stop()


def _address_for_this_machine(host: str, port: int) -> str:
    """Return where this machine reaches what listens there; whoever listens everywhere is reached by the loopback."""
    named = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared, not listened on
    return f"http://[{named}]:{port}" if ":" in named else f"http://{named}:{port}"


def _leave_out_of_collections() -> None:
    """Take what is there for the whole life of the process out of every later search for garbage."""
    gc.collect()
    gc.freeze()


class _Listening(uvicorn.Server):
    """Says goodbye to sockets first: a long poll is a request that nobody answers, and would hold up the end."""

    def __init__(self, config: uvicorn.Config, server: Server) -> None:
        super().__init__(config)
        self._server = server

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._server.rooms.sockets.close()
        await asyncio.gather(self._server.drain(), super().shutdown(sockets))


def _leave_it_to_uvicorn(number: int, frame: FrameType | None) -> None:
    """Do nothing: uvicorn has heard it."""


def _listen(settings: Settings) -> socket.socket:
    try:
        listening = socket.create_server((settings.host, settings.port), backlog=2048)
    except OSError as error:
        raise SettingsError(f"PORT: cannot listen on {settings.host}:{settings.port} ({error.strerror})") from None
    # What is accepted inherits it. Else the body of an answer waits 40 ms for the receipt of its head (Nagle).
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


if __name__ == "__main__":
    app()
