"""Which keys are forgotten with what their answers tell of, and what bears none."""

from contextvars import Context
from pathlib import Path

import pytest

from reference_server.errors import InvalidError
from reference_server.idempotency.asked import find_asked
from reference_server.idempotency.store import forget_merchant
from reference_server.ids import MerchantId
from tests.reference_server.idempotency.asking import MERCHANT, ask, count, effects
from tests.reference_server.idempotency.test_once import once_on, opened

OTHER = MerchantId("mer_two")


@pytest.mark.parametrize(("forgotten", "again"), [(MERCHANT, [1, 0]), (OTHER, [0, 1]), (None, [1, 1])])
async def test_a_merchants_keys_are_forgotten_and_no_others(
    tmp_path: Path, forgotten: MerchantId | None, again: list[int]
) -> None:
    had: list[int] = []
    async with opened(tmp_path) as database:
        once = once_on(database)
        for merchant in (MERCHANT, OTHER):
            ask(merchant=merchant)
            await once.once(count)
        await database.run(lambda session: forget_merchant(session, forgotten))
        for merchant in (MERCHANT, OTHER):
            before = await database.read(effects)
            ask(merchant=merchant)
            await once.once(count)
            had.append(await database.read(effects) - before)
    assert had == again


def test_where_no_call_is_under_way_nothing_is_asked_under_a_key() -> None:
    assert Context().run(find_asked) is None


async def test_a_key_that_can_be_a_cards_number_is_refused_before_it_is_kept() -> None:
    ask(key="4111111111111111")
    with pytest.raises(InvalidError, match="card"):
        find_asked()
