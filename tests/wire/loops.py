"""An event loop in a thread that a test may block beside."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

START_SECONDS_MAX = 30

T = TypeVar("T")


class LoopInThread:
    """An event loop of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="both sides", daemon=True)
        self._thread.start()

    def wait_for(self, doing: Coroutine[Any, Any, T]) -> T:
        """Run something on the loop and return what it returns."""
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(START_SECONDS_MAX)

    def close(self) -> None:
        """End the loop and its thread."""
        self.wait_for(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
