"""`forge_return`: somebody posts a form to an address that is for the browser's way back, without the gateway."""

from scenarios.model import ForgeReturn
from scenarios.steps.taken_fields import forged_fields
from scenarios.story import Story, StoryError
from scenarios.world import SERVER


async def forge_return(story: Story, wanted: ForgeReturn, *, line: int) -> None:
    """Post `/payment/{to}/{sessionId}`, the address that the server gave the gateway for this payment."""
    del line
    order = story.order(wanted.order)
    if order.session is None:
        raise StoryError(f"the server never answered a session for {order.name}, so nobody knows its return address")
    fields = forged_fields(story, wanted.fields, taken_from=wanted.taken_from)
    url = f"{SERVER}/payment/{wanted.to.value}/{order.session}"
    await story.call(story.world.calls.post_form(url, fields))
