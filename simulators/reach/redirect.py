"""The environment under which a program, its files untouched, reaches the simulators at the gateways' host names."""

import socket
import ssl
from collections.abc import Mapping
from pathlib import Path

from simulators.reach.authority import Certificates
from simulators.reach.hosts import HOSTS
from simulators.reach.trust import trusting

PRELOAD = Path(__file__).parent / "preload"
# The listener is on this machine or near it.
LIMIT_SECONDS = 5
_PROXY_NAMES = ("HTTPS_PROXY", "https_proxy")
_NO_PROXY_NAMES = ("NO_PROXY", "no_proxy")


class ListenerUnreachable(OSError):
    """Nobody plays the gateways there; the text says what to start."""


def check_listener(address: tuple[str, int], certificates: Certificates) -> None:
    """Shake hands as a client of the gateways would. Raises `ListenerUnreachable`."""
    where = f"{address[0]}:{address[1]}"
    trusts = ssl.create_default_context(cafile=str(certificates.authority))
    try:
        with (
            socket.create_connection(address, timeout=LIMIT_SECONDS) as connection,
            trusts.wrap_socket(connection, server_hostname=next(iter(HOSTS))),
        ):
            return
    except ssl.SSLCertVerificationError as error:
        text = f"who answers at {where} shows another authority's certificate: start it with the same --certs-dir"
        raise ListenerUnreachable(text) from error
    except OSError as error:
        text = f"no simulator answers by TLS at {where} ({error}). Start one: gatewright simulate --tls"
        raise ListenerUnreachable(text) from error


def check_proxy(address: tuple[str, int]) -> None:
    """Connect once. Raises `ListenerUnreachable`."""
    try:
        with socket.create_connection(address, timeout=LIMIT_SECONDS):
            return
    except OSError as error:
        text = f"no proxy answers at {address[0]}:{address[1]} ({error}). Start one: gatewright simulate --tls"
        raise ListenerUnreachable(text) from error


def redirected(given: Mapping[str, str], address: tuple[str, int], certificates: Certificates) -> dict[str, str]:
    """Return `given` with the preloads for Python and Node, the trust, and the hosts taken out of any proxy's hands."""
    python, node = PRELOAD / "python", PRELOAD / "node" / "preload.cjs"
    quoted = str(node).replace("\\", "\\\\").replace('"', '\\"')
    exempt = [*(given.get(name, "") for name in _NO_PROXY_NAMES), *HOSTS]
    no_proxy = ",".join(dict.fromkeys(part for part in exempt if part))
    return {
        **given,
        **trusting(certificates, given),
        **dict.fromkeys(_NO_PROXY_NAMES, no_proxy),
        "GATEWRIGHT_HOSTS": ",".join(HOSTS),
        "GATEWRIGHT_LISTENER": f"{address[0]}:{address[1]}",
        "PYTHONPATH": ":".join(filter(None, (str(python), given.get("PYTHONPATH")))),
        "NODE_OPTIONS": " ".join(filter(None, (given.get("NODE_OPTIONS"), f'--require "{quoted}"'))),
    }


def proxied(given: Mapping[str, str], address: tuple[str, int], certificates: Certificates) -> dict[str, str]:
    """Return `given` with our forward proxy for everything that is called by https."""
    kept = {name: value for name, value in given.items() if name not in _NO_PROXY_NAMES}
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    proxy = f"http://{host}:{address[1]}"
    return {**kept, **trusting(certificates, given), **dict.fromkeys(_PROXY_NAMES, proxy)}
