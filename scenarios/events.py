"""What the runner says while it runs. Reports consume these; the runner has never heard of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from scenarios.exchanges import Exchange
from scenarios.findings import Finding
from scenarios.model import Scenario, Step
from scenarios.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class RunStarted:
    """`seed` is the one given for the whole run; without it each scenario brings its own."""

    scenarios: tuple[Scenario, ...]
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class ScenarioStarted:
    scenario: Scenario
    seed: int


@dataclass(frozen=True, slots=True)
class StepStarted:
    """`at` is the virtual instant."""

    scenario: Scenario
    step: Step
    at: datetime


@dataclass(frozen=True, slots=True)
class StepEnded:
    """`at` is the virtual instant."""

    scenario: Scenario
    step: Step
    at: datetime
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ScenarioEnded:
    """What a scenario came to. `exchanges` are both journals as one (`merge_journals`).

    `started_at` and `ended_at` bound the virtual span; `turns` counts the due things that ran. A verdict that is
    inconclusive says why in its findings.
    """

    scenario: Scenario
    seed: int
    verdict: Verdict
    findings: tuple[Finding, ...]
    exchanges: tuple[Exchange, ...]
    started_at: datetime
    ended_at: datetime
    wall_seconds: float
    turns: int


@dataclass(frozen=True, slots=True)
class RunEnded:
    wall_seconds: float


Event: TypeAlias = RunStarted | ScenarioStarted | StepStarted | StepEnded | ScenarioEnded | RunEnded
