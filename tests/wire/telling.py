"""Tells a story of the library and keeps what both journals hold, as bytes."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from scenarios.conductor import Caps
from scenarios.events import ScenarioEnded
from scenarios.loader import load
from scenarios.model import Placement, Scenario
from scenarios.runner import run_one

LIBRARY = Path(__file__).parents[2] / "scenarios" / "library"


@dataclass(frozen=True, slots=True)
class Told:
    """How a story ended; `journals` are both sides' exchanges in their order, as JSON."""

    ended: ScenarioEnded
    journals: bytes

    @property
    def broken(self) -> list[str]:
        """What did not hold, in words."""
        return [f"{one.title}: expected {one.expected}, seen {one.seen}" for one in self.ended.findings]


def library(placement: Placement) -> list[Scenario]:
    """Return the stories whose server lives where `placement` says."""
    return [one for one in load([LIBRARY]) if one.server is placement]


async def tell(scenario: Scenario, *, seed: int | None = None, caps: Caps | None = None) -> Told:
    """Run one story in a world of its own."""
    events = [
        event async for event in run_one(scenario, seed=scenario.seed if seed is None else seed, caps=caps or Caps())
    ]
    ended = events[-1]
    assert isinstance(ended, ScenarioEnded)
    return Told(ended, msgspec.json.encode(ended.exchanges))
