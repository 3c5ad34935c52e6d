"""`advance` and `quiesce`: let time go by, or let what is due now run."""

from scenarios.model import Advance, Quiesce
from scenarios.story import Story


async def advance(story: Story, wanted: Advance, *, line: int) -> None:
    """Move from due thing to due thing, and end `wanted.by` later."""
    del line
    conductor = story.world.conductor
    await conductor.advance(conductor.now + wanted.by)


async def quiesce(story: Story, wanted: Quiesce, *, line: int) -> None:
    """Run what is due now."""
    del wanted, line
    await story.world.conductor.quiesce()
