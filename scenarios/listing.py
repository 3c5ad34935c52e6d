"""How scenarios and steps are listed on a terminal: lines of plain text, so that they can be searched and cut."""

from collections.abc import Iterable, Iterator

from scenarios.model import Placement, Scenario
from scenarios.schema import ArgumentDoc, StepDoc


def list_scenarios(scenarios: Iterable[Scenario]) -> Iterator[str]:
    """Write each scenario as its name, where it is with its tags, and what it guards."""
    for scenario in scenarios:
        marks = [scenario.gateway, *scenario.tags]
        if scenario.server is Placement.OWN_PROCESS:
            marks.append("server in a process of its own")
        if scenario.row is not None:
            marks.append(f"row {scenario.row}")
        yield scenario.name
        yield f"    {scenario.source}  [{', '.join(marks)}]"
        yield f"    {' '.join(scenario.description.split())}"


def list_steps(steps: Iterable[StepDoc]) -> Iterator[str]:
    """Write each step as it is written in a file, what it does, and its arguments."""
    for step in steps:
        yield _head(step)
        yield f"    {step.words}"
        width = max((len(argument.name) for argument in step.arguments), default=0)
        for argument in step.arguments:
            yield f"      {argument.name.ljust(width)}  {_words(argument)}"
        if step.example:
            yield f"      e.g. {step.example}"


def _head(step: StepDoc) -> str:
    if step.takes:
        return f"{step.verb}: {step.takes}"
    return step.verb if step.plain else f"{step.verb}: …"


def _words(argument: ArgumentDoc) -> str:
    need = "needed" if argument.required else f"default {argument.default}" if argument.default else "may be left out"
    told = f"{argument.possible} ({need})"
    return told if argument.words == argument.possible else f"{told}. {argument.words}"
