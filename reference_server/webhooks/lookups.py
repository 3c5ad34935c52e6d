"""Looks names up, each in a thread of its own that nobody waits for: whose name it is decides how long that takes.

The loop's own way has a handful of threads for everything: some names whose servers never answer would keep everybody
from being found, and the process from ending until the system gives each of them up.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from threading import Thread

Addresses = list[IPv4Address | IPv6Address]

# So many hang at once at most; whoever comes then waits, as long as an attempt may take.
AT_ONCE = 64


class LookUps:
    """One process's. `ask` waits for what it returns: addresses, or why there are none."""

    def __init__(self, ask: Callable[[str, int], Addresses | OSError] | None = None) -> None:
        self._ask = ask or _ask
        self._room = asyncio.Semaphore(AT_ONCE)

    async def find(self, host: str, port: int) -> Addresses:
        """Return the addresses behind a name. Raises `OSError` where there is none."""
        await self._room.acquire()
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Addresses] = loop.create_future()

        def conclude(addresses: Addresses | OSError) -> None:
            self._room.release()
            if found.done():
                return
            if isinstance(addresses, OSError):
                found.set_exception(addresses)
            else:
                found.set_result(addresses)

        def look() -> None:
            addresses = self._ask(host, port)
            # The loop may be gone by now.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(conclude, addresses)

        Thread(target=look, name="name", daemon=True).start()
        return await found


def _ask(host: str, port: int) -> Addresses | OSError:
    try:
        return [ip_address(str(info[4][0])) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError as error:
        return error
    except ValueError:
        # Labels that IDNA cannot write.
        return socket.gaierror(socket.EAI_NONAME, "no such name")
