"""The ground that makers of merchants stand on: the simulators of this process, for as long as the maker is open."""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from scenarios.conformance.maker import START
from scenarios.control import ControlError
from scenarios.world import Ground, Plan, open_ground


class OnGround:
    """Keeps the simulators up while it is entered; in a world that `is_closed`, everybody keeps the virtual clock."""

    def __init__(self, *, is_closed: bool) -> None:
        self._is_closed = is_closed
        self._stack = AsyncExitStack()
        self._ground: Ground | None = None

    async def __aenter__(self) -> Self:
        self._ground = await self._stack.enter_async_context(open_ground(Plan(1, START), is_closed=self._is_closed))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ground = None
        await self._stack.aclose()

    def _up(self) -> Ground:
        """Return the ground. Raises `RuntimeError` outside of `async with`."""
        if self._ground is None:
            raise RuntimeError("the simulators are not up: use the maker with `async with`")
        return self._ground


async def close_accounts(ground: Ground, *names: str) -> None:
    """Close those accounts that are open."""
    for name in names:
        try:
            await ground.control.delete(f"/_control/accounts/{name}")
        except ControlError:
            continue
