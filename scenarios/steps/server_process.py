"""`kill_server` and `start_server`: the server's process dies without warning and comes back on what it had stored."""

from datetime import timedelta

from scenarios.model import KillServer, StartServer
from scenarios.sides import DueThing
from scenarios.story import Story, StoryError

# How far ahead `before:` looks for its job.
_LOOK_AHEAD = timedelta(days=7)


async def kill_server(story: Story, wanted: KillServer, *, line: int) -> None:
    """Kill at once, or let time go by until the named job is about to run and kill then."""
    del line
    if wanted.before is not None:
        await _reach(story, wanted.before)
    await story.world.kill_server()


async def start_server(story: Story, wanted: StartServer, *, line: int) -> None:
    """Start it again."""
    del wanted, line
    await story.world.start_server()


async def _reach(story: Story, job: str) -> None:
    conductor = story.world.conductor

    def is_the_job(thing: DueThing) -> bool:
        return thing.name == job

    conductor.halt_before = is_the_job
    try:
        await conductor.advance(conductor.now + _LOOK_AHEAD)
        thing = await conductor.next_due()
    finally:
        conductor.halt_before = never
    if thing is None or not is_the_job(thing):
        raise StoryError(
            f"no {job} came up within {_LOOK_AHEAD.days} days, so there was no moment before it to kill the server in"
        )


def never(_: DueThing) -> bool:
    """Halt before nothing."""
    return False
