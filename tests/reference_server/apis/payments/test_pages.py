"""Which part of a list is wanted: however the document's integers are written."""

import pytest

from tests.reference_server.apis.payments.shop import created, get, sandbox_says
from tests.reference_server.stage import staged


@pytest.mark.parametrize("path", ["orders", "payments", "refunds", "webhooks"])
async def test_a_limit_and_an_offset_may_be_written_as_any_integer_is(path: str) -> None:
    async with staged(sandbox_says()) as stage:
        for _ in range(3):
            await created(stage)
        plain = await get(stage, f"/{path}", limit="2", offset="1")
        assert await get(stage, f"/{path}", limit="2.0", offset="1.0") == plain
        assert (plain["limit"], plain["offset"]) == (2, 1)
