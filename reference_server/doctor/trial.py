"""A trial of the running server: a payment of the sandbox, its webhook and its refund, followed to their ends."""

from collections.abc import Awaitable, Callable
from typing import cast

from reference_server.doctor.caller import Caller, Said
from reference_server.doctor.checklist import Item, Line, Mark

# One rupee, at the sandbox acquirer: no money of anybody's moves.
_PAYMENT: dict[str, object] = {
    "amount": 100,
    "currency": "INR",
    "method": "netbanking",
    "bank": "HDFC",
    "notes": {"made_by": "gatewright doctor"},
}
# The sandbox declines one of twenty.
PAYMENTS_MAX = 4
# Twice what the sandbox takes at most, and the worker's turn.
SECONDS_MAX = 25.0
_BETWEEN_LOOKS = 0.25


async def look_at_server(caller: Caller) -> list[Line]:
    """Ask for the health, and what it says of the worker."""
    said = await caller.get("/health")
    if "database" not in said.members:
        told = f"{caller.server}: {said.problem}"
        return [Line(Item.HEALTH, Mark.FAILED, told), Line(Item.WORKER, Mark.NOT_TRIED, "the server does not say")]
    parts = ", ".join(f"{name} {said.text(name)}" for name in ("database", "redis", "worker"))
    health = Line(Item.HEALTH, Mark.OK if said.status == 200 else Mark.FAILED, f"{said.text('status')}: {parts}")
    is_worked = said.text("worker") == "ok"
    worker = Line(Item.WORKER, Mark.OK if is_worked else Mark.FAILED, f"its heart: {said.text('worker')}")
    return [health, worker]


def untried(why: str) -> list[Line]:
    """Return the lines of the trial that there was none."""
    return [Line(item, Mark.NOT_TRIED, why) for item in (Item.PAYMENT, Item.WEBHOOK, Item.REFUND)]


async def try_payment(caller: Caller) -> list[Line]:
    """Make payments until one succeeds, follow its webhook, and give its money back."""
    for _ in range(PAYMENTS_MAX):
        made = await caller.post("/api/v1/payments", _PAYMENT)
        if made.status != 201:
            return [Line(Item.PAYMENT, Mark.FAILED, made.problem), *untried("without a payment")[1:]]
        ended = await _follow(caller, f"/api/v1/payments/{made.text('id')}")
        if ended.text("status") == "success":
            break
        if ended.text("status") != "failed":
            told = f"{made.text('id')} was created and is still {ended.text('status')}: nobody works it"
            return [Line(Item.PAYMENT, Mark.FAILED, told), *untried("without a paid payment")[1:]]
    else:
        told = "created, and each of them declined"
        return [Line(Item.PAYMENT, Mark.OK, told), *untried("without a paid payment")[1:]]
    payment = made.text("id")
    refund = await _try_refund(caller, payment)
    webhook = await _look_at_webhooks(caller, payment)
    return [Line(Item.PAYMENT, Mark.OK, f"{payment} succeeded"), webhook, refund]


async def _try_refund(caller: Caller, payment: str) -> Line:
    made = await caller.post(f"/api/v1/payments/{payment}/refunds", {"amount": 100})
    if made.status != 201:
        return Line(Item.REFUND, Mark.FAILED, made.problem)
    ended = await _follow(caller, f"/api/v1/refunds/{made.text('id')}")
    is_back = ended.text("status") == "processed"
    return Line(Item.REFUND, Mark.OK if is_back else Mark.FAILED, f"{made.text('id')} is {ended.text('status')}")


async def _look_at_webhooks(caller: Caller, payment: str) -> Line:
    """Look for what was delivered of this payment. A merchant without an endpoint gets nothing, as promised."""

    async def find() -> Said | None:
        listed = await caller.get("/api/v1/webhooks?limit=100")
        deliveries = cast("list[dict[str, object]]", listed.members.get("items") or [])
        about = [one for one in deliveries if payment in str(one.get("payload"))]
        if listed.status == 200 and not about:
            return Said(200)
        pending = [one for one in about if one.get("status") == "pending" and not one.get("attempts")]
        return None if pending else Said(listed.status, about[0] if about else listed.members)

    found = await _wait(caller, find) or Said(0)
    if found.status != 200:
        return Line(Item.WEBHOOK, Mark.FAILED, found.problem)
    if not found.text("event"):
        return Line(Item.WEBHOOK, Mark.NOT_TRIED, "this merchant has no webhook URL")
    is_there = found.text("status") == "success"
    answered = found.text("response_code") or found.text("ended") or "nothing"
    told = f"{found.text('event')} is {found.text('status')}, the endpoint answered {answered}"
    return Line(Item.WEBHOOK, Mark.OK if is_there else Mark.FAILED, told)


async def _follow(caller: Caller, path: str) -> Said:
    async def look() -> Said | None:
        said = await caller.get(path)
        return None if said.text("status") == "pending" else said

    return await _wait(caller, look) or Said(200, {"status": "pending"})


async def _wait(caller: Caller, look: Callable[[], Awaitable[Said | None]]) -> Said | None:
    """Look again and again until there is something to see, for so long at most."""
    for _ in range(int(SECONDS_MAX / _BETWEEN_LOOKS)):
        said = await look()
        if said is not None:
            return said
        await caller.clock.sleep(_BETWEEN_LOOKS, purpose="the doctor's next look")
    return None
