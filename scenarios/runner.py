"""Tells scenarios to both sides and yields what happens as events; it prints nothing and knows no report."""

import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

from contracts.checks import CHECKS
from scenarios.child import ChildDied
from scenarios.conductor import Caps, NotQuiet
from scenarios.control import ControlError
from scenarios.elsewhere import Elsewhere, NotElsewhere, begin_at, open_world_at
from scenarios.events import Event, RunEnded, RunStarted, ScenarioEnded, ScenarioStarted, StepEnded, StepStarted
from scenarios.exchanges import Exchange
from scenarios.findings import Finding
from scenarios.model import Placement, Scenario
from scenarios.repeating import repeat_command
from scenarios.steps import take
from scenarios.steps.expect import expect
from scenarios.story import Story, StoryError
from scenarios.verdicts import Verdict
from scenarios.world import NoSuchSettings, Plan, ServerIsHere, open_world

# What keeps a story from telling anything about the sides. `OSError`: an address in use, a disk that is full.
CANNOT_TELL = (StoryError, NotQuiet, ControlError, ChildDied, ServerIsHere, NoSuchSettings, NotElsewhere, OSError)

COULD_NOT_TELL = "could not tell"


@dataclass(slots=True)
class _Telling:
    """What the telling of one scenario has come to so far."""

    story: Story
    started: float = field(default_factory=time.perf_counter)
    cannot_tell: Exception | None = None


async def run(
    scenarios: Iterable[Scenario],
    *,
    seed: int | None = None,
    caps: Caps | None = None,
    where: Elsewhere | None = None,
) -> AsyncIterator[Event]:
    """Run each scenario in a world of its own. `seed` replaces the scenarios' own seeds.

    `where` says which sides to tell it to; without, each scenario starts sides of its own.
    """
    started = time.perf_counter()
    chosen = tuple(scenarios)
    yield RunStarted(chosen, seed)
    for scenario in chosen:
        own_seed = scenario.seed if seed is None else seed
        async for event in run_one(scenario, seed=own_seed, caps=caps or Caps(), where=where):
            yield event
    yield RunEnded(time.perf_counter() - started)


async def run_one(scenario: Scenario, *, seed: int, caps: Caps, where: Elsewhere | None = None) -> AsyncIterator[Event]:
    """Run one scenario: its steps, then all that is due within its horizon, then last expectations and every check."""
    yield ScenarioStarted(scenario, seed)
    plan = Plan(
        seed,
        scenario.start,
        server_in_own_process=scenario.server is Placement.OWN_PROCESS,
        simulator_settings={room: dict(chosen) for room, chosen in scenario.settings.items() if room != "server"},
        server_settings={name: str(value) for name, value in scenario.settings.get("server", {}).items()},
        caps=caps,
    )
    try:
        async with open_world(plan) if where is None else open_world_at(plan, where) as world:
            telling = _Telling(Story(begin_at(scenario, world.now), world, seed))
            async for event in _tell(telling):
                yield event
            yield await _conclude(telling)
    except CANNOT_TELL as why:
        yield _never_began(scenario, seed, why)


async def _tell(telling: _Telling) -> AsyncIterator[Event]:
    story = telling.story
    for step in story.scenario.steps:
        yield StepStarted(story.scenario, step, story.world.now)
        known = len(story.findings)
        try:
            await take(story, step)
            await story.world.conductor.quiesce()
        except CANNOT_TELL as why:
            telling.cannot_tell = why
            story.findings.append(_could_not(story, why, line=step.line))
        yield StepEnded(story.scenario, step, story.world.now, tuple(story.findings[known:]))
        if telling.cannot_tell is not None:
            return
    try:
        await _look_back(story)
    except CANNOT_TELL as why:
        telling.cannot_tell = why
        story.findings.append(_could_not(story, why, line=story.scenario.steps[-1].line))


async def _look_back(story: Story) -> None:
    conductor = story.world.conductor
    await conductor.advance(conductor.now + story.scenario.horizon)
    for expectation in story.scenario.finally_:
        await expect(story, expectation, line=expectation.line)
    truth = await story.truth()
    last_line = story.scenario.steps[-1].line
    for check in CHECKS.values():
        for broken in check(truth):
            story.findings.append(
                story.finding(broken.promise, expected=broken.expected, seen=broken.seen, line=last_line)
            )
    for failure in conductor.failures:
        story.findings.append(
            story.finding("nothing due raises", expected="no exception", seen=failure, line=last_line)
        )


async def _conclude(telling: _Telling) -> ScenarioEnded:
    story = telling.story
    exchanges: tuple[Exchange, ...] = ()
    try:
        exchanges = await story.exchanges()
    except CANNOT_TELL as why:
        telling.cannot_tell = telling.cannot_tell or why
    could_tell = [finding for finding in story.findings if finding.title != COULD_NOT_TELL]
    verdict = Verdict.INCONCLUSIVE if telling.cannot_tell else Verdict.KEPT
    return ScenarioEnded(
        story.scenario,
        story.seed,
        Verdict.BROKEN if could_tell else verdict,
        tuple(story.findings),
        exchanges,
        started_at=story.scenario.start,
        ended_at=story.world.now,
        wall_seconds=time.perf_counter() - telling.started,
        turns=len(story.world.conductor.ran),
    )


def _could_not(story: Story, why: Exception, *, line: int) -> Finding:
    return story.finding(
        COULD_NOT_TELL, expected="the step can be done", seen=str(why) or type(why).__name__, line=line
    )


def _never_began(scenario: Scenario, seed: int, why: Exception) -> ScenarioEnded:
    repeat = repeat_command(scenario, seed)
    seen = str(why) or type(why).__name__
    finding = Finding(COULD_NOT_TELL, expected="both sides start", seen=seen, line=1, repeat=repeat)
    return ScenarioEnded(
        scenario,
        seed,
        Verdict.INCONCLUSIVE,
        (finding,),
        (),
        started_at=scenario.start,
        ended_at=scenario.start,
        wall_seconds=0.0,
        turns=0,
    )
