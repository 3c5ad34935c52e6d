"""METRICS_PORT: a listener of this process's own for metrics and health, so that a worker can be asked too."""

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from reference_server.errors import SettingsError


class Listener:
    """Serves one small application beside whatever else this process does."""

    def __init__(self, app: ASGIApp, host: str, *, port: int) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._server: _Beside | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """Where it listens; 0 before it does, where a free one was wanted."""
        return self._port

    async def start(self) -> None:
        """Listen. Raises `SettingsError` where the address is taken."""
        try:
            listening = socket.create_server((self._host, self._port))
        except OSError as error:
            told = f"METRICS_PORT: cannot listen on {self._host}:{self._port} ({error.strerror})"
            raise SettingsError(told) from None
        self._port = listening.getsockname()[1]
        config = uvicorn.Config(self._app, lifespan="off", log_config=None, access_log=False, server_header=False)
        self._server = _Beside(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]), name="metrics listener")

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = self._server.force_exit = True
        await self._serving
        self._server = self._serving = None


class _Beside(uvicorn.Server):
    """Leaves signals to whoever owns the process."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
