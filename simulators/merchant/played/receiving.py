"""What comes to the shop's notification address and with returning browsers."""

from dataclasses import dataclass
from typing import Final

from simulators.merchant.played import polling, settling
from simulators.merchant.played.decisions import Belief, ReturnAct
from simulators.merchant.played.lifecycle import OrderState, PaymentState
from simulators.merchant.played.seam import Claim, Posted, Says, Unreadable
from simulators.merchant.played.settling import Taken, settle
from simulators.merchant.played.shop import PlayedShop


@dataclass(frozen=True, slots=True)
class Reply:
    """What the gateway is answered: a status, and words for whoever reads the journal."""

    status: int
    words: str


_REPLIES: Final = {
    Taken.DONE: Reply(200, "taken"),
    Taken.LATER: Reply(202, "written down; to be confirmed"),
    Taken.REFUSED: Reply(400, "the gateway does not confirm this"),
}


def read_claim(shop: PlayedShop, posted: Posted) -> Claim | None:
    """Return what a message claims, if it claims anything."""
    try:
        return shop.floor.adapter.read_claim(posted.fields)
    except Unreadable:
        return None


async def take(shop: PlayedShop, posted: Posted) -> Reply:
    """Take a notification."""
    decisions = shop.decisions
    if not decisions.is_ready():
        return Reply(503, "the shop does not have its gateway's secret")
    claim = read_claim(shop, posted) if decisions.reads(posted) else None
    if claim is None:
        return Reply(400, "this is no notification")
    belief = decisions.belief(posted, claim)
    if belief is Belief.REFUSE:
        return Reply(400, "the proof is missing or wrong")
    payment = shop.rows.payments.get(claim.reference)
    if payment is None:
        status = decisions.knows_nothing_of(claim.reference)
        return Reply(status, "no such payment")
    if claim.says is Says.PAID:
        return _REPLIES[await settle(shop, claim, channel="notification", belief=belief)]
    if payment.state is PaymentState.HELD:
        await polling.look(shop, payment)
    else:
        settling.fail(shop, payment, claim.says, why=f"the gateway told: {claim.says.value}")
    return _REPLIES[Taken.DONE]


async def come_back(shop: PlayedShop, kind: str, posted: Posted) -> str:
    """Take a returning browser; say which order it is about, if any is known."""
    claim = read_claim(shop, posted)
    payment = shop.rows.payments.get(claim.reference) if claim else None
    act = shop.decisions.on_return(kind, claim)
    if claim is None or payment is None:
        return ""
    if act in {ReturnAct.SETTLE, ReturnAct.BELIEVE} and claim.says is Says.PAID:
        belief = Belief.ASK if act is ReturnAct.SETTLE else Belief.AT_ITS_WORD
        await settle(shop, claim, channel="return", belief=belief)
    order = shop.rows.order_of(payment)
    if act is ReturnAct.END and order.state is OrderState.PENDING:
        payment.state = PaymentState.CANCELLED if kind == "cancel" else PaymentState.FAILED
        shop.move(order, OrderState.CANCELLED if kind == "cancel" else OrderState.FAILED, "the browser came back so")
    return payment.order
