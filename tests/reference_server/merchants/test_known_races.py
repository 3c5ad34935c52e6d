"""A secret is rotated while the store is being asked about it."""

import asyncio
from pathlib import Path

import pytest

from reference_server.errors import UnauthenticatedError
from tests.reference_server.merchants.test_known import opened, rotate


async def test_an_answer_of_before_a_rotation_is_not_remembered(tmp_path: Path) -> None:
    async with opened(tmp_path) as (database, known):
        asking = asyncio.create_task(known.authenticate("key-one", "secret-one"))
        # One turn of the loop: the question has left, and its answer cannot have come back.
        await asyncio.sleep(0)
        known.forget()
        assert (await asking).name == "one"
        await database.run(rotate)
        with pytest.raises(UnauthenticatedError):
            await known.authenticate("key-one", "secret-one")
