"""A run that was never run: the events that reports are fed with."""

from collections.abc import Iterator
from datetime import timedelta

from scenarios.events import Event, RunEnded, RunStarted, ScenarioEnded, ScenarioStarted, StepEnded, StepStarted
from scenarios.reports import Reporter
from scenarios.verdicts import Verdict
from tests.scenarios.told import START, a_finding, a_scenario, a_story, an_end


def three_ends() -> tuple[ScenarioEnded, ...]:
    """Return a scenario that was kept, one that broke after its story, and one that could not be told."""
    scenarios = [a_scenario(name=f"The {word} story", source=f"library/{word}.yaml") for word in ("good", "bad", "odd")]
    broken = a_finding(at=START + timedelta(hours=1), seen="2 <b>effects</b> & a \x00")
    untold = a_finding(title="could not tell", expected="both sides start", seen="the server was not ready")
    return (
        an_end(a_story().exchanges, scenario=scenarios[0]),
        an_end(a_story().exchanges, scenario=scenarios[1], verdict=Verdict.BROKEN, findings=(broken,)),
        an_end(scenario=scenarios[2], verdict=Verdict.INCONCLUSIVE, findings=(untold,), span=timedelta()),
    )


def events_of(*ends: ScenarioEnded, seed: int | None = None) -> Iterator[Event]:
    yield RunStarted(tuple(end.scenario for end in ends), seed)
    for end in ends:
        yield ScenarioStarted(end.scenario, end.seed)
        for step in end.scenario.steps:
            yield StepStarted(end.scenario, step, START)
            yield StepEnded(end.scenario, step, START, end.findings)
        yield end
    yield RunEnded(1.5)


def feed(*reports: Reporter, ends: tuple[ScenarioEnded, ...] | None = None, seed: int | None = None) -> None:
    """Feed a whole run and close."""
    for event in events_of(*(three_ends() if ends is None else ends), seed=seed):
        for report in reports:
            report.take(event)
    for report in reports:
        report.close()
