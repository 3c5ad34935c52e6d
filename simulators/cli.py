"""The commands of this room: `gatewright simulate`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from simulators.app import create_app
from simulators.clock import ClockMode
from simulators.errors import SettingsError
from simulators.reach.authority import FolderUnusable
from simulators.serving import AddressTaken, bind, serve
from simulators.settings import read_settings

_PORTS = ("control_port", "sslcommerz_port", "merchant_port")
_REACH_PORTS = {"tls_port": 9143, "proxy_port": 9180}

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def simulators() -> None:
    """Play the gateways."""


@app.command()
def simulate(  # noqa: PLR0913  # one option each; typer reads them from the signature
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on. [127.0.0.1]")] = None,
    control_port: Annotated[int | None, typer.Option(help="Port of the control plane. [9100]")] = None,
    sslcommerz_port: Annotated[int | None, typer.Option(help="Port of SSLCommerz. [9101]")] = None,
    merchant_port: Annotated[int | None, typer.Option(help="Port of the played merchant and its shop. [9106]")] = None,
    tls_port: Annotated[
        int | None, typer.Option(help="Port where the gateways answer by TLS under their own host names. [off]")
    ] = None,
    proxy_port: Annotated[
        int | None, typer.Option(help="Port of a forward proxy (CONNECT) that leads there and nowhere else. [off]")
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Both of these, at ports 9143 and 9180.")] = False,
    certs_dir: Annotated[Path | None, typer.Option(help="Folder of `gatewright certs`. [in your data folder]")] = None,
    any_ports: Annotated[
        bool, typer.Option("--any-ports", help="Take free ports where none is given, and say which.")
    ] = False,
    clock: Annotated[
        ClockMode | None, typer.Option(help="`system` runs; `virtual` stands until it is moved. [system]")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Draw ids and choices from this number. [none: unguessable]")] = None,
    send_to: Annotated[
        list[str] | None,
        typer.Option(help="A host, address or network besides this machine that may be notified; may be repeated."),
    ] = None,
) -> None:
    """Start the simulated gateways.

    Point your SDK at the address of the gateway instead of the vendor's, with the credentials that are printed.
    Pay on its checkout page in a browser, or without one, and break things on purpose:

        \b
        curl -X POST localhost:9100/_control/shopper -H 'content-type: application/json' \\
             -d '{"action": "pay", "order": "YOUR-TRAN-ID"}'

        \b
        curl -X POST localhost:9100/_control/faults -H 'content-type: application/json' \\
             -d '{"when": {"event": "ipn"}, "faults": [{"late": {"by_seconds": 60}}, {"duplicate": {"copies": 3}}]}'

        curl localhost:9100/_control/journal

    An SDK that has no base URL is reached under the gateway's own host name: `gatewright simulate --tls`, and then
    `gatewright redirect -- python shop.py` (see `gatewright redirect --help`).

    Every option is also a setting of the environment (SSLCOMMERZ_PORT, SEED, …); an option goes before it.
    """  # noqa: D301  # \b is the character by which click keeps lines as they are
    given = {
        "host": host,
        "control_port": control_port,
        "sslcommerz_port": sslcommerz_port,
        "merchant_port": merchant_port,
        "tls_port": tls_port,
        "proxy_port": proxy_port,
        "certs_dir": certs_dir,
        "clock": clock,
        "seed": seed,
        "send_to": send_to or None,
    }
    usual = {**_REACH_PORTS} if tls else {}
    if any_ports:
        usual = dict.fromkeys((*_PORTS, *usual), 0)
    given |= {name: port for name, port in usual.items() if given[name] is None}
    _run({name: value for name, value in given.items() if value is not None})


def _run(given: dict[str, object]) -> None:
    try:
        settings = read_settings(**given)
        bound = bind(settings)
    except (SettingsError, AddressTaken) as wrong:
        typer.echo(f"gatewright simulate: {wrong}", err=True)
        raise typer.Exit(2) from None
    try:
        asyncio.run(serve(create_app(settings), bound, announce=_announce))
    except FolderUnusable as wrong:
        typer.echo(f"gatewright simulate: {wrong} by --certs-dir", err=True)
        raise typer.Exit(2) from None


def _announce(addresses: dict[str, str]) -> None:
    lines = [f"{name:<11} {address}" for name, address in addresses.items()]
    lines.append("credentials store_id testbox, store_passwd qwerty (account `default`; more: POST /_control/accounts)")
    lines.append("Press Ctrl+C to stop.")
    typer.echo("\n".join(lines))
