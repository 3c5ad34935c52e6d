"""Run by Python before a program under `gatewright redirect`: connections to the gateways' hosts go to the simulators.

It runs inside other people's programs: the standard library alone, and their own sitecustomize afterwards.
"""  # noqa: INP001  # Python finds it by its name in a folder that is on the path for nothing else

import os
import socket
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from typing import Any, cast

# What the gateways' names resolve to. Whoever connects there by a way that is not wrapped below (a loop written in C)
# finds nobody: loopback, so nothing leaves the machine; for a listener at IPv6 the prefix that is discarded (RFC 6666).
MARK, MARK_OF_IPV6 = "127.83.83.83", "100::83:83:83"


def redirect(hosts: frozenset[str], listener: tuple[str, int]) -> None:
    """Resolve `hosts` to the mark, and connect to `listener` whoever asks for the mark or for one of them."""
    look_up: Any = socket.getaddrinfo
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    # Who looks a name up makes a socket of the family that is found, and it must be the listener's.
    mark = MARK_OF_IPV6 if ":" in listener[0] else MARK

    def is_played(host: object) -> bool:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        return isinstance(name, str) and (name == mark or name.lower().rstrip(".") in hosts)

    def getaddrinfo(host: Any, *rest: Any, **more: Any) -> Any:
        return look_up(mark if is_played(host) else host, *rest, **more)

    def moved(address: Any) -> Any:
        # A path is a string, and its first character no host.
        host = address[0] if isinstance(cast("object", address), tuple) else None
        return listener if is_played(host) else address

    def connect_moved(self: socket.socket, address: Any) -> None:
        connect(self, moved(address))

    def connect_ex_moved(self: socket.socket, address: Any) -> int:
        return connect_ex(self, moved(address))

    socket.getaddrinfo = getaddrinfo
    socket.socket.connect = connect_moved
    socket.socket.connect_ex = connect_ex_moved


def run_next_sitecustomize(here: Path) -> None:
    """Import the sitecustomize that Python would have found without us."""
    path = [entry for entry in sys.path if Path(entry).resolve() != here]
    spec = PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if os.environ.get("GATEWRIGHT_LISTENER"):
    _host, _, _port = os.environ["GATEWRIGHT_LISTENER"].rpartition(":")
    redirect(frozenset(os.environ["GATEWRIGHT_HOSTS"].split(",")), (_host, int(_port)))
run_next_sitecustomize(Path(__file__).resolve().parent)
