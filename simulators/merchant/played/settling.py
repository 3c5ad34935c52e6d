"""From a message to money: what is claimed, what the gateway says when asked, and what that does to the order.

Between the last answer and the last write nothing is awaited, so what was looked at still is so.
"""

from enum import Enum

from simulators.merchant.played import delivering, refunding
from simulators.merchant.played.decisions import Belief, Purpose, Silence
from simulators.merchant.played.jobs import CONFIRM, POLL
from simulators.merchant.played.lifecycle import OrderState, PaymentState
from simulators.merchant.played.model import Cause, ShopOrder, ShopPayment, Task
from simulators.merchant.played.seam import ENDED_UNPAID, Claim, Says, Truth, Unknown
from simulators.merchant.played.shop import PlayedShop


class Taken(Enum):
    """What became of a message."""

    DONE = "taken"
    LATER = "written down, to be confirmed later"
    REFUSED = "refused"


async def settle(shop: PlayedShop, claim: Claim, *, channel: str, belief: Belief = Belief.ASK) -> Taken:
    """Take a claim that a payment was paid: ask the gateway, unless the message is taken at its word."""
    payment, decisions = shop.rows.payments[claim.reference], shop.decisions
    if decisions.is_settled(payment, claim.settlement, channel=channel):
        shop.rows.order_of(payment).tell(f"told again of {claim.settlement} by {channel}")
        return Taken.DONE
    decisions.mark_before(claim.settlement)
    if belief is Belief.AT_ITS_WORD:
        return conclude(shop, payment, claim=claim, truth=_as_told(claim), channel=channel)
    try:
        keys, asking = decisions.keys_for(claim), decisions.asking(claim)
        truth = await shop.floor.adapter.validate(shop, keys, asking)
    except Unknown as silence:
        return _bear_silence(shop, payment, claim=claim, channel=channel, why=str(silence))
    if decisions.is_settled_meanwhile(payment, claim.settlement, channel=channel):
        return Taken.DONE
    return conclude(shop, payment, claim=claim, truth=truth, channel=channel)


def conclude(shop: PlayedShop, payment: ShopPayment, *, claim: Claim, truth: Truth, channel: str) -> Taken:
    """Write what an answer means. Awaits nothing."""
    order, decisions = shop.rows.order_of(payment), shop.decisions
    if truth.says is Says.PENDING:
        return _bear_silence(shop, payment, claim=claim, channel=channel, why="the gateway does not know yet")
    if not decisions.accepts(truth):
        order.tell(f"the gateway says {truth.says.value} of {claim.settlement}")
        return Taken.REFUSED
    if not decisions.is_reference_right(payment, truth) or not decisions.is_free(payment, truth):
        order.tell(f"{truth.settlement} belongs to {truth.reference}: nothing of it is taken for {payment.reference}")
        return Taken.REFUSED
    payment = _row_for(shop, payment, truth)
    payment.settlement, payment.bank_reference = truth.settlement, truth.bank_reference
    payment.paid, payment.settled = truth.gross, truth.settled
    mismatch = decisions.find_mismatch(payment, claim, truth)
    if mismatch is not None:
        return _set_aside(shop, order, payment=payment, why=mismatch)
    if decisions.is_held(truth):
        return _hold(shop, order, payment)
    decisions.mark_settled(payment, truth.settlement, channel=channel)
    shop.let_off(POLL, payment.reference)
    _take(shop, order, payment)
    return Taken.DONE


def _take(shop: PlayedShop, order: ShopOrder, payment: ShopPayment) -> None:
    purpose = shop.decisions.with_money(order, payment)
    if purpose is Purpose.HONOUR:
        payment.state = PaymentState.CAPTURED
        moved = shop.move(order, OrderState.PAID, f"{payment.settlement} is confirmed")
        if shop.decisions.owes_delivery(order, moved=moved):
            delivering.owe(shop, order)
        return
    payment.state = PaymentState.SURPLUS
    order.tell(f"{payment.settlement} was paid when nothing was owed")
    if purpose is Purpose.RETURN:
        is_late = order.state is OrderState.CANCELLED
        refunding.give_back(shop, payment, cause=Cause.LATE_PAYMENT if is_late else Cause.SECOND_PAYMENT)


