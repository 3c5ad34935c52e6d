"""`forge_notification`: somebody who is not the gateway, or has not its secret, tells the server of a payment."""

from scenarios.model import ForgeNotification
from scenarios.steps.taken_fields import forged_fields
from scenarios.story import Story


async def forge_notification(story: Story, wanted: ForgeNotification, *, line: int) -> None:
    """Plan a made-up notification; it is sent at once, unless a fault rule says otherwise."""
    del line
    order = story.order(wanted.order).order
    fields = forged_fields(story, wanted.fields, taken_from=wanted.taken_from)
    trigger = {"event": "ipn", "order": order, "proof": wanted.proof.value, "fields": fields}
    await story.world.simulators.post("/_control/trigger", trigger)
