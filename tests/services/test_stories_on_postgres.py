"""The library's stories on PostgreSQL with Redis: a few in every run, all of them when proving."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from scenarios.events import ScenarioEnded
from scenarios.loader import load
from scenarios.model import Scalar, Scenario
from scenarios.runner import run
from scenarios.verdicts import Verdict
from tests.counts import PROVING
from tests.services.postgres_server import PostgresServer
from tests.services.redis_server import redis_server

LIBRARY = Path(__file__).parents[2] / "scenarios" / "library"
# Duplicates, which Redis knows, and money that goes back.
CHOSEN = ("duplicates_at_one_instant", "refund_answer_lost")
STORIES = [story for story in load([LIBRARY]) if PROVING or story.source.stem in CHOSEN]


def on(story: Scenario, store: Mapping[str, Scalar]) -> Scenario:
    """Return the story with this store in the place of the server's own."""
    server = {**story.settings.get("server", {}), **store}
    return replace(story, settings={**story.settings, "server": server})


def test_the_chosen_stories_are_there() -> None:
    assert set(CHOSEN) <= {story.source.stem for story in STORIES}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_a_story_ends_well_on_postgresql_with_redis(
    story: Scenario, postgres: PostgresServer, tmp_path: Path
) -> None:
    with redis_server(tmp_path) as redis, postgres.emptied_database() as url:
        told = [event async for event in run([on(story, {"DATABASE_URL": url, "REDIS_URL": redis.url})])]
        with redis.client() as client:
            remembered = client.info("commandstats").get("cmdstat_set", {}).get("calls", 0)
    (ended,) = [event for event in told if isinstance(event, ScenarioEnded)]
    assert ended.verdict is Verdict.KEPT, ended.findings
    assert remembered > 0