def _row_for(shop: PlayedShop, payment: ShopPayment, truth: Truth) -> ShopPayment:
    """Return the payment's own row, or one more where other money has settled this reference already."""
    if payment.settlement in {"", truth.settlement} or payment.state in {PaymentState.FAILED, PaymentState.CANCELLED}:
        return payment
    order = shop.rows.order_of(payment)
    known = next((one for one in order.payments if one.settlement == truth.settlement), None)
    if known is not None:
        return known
    more = ShopPayment(payment.reference, order.id, session=payment.session)
    shop.rows.add_payment(more)
    return more


def _set_aside(shop: PlayedShop, order: ShopOrder, *, payment: ShopPayment, why: str) -> Taken:
    payment.state = PaymentState.UNEQUAL
    shop.rows.settled[payment.settlement] = payment.reference
    shop.move(order, OrderState.NEEDS_REVIEW, why)
    shop.flag(order, why)
    return Taken.DONE


def _hold(shop: PlayedShop, order: ShopOrder, payment: ShopPayment) -> Taken:
    if shop.decisions.fails_when_risky():
        payment.state = PaymentState.FAILED
        shop.move(order, OrderState.FAILED, "the gateway says paid but risky")
        return Taken.DONE
    if payment.state is not PaymentState.HELD:
        payment.state = PaymentState.HELD
        shop.move(order, OrderState.HELD, "the gateway says paid but risky")
    return Taken.DONE


def _bear_silence(shop: PlayedShop, payment: ShopPayment, *, claim: Claim, channel: str, why: str) -> Taken:
    order, silence = shop.rows.order_of(payment), shop.decisions.on_silence()
    order.tell(f"the gateway could not be asked about {claim.settlement}: {why}")
    if silence is Silence.BELIEVE:
        return conclude(shop, payment, claim=claim, truth=_as_told(claim), channel=channel)
    if silence is Silence.FAIL:
        payment.state = PaymentState.FAILED
        shop.move(order, OrderState.FAILED, "the validator did not answer")
        return Taken.REFUSED
    if channel != CONFIRM and not _is_owed(shop, claim):
        gaps = shop.floor.settings.confirm_seconds
        shop.owe_next(gaps, Task(CONFIRM, claim.reference, shop.floor.now(), key=claim.settlement))
    return Taken.LATER


def _is_owed(shop: PlayedShop, claim: Claim) -> bool:
    wanted = (CONFIRM, claim.reference, claim.settlement)
    return any((task.name, task.subject, task.key) == wanted for task in shop.rows.tasks.values())


async def confirm(shop: PlayedShop, task: Task) -> None:
    """Ask again about a message that could not be confirmed when it came."""
    claim = Claim(task.subject, Says.PAID, task.key)
    taken = await settle(shop, claim, channel=CONFIRM)
    if taken is Taken.LATER and not shop.owe_next(shop.floor.settings.confirm_seconds, task):
        order = shop.rows.order_of(shop.rows.payments[task.subject])
        shop.move(order, OrderState.NEEDS_REVIEW, "the gateway could not be asked for long")
        shop.flag(order, f"nobody could confirm {task.key}")


def fail(shop: PlayedShop, payment: ShopPayment, says: Says, *, why: str) -> None:
    """Write that a payment ended without money, as proven news or the gateway's answer has it."""
    if says not in ENDED_UNPAID:
        return
    order, decisions = shop.rows.order_of(payment), shop.decisions
    if not decisions.failure_counts(order, payment):
        order.tell(f"{payment.reference} is said to be {says.value}: that changes nothing")
        return
    payment.state = PaymentState.CANCELLED if says is Says.CANCELLED else PaymentState.FAILED
    if decisions.failure_ends_order(order, payment):
        after = OrderState.CANCELLED if says is Says.CANCELLED else OrderState.FAILED
        shop.move(order, after, why)


def _as_told(claim: Claim) -> Truth:
    """Return the message as if the gateway had confirmed it, for a shop that asks nobody."""
    return Truth(
        claim.says, claim.reference, claim.settlement, gross=claim.gross, net=claim.net, is_risky=claim.is_risky
    )
