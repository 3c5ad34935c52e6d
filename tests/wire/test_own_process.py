"""Stories whose server is a process of its own and is killed: kept, and the same journals each time all the same."""

import pytest

from scenarios.exchanges import Exchange
from scenarios.model import Placement, Scenario
from scenarios.verdicts import Verdict
from tests.counts import large
from tests.wire.telling import library, tell

STORIES = [pytest.param(one, id=one.source.stem) for one in library(Placement.OWN_PROCESS)]
RUNS = large(20)


def without_place(exchanges: tuple[Exchange, ...]) -> list[str]:
    """Write exchanges without `order`: across processes that is the machine's clock in nanoseconds."""
    return [repr({name: getattr(one, name) for name in one.__slots__ if "order" not in name}) for one in exchanges]


@pytest.mark.parametrize("story", STORIES)
async def test_story_with_a_killed_server_ends_the_same_each_time(story: Scenario) -> None:
    told = [await tell(story, seed=5) for _ in range(RUNS)]

    assert [one.broken for one in told] == [[]] * RUNS
    assert {one.ended.verdict for one in told} == {Verdict.KEPT}
    assert len({tuple(without_place(one.ended.exchanges)) for one in told}) == 1
