"""`open_payment`: the merchant's backend asks the server for a payment."""

import msgspec

from scenarios.calls import WireAnswer
from scenarios.model import OpenPayment
from scenarios.story import OpenedOrder, Story
from scenarios.world import SERVER


class _Opened(msgspec.Struct):
    session_id: str = msgspec.field(name="sessionId")


_SHOPPER = {"name": "Rahima Akter", "email": "rahima@example.com", "phone": "01711000000"}


async def open_payment(story: Story, wanted: OpenPayment, *, line: int) -> None:
    """Post `/payment/init` and remember the session. The order's id is the story's own, known if no answer comes."""
    order = f"STORY-{story.seed}-{len(story.orders) + 1}"
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
    story.orders[wanted.name] = OpenedOrder(wanted.name, order, session)
    _judge(story, wanted.expect_status, answer, line=line)


def _judge(story: Story, expected: int | None, answer: WireAnswer | None, *, line: int) -> None:
    """Without an expected status any success will do."""
    status = answer.status if answer else 0
    if status == expected or (expected is None and status in range(200, 300)):
        return
    seen = f"{status} {answer.body.decode(errors='replace')[:300]}" if answer else "no answer"
    words = "success" if expected is None else str(expected)
    story.findings.append(story.finding("the server's answer to open_payment", expected=words, seen=seen, line=line))


def _session_in(answer: WireAnswer | None) -> str | None:
    """Read the session id from the answer; a refusal carries it too where the order was stored."""
    try:
        return msgspec.json.decode(answer.body if answer else b"", type=_Opened).session_id
    except msgspec.DecodeError:
        return None
