"""Names whose servers never answer hold up nobody but themselves."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from ipaddress import ip_address
from threading import Event

import pytest

from reference_server.network import Network
from reference_server.webhooks.guard import LOOPBACK, Guard, GuardRules, read_ranges
from reference_server.webhooks.lookups import AT_ONCE, Addresses, LookUps

RULES = GuardRules(needs_tls=False, ports=None, open_ranges=read_ranges(LOOPBACK), look_seconds=0.05)


class Silence:
    """A resolver that finds names under silent.example only once `over` is set, and all else at once."""

    def __init__(self) -> None:
        self.over = Event()
        self.look_ups = LookUps(self.ask)

    def ask(self, host: str, port: int) -> Addresses:
        if host.endswith("silent.example"):
            self.over.wait(30)
        return [ip_address("127.0.0.1")]

    async def hang(self, number: int) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await self.look_ups.find(f"{number}.silent.example", 443)


@contextmanager
def silence() -> Generator[Silence]:
    silent = Silence()
    try:
        yield silent
    finally:
        silent.over.set()


async def test_an_address_is_registered_although_its_name_is_not_found_in_time() -> None:
    with silence() as silent:
        guard = Guard(Network({}), RULES, look_ups=silent.look_ups)
        assert await guard.check("http://silent.example/hook") == "http://silent.example/hook"
        assert not silent.over.is_set()


async def test_names_that_hang_keep_nobody_from_being_found() -> None:
    with silence() as silent:
        await asyncio.gather(*(silent.hang(number) for number in range(AT_ONCE - 1)))
        assert await silent.look_ups.find("shop.example", 80) == [ip_address("127.0.0.1")]


async def test_hanging_names_are_bounded_and_make_room_as_they_are_found() -> None:
    with silence() as silent:
        await asyncio.gather(*(silent.hang(number) for number in range(AT_ONCE)))
        waiting = asyncio.create_task(silent.look_ups.find("shop.example", 80))
        await asyncio.wait([waiting], timeout=0)
        assert not waiting.done()
        silent.over.set()
        assert len(await waiting) == 1


def test_a_process_ends_although_a_name_hangs() -> None:
    with silence() as silent:
        asyncio.run(silent.hang(1))
        assert not silent.over.is_set()


async def test_no_such_name_is_an_error_of_the_network() -> None:
    for name in ("x..example", f"{'a' * 64}.example"):
        with pytest.raises(OSError, match="name"):
            await LookUps().find(name, 443)
