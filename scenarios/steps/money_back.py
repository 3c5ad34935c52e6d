"""`refund`, `decide` and `gateway_decides`: money goes back, or somebody says what becomes of it."""

from collections.abc import Mapping

from scenarios.calls import WireAnswer
from scenarios.model import Decide, Decision, GatewayDecides, Refund
from scenarios.steps.judging import judge
from scenarios.story import Story, StoryError
from scenarios.world import SERVER

_OPERATIONS = {Decision.RETRY: "delivery", Decision.WAIVE: "delivery", Decision.WITHDRAW: "withdraw"}


async def refund(story: Story, wanted: Refund, *, line: int) -> None:
    """Post `/payment/refund/{sessionId}` as the merchant's backend does."""
    given = {"amount": wanted.amount, "reference": wanted.name}
    answer = await _ask(story, "refund", wanted.order, body={n: it for n, it in given.items() if it is not None})
    judge(story, "refund", answer, expected=wanted.expect_status, line=line)


async def decide(story: Story, wanted: Decide, *, line: int) -> None:
    """Say a person's word on the payment or on its delivery."""
    path, is_withdrawn = _OPERATIONS.get(wanted.decision, "review"), wanted.decision is Decision.WITHDRAW
    body = {} if is_withdrawn else {"decision": wanted.decision.value}
    answer = await _ask(story, path, wanted.order, body=body)
    judge(story, "decide", answer, expected=wanted.expect_status, line=line)


async def gateway_decides(story: Story, wanted: GatewayDecides, *, line: int) -> None:
    """Do what the gateway's own staff does."""
    del line
    action = {"action": wanted.action.value, **story.gateway_order(story.order(wanted.order))}
    await story.world.simulators.post("/_control/gateway", action)


async def _ask(story: Story, path: str, name: str | None, *, body: Mapping[str, object]) -> WireAnswer | None:
    order = story.order(name)
    if order.session is None:
        raise StoryError(f"the server never answered a session for {order.name}, so there is none to ask for")
    url = f"{SERVER}/payment/{path}/{order.session}"
    return await story.call(story.world.calls.post_json(url, dict(body), headers=story.world.api_headers))
