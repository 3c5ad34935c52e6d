"""`gatewright doctor`: goes through document 001's deployment checklist, line by line, and prints what it found."""

import asyncio
import json
from typing import Annotated

import typer

from reference_server.doctor.caller import Caller
from reference_server.doctor.checklist import (
    OF_A_LATER_RELEASE,
    Item,
    Line,
    Mark,
    in_order,
    is_well,
    render_json,
    render_text,
)
from reference_server.doctor.looks import look_at_database, look_at_redis, look_at_settings
from reference_server.doctor.trial import look_at_server, try_payment, untried
from reference_server.errors import SettingsError
from reference_server.outgoing import Transport
from reference_server.settings import Environment, Settings, read_settings


def doctor(
    *,
    url: Annotated[str | None, typer.Option(help="The running server; else this machine's, at PORT.")] = None,
    trial: Annotated[
        bool | None,
        typer.Option(help="Make a payment of the sandbox and give it back; else only outside production."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """Go through the deployment checklist and say what was found.

    The settings, the database and Redis are those of this environment (or of the file that ENV_FILE names); health,
    worker and the trial are asked of the running server, the trial as the merchant of MERCHANT_API_KEY and
    MERCHANT_API_SECRET. Ends with 1 where a line failed; what is not used, not tried or not there yet does not.
    """
    try:
        settings = read_settings()
    except SettingsError as error:
        _tell([Line(Item.SETTINGS, Mark.FAILED, error.message)], url or "", as_json=as_json)
        raise typer.Exit(1) from None
    server = url or _own_address(settings)
    lines = asyncio.run(go_through(settings, server, trial=trial))
    _tell(lines, server, as_json=as_json)
    raise typer.Exit(0 if is_well(lines) else 1)


async def go_through(
    settings: Settings, server: str, *, trial: bool | None, transport: Transport | None = None
) -> list[Line]:
    """Return every line with what was found."""
    key, secret = settings.merchant_api_key, settings.merchant_api_secret.get_secret_value()
    caller = Caller(server, key=key, secret=secret, transport=transport)
    try:
        # Of its own thread: looking at PostgreSQL waits for a loop of its own.
        database = await asyncio.to_thread(look_at_database, settings)
        running = await look_at_server(caller)
        tried = await _try(caller, settings, running=running, trial=trial)
        redis = await look_at_redis(settings)
    finally:
        await caller.close()
    return in_order([look_at_settings(settings), *database, redis, *running, *tried, *OF_A_LATER_RELEASE])


async def _try(caller: Caller, settings: Settings, *, running: list[Line], trial: bool | None) -> list[Line]:
    is_wanted = settings.environment is not Environment.PRODUCTION if trial is None else trial
    if not is_wanted:
        return untried("in production only with --trial" if trial is None else "it was not wanted")
    if not caller.is_merchant:
        return untried("MERCHANT_API_KEY and MERCHANT_API_SECRET are not set")
    if not is_well(running):
        return untried("the server is not well")
    return await try_payment(caller)


def _own_address(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::", ""} else settings.host  # noqa: S104  # asked, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _tell(lines: list[Line], server: str, *, as_json: bool) -> None:
    told = in_order(lines)
    typer.echo(json.dumps(render_json(told, server), indent=2) if as_json else render_text(told, server))
