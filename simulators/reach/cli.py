"""The commands by which programs reach the simulators at the gateways' own host names: `certs` and `redirect`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from simulators.activity import Activity
from simulators.clock import Clock
from simulators.reach.authority import Certificates, FolderUnusable, provide
from simulators.reach.hosts import HOSTS
from simulators.reach.redirect import ListenerUnreachable, check_listener, check_proxy, proxied, redirected
from simulators.reach.trust import write_bundle
from simulators.settings import certificates_folder, read_environment

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

# What shells answer for a program that is not there, and for one that may not be run (POSIX, 2.8.2).
NOT_FOUND, NOT_EXECUTABLE = 127, 126

Folder = Annotated[Path | None, typer.Option(help="Folder of the certificates. [gatewright/certs in your data folder]")]


@app.command()
def certs(
    *,
    folder: Annotated[Path | None, typer.Option("--dir", help="Folder to keep them in. [in your data folder]")] = None,
) -> None:
    """Make the certificates under which the simulated gateways answer by TLS.

    An authority of your own and one certificate for all the gateways' host names, kept in a folder that only you read.
    Made once, reused, and renewed a month before its end. It says what to set so that a program trusts them; nothing
    is changed on this machine, and you should not put the authority into the system's own trust.

    `gatewright simulate --tls` and `gatewright redirect` make them by themselves.
    """
    made = _provide(folder, "certs")
    typer.echo(_told(made, str(write_bundle(made, read_environment()))))


@app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def redirect(
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND...", help="The program and its arguments.")],
    *,
    to: Annotated[str, typer.Option(metavar="HOST:PORT", help="The simulators' TLS listener.")] = "127.0.0.1:9143",
    proxy: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Set the simulators' forward proxy instead of preloading anything."),
    ] = None,
    certs_dir: Folder = None,
) -> None:
    """Run a program whose calls to the gateways reach the simulators.

    For SDKs that have no base URL. Neither the SDK nor your code is touched: Python and Node load a small file first
    that leads the gateways' host names here, and are told to trust the simulators' certificates besides all others.
    Everything else that the program calls is let be. Its exit code and signals are its own.

        \b
        gatewright simulate --tls                     # in one terminal
        gatewright redirect -- python shop.py         # in another
        gatewright redirect -- node shop.js

    What loads no such file (curl, PHP) goes by the proxy, which leads to the gateways' hosts and nowhere else:

        \b
        gatewright redirect --proxy 127.0.0.1:9180 -- curl https://sandbox.sslcommerz.com/

    Not reached: `python -I` and `-E`, loops that resolve names by themselves (uvloop). Those go by the proxy, if they
    heed HTTPS_PROXY. See contracts/gateways/COVERAGE.md for each SDK.
    """  # noqa: D301  # \b is the character by which click keeps lines as they are
    certificates = _provide(certs_dir, "redirect")
    given = read_environment()
    try:
        if proxy is None:
            listener = _read_address(to, "--to")
            check_listener(listener, certificates)
            environment = redirected(given, listener, certificates)
        else:
            address = _read_address(proxy, "--proxy")
            check_proxy(address)
            environment = proxied(given, address, certificates)
    except ListenerUnreachable as error:
        raise _refusal("redirect", str(error)) from error
    _become(command, environment)


def _become(command: list[str], environment: dict[str, str]) -> None:
    """Run the program in place of this process: no one stands between it and its signals."""
    try:
        os.execvpe(command[0], command, environment)  # noqa: S606  # the program is what the user typed
    except FileNotFoundError as error:
        raise _refusal("redirect", f"there is no program {command[0]}", code=NOT_FOUND) from error
    except OSError as error:
        raise _refusal("redirect", f"cannot run {command[0]} ({error.strerror})", code=NOT_EXECUTABLE) from error


def _read_address(text: str, option: str) -> tuple[str, int]:
    host, _, port = text.removeprefix("https://").removeprefix("http://").rstrip("/").rpartition(":")
    if not host or not port.isascii() or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise _refusal("redirect", f"{option} is {text!r}: give it as 127.0.0.1:9143")
    return host.strip("[]"), int(port)


def _provide(folder: Path | None, command: str) -> Certificates:
    # The machine's time: it is foreign code that asks whether a certificate is valid.
    now = Clock(Activity()).wall()
    try:
        return provide(folder or certificates_folder(read_environment()), HOSTS, now=now)
    except FolderUnusable as error:
        raise _refusal(command, str(error)) from error


def _refusal(command: str, text: str, *, code: int = 2) -> typer.Exit:
    typer.echo(f"gatewright {command}: {text}", err=True)
    return typer.Exit(code)


def _told(made: Certificates, bundle: str) -> str:
    authority, store = made.authority, made.folder / "truststore.p12"
    return "\n".join(
        (
            f"authority    {authority}",
            f"certificate  {made.certificate}  until {made.until:%Y-%m-%d}",
            f"for          {', '.join(made.names)}",
            "",
            "Let a program trust it, one of:",
            f"  Python  export REQUESTS_CA_BUNDLE={bundle} SSL_CERT_FILE={bundle}",
            f"  Node    export NODE_EXTRA_CA_CERTS={authority}",
            f"  curl    curl --cacert {authority} --connect-to ::127.0.0.1:9143 https://{made.names[0]}/",
            f"  PHP     curl.cainfo={bundle}   (in php.ini; openssl.cafile for streams)",
            f"  JVM     keytool -importcert -noprompt -file {authority} -keystore {store} -storepass changeit",
            f"          java -Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword=changeit",
            f"{bundle} holds the public authorities too, {authority.name} this one alone.",
            "`gatewright redirect -- COMMAND` sets all of this for Python and Node.",
        )
    )
