"""Every story of the library, over real sockets in one process: kept, and one seed gives the same bytes each time."""

import pytest

from scenarios.model import Placement, Scenario
from scenarios.verdicts import Verdict
from tests.counts import PROVING
from tests.wire.telling import library, tell

STORIES = [pytest.param(one, id=one.source.stem) for one in library(Placement.HERE)]
RUNS = 200 if PROVING else 4


@pytest.mark.parametrize("story", STORIES)
async def test_story_is_kept(story: Scenario) -> None:
    told = await tell(story)

    assert told.broken == []
    assert told.ended.verdict is Verdict.KEPT


@pytest.mark.parametrize("story", STORIES)
async def test_one_seed_gives_the_same_journals_in_every_run(story: Scenario) -> None:
    journals = {(await tell(story, seed=11)).journals for _ in range(RUNS)}

    assert len(journals) == 1


@pytest.mark.parametrize("story", STORIES[:1])
async def test_another_seed_gives_other_ids(story: Scenario) -> None:
    assert (await tell(story, seed=11)).journals != (await tell(story, seed=12)).journals
