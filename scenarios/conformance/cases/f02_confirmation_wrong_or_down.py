"""F02: validation or status call slow, wrong or down."""

from scenarios.conformance.arena import Arena, Fault
from scenarios.conformance.case import Case
from scenarios.conformance.claims import has_not_ended, is_paid_once, note_control, stays_unpaid
from scenarios.conformance.model import Severity

_WRONG: dict[str, Fault] = {
    "answered 30 s late": {"delay": {"by_seconds": 30}},
    "status 500": {"status": {"code": 500}},
    "a page of HTML": {"html_page": {}},
    "a body cut off": {"cut_body": {"after_bytes": 20}},
    "members missing": {"wrong_schema": {}},
    "the answer about another order": {"other_order": {}},
    "too many requests": {"rate_limit": {"retry_after_seconds": 60}},
    "the connection reset": {"reset_before_work": {}},
}


async def _judge(arena: Arena) -> None:
    control, forged = await arena.buy(), await arena.buy()
    confirm = arena.adversary.operations.confirm
    tried = {words: await arena.buy() for words in _WRONG}
    for words, purchase in tried.items():
        await arena.break_(_WRONG[words], operation=confirm, order=purchase.reference, first=2)
    for purchase in tried.values():
        await arena.pay(purchase)
    await arena.break_({"reset_before_work": {}}, operation=confirm)
    await arena.bring(arena.adversary.success(forged, await arena.address(forged)))
    for words, purchase in tried.items():
        await has_not_ended(arena, f"{words}: unknown is not failed", purchase)
    await arena.heal()
    await arena.pay(control)
    for purchase in tried.values():
        await arena.bring(await arena.genuine(purchase))
    await arena.come_to_rest()
    for words, purchase in tried.items():
        await is_paid_once(arena, f"{words}: settled in the end", purchase)
    await stays_unpaid(arena, "a gateway that cannot be asked is no yes", forged)
    await note_control(arena, control)


CASE = Case(
    "F02",
    "Validation or status call slow, wrong or down",
    Severity.S1,
    does=(
        "the confirming call is answered late, with 500, with HTML, cut off, with another order's answer, "
        "with too many requests, or not at all"
    ),
    right="unknown is not failed, silence is no yes, and it settles when healed",
    source="SSLCommerz-Laravel#16; Yuan et al. 2014",
    judge=_judge,
)
