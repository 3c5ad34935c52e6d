"""`ask_status`: the frontend polls the server for a payment."""

from scenarios.model import AskStatus
from scenarios.story import Story, StoryError
from scenarios.world import SERVER


async def ask_status(story: Story, wanted: AskStatus, *, line: int) -> None:
    """Get `/payment/status/{sessionId}`; the answer is the last answer that `expect` looks at."""
    del line
    order = story.order(wanted.order)
    if order.session is None:
        raise StoryError(f"the server never answered a session for {order.name}, so there is none to ask for")
    await story.call(story.world.calls.get(f"{SERVER}/payment/status/{order.session}"))
