"""The command that tells one scenario again, for reports and tickets."""

import shlex

from scenarios.model import Scenario


def repeat_command(scenario: Scenario, seed: int) -> str:
    """Return a command line; of a table's rows it names the one."""
    # Where a story is told several times, its name says with which seed.
    name = scenario.name.removesuffix(f" (seed {seed})")
    row = f" --only {shlex.quote(name)}" if scenario.row is not None else ""
    return f"gatewright run --seed {seed} {shlex.quote(str(scenario.source))}{row}"
