"""`open_payment`: the merchant's backend asks the server for a payment."""

import msgspec

from scenarios.calls import WireAnswer
from scenarios.model import OpenPayment
from scenarios.steps.judging import judge
from scenarios.story import OpenedOrder, Story
from scenarios.world import SERVER


class _Opened(msgspec.Struct):
    session_id: str = msgspec.field(name="sessionId")


_SHOPPER = {"name": "Rahima Akter", "email": "rahima@example.com", "phone": "01711000000"}


async def open_payment(story: Story, wanted: OpenPayment, *, line: int) -> None:
    """Post `/payment/init` and remember the session. The order's id is the story's own, known if no answer comes."""
    order = story.order(wanted.again).order if wanted.again else f"STORY-{story.seed}-{len(story.orders) + 1}"
    body: dict[str, object] = {
        "tran_id": order,
        "amount": wanted.amount,
        "currency": wanted.currency,
        "customer": {**_SHOPPER, **wanted.customer},
        "items": [dict(item) for item in wanted.items] or [{"name": "Licence", "quantity": 1}],
    }
    given = {"chassisNo": wanted.chassis_no, "productKey": wanted.product_key}
    body |= {name: value for name, value in given.items() if value is not None}
    answer = await story.call(
        story.world.calls.post_json(f"{SERVER}/payment/init", body, headers=story.world.api_headers)
    )
    session = _session_in(answer)
    gateway_session = await _newest_session(story, order)
    story.orders[wanted.name] = OpenedOrder(wanted.name, order, session, wanted.amount, gateway_session)
    judge(story, "open_payment", answer, expected=wanted.expect_status, line=line)


async def _newest_session(story: Story, order: str) -> str | None:
    """Return the gateway's own name of the session, by which two sessions of one order are told apart."""
    listed = (await story.world.simulators.get("/_control/orders"))["orders"]
    return next((one.get("session") for one in reversed(listed) if one["order"] == order), None)


def _session_in(answer: WireAnswer | None) -> str | None:
    """Read the session id from the answer; a refusal carries it too where the order was stored."""
    try:
        return msgspec.json.decode(answer.body if answer else b"", type=_Opened).session_id
    except msgspec.DecodeError:
        return None
