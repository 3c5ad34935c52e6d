"""Every decision of the shop that its safety hangs on, made right. A flaw is a subclass that makes one or few wrong.

A decision looks and answers; it changes nothing but what it says it marks. The steps beside this file ask it.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final

from simulators.merchant.played.floor import Floor
from simulators.merchant.played.lifecycle import PAID_FOR, TAKEN, OrderState, PaymentState, RefundState, may_follow
from simulators.merchant.played.model import ShopOrder, ShopPayment, ShopRefund
from simulators.merchant.played.seam import Asking, Claim, Keys, Posted, Says, Truth
from simulators.money import Money


class Belief(Enum):
    """What a message is worth before the gateway was asked."""

    REFUSE = "refuse"
    ASK = "ask"
    AT_ITS_WORD = "at its word"


class Silence(Enum):
    """What to do when the gateway cannot be asked."""

    ASK_LATER = "ask later"
    FAIL = "fail"
    BELIEVE = "believe"


class Purpose(Enum):
    """What to do with money for an order that does not wait for any."""

    HONOUR = "honour"
    RETURN = "return"
    IGNORE = "ignore"


class ReturnAct(Enum):
    """What the browser's return sets going."""

    NOTHING = "nothing"
    SETTLE = "settle"
    BELIEVE = "believe"
    END = "end"


class LostSession(Enum):
    """What to do when the answer to the create call is lost."""

    KEEP = "keep"
    OPEN_ANOTHER = "open another"


# Orders that money may still make paid; for the rest it is too much or too late.
_WAITING: Final = frozenset({OrderState.PENDING, OrderState.HELD, OrderState.FAILED, OrderState.NEEDS_REVIEW})
_HOPELESS: Final = frozenset({RefundState.FAILED})


class Decisions:
    """The right shop's."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor

    # --- buying -------------------------------------------------------------------------------------------------

    def price(self, listed: Money, quantity: int, asked: Money | None) -> Money:
        """The catalogue's price, unless a test may name one."""
        if asked is not None and self.floor.settings.tests_name_amounts:
            return asked
        return Money(listed.amount_minor * quantity, listed.currency)

    def stores_before_asking(self) -> bool:
        """Whether an order is written before the gateway hears of it."""
        return True

    def on_lost_session(self) -> LostSession:
        """The session may exist: its reference stays known and is polled."""
        return LostSession.KEEP

    def poll_seconds(self) -> Sequence[float]:
        """When the gateway is asked by ourselves, in seconds after a session was opened."""
        return self.floor.settings.poll_seconds

    def is_ready(self) -> bool:
        """Whether the shop may be paid at all: without a secret anybody could prove anything."""
        return not self.floor.adapter.is_blank(self.floor.keys)

    # --- reading and believing a message ------------------------------------------------------------------------

    def reads(self, posted: Posted) -> bool:
        """Whether the notification is of a form that this shop takes."""
        return not posted.repeated

    def keys_for(self, claim: Claim) -> Keys:
        """Whose credentials prove and ask: always our own."""
        return self.floor.keys

    def hashed_fields(self, posted: Posted) -> Mapping[str, str]:
        """The fields as they are hashed: raw, untrimmed, empty ones too."""
        return posted.fields

    def is_proven(self, posted: Posted, claim: Claim) -> bool:
        """Whether the proof is there, right, and covers all that we read."""
        return self.floor.adapter.is_proven(self.hashed_fields(posted), self.keys_for(claim))

    def belief(self, posted: Posted, claim: Claim) -> Belief:
        """A proven message is still hearsay: the gateway is asked."""
        return Belief.ASK if self.is_proven(posted, claim) and self.is_our_store(claim) else Belief.REFUSE

    def is_our_store(self, claim: Claim) -> bool:
        """Whether the message is about our account with the gateway."""
        return not claim.store or claim.store == self.floor.keys.get("store_id")

    def knows_nothing_of(self, reference: str) -> int:
        """The HTTP status for news of a payment that we do not know: never 200, so that it is sent again."""
        return 404

    def on_return(self, kind: str, claim: Claim | None) -> ReturnAct:
        """A return is a hint and writes nothing."""
        return ReturnAct.NOTHING

    # --- asking the gateway -------------------------------------------------------------------------------------

    def asking(self, claim: Claim) -> Asking:
        """How the validation call is made."""
        return Asking(claim.settlement, claim.reference)

    def on_silence(self) -> Silence:
        """Unknown is not failed."""
        return Silence.ASK_LATER

    def accepts(self, truth: Truth) -> bool:
        """Whether the answer says paid, be it the first time or again."""
        return truth.says is Says.PAID

    def find_mismatch(self, payment: ShopPayment, claim: Claim, truth: Truth) -> str | None:
        """Say in which of reference and money the answer differs from what we stored; never look at what was posted."""
        if not self.is_reference_right(payment, truth):
            return f"it is about {truth.reference}"
        if not self.is_sum_right(payment, claim, truth):
            price = self.floor.rows.order_of(payment).price
            return f"{truth.gross} {truth.gross and truth.gross.currency} were paid for {price} {price.currency}"
        return None

    def is_reference_right(self, payment: ShopPayment, truth: Truth) -> bool:
        """Whether the money is for this payment."""
        return truth.reference == payment.reference

    def is_sum_right(self, payment: ShopPayment, claim: Claim, truth: Truth) -> bool:
        """Whether the gross amount equals the stored one, in minor units, currency included."""
        return truth.gross == self.floor.rows.order_of(payment).price

    def is_free(self, payment: ShopPayment, truth: Truth) -> bool:
        """Whether this money has settled nothing else: it settles one payment, ever."""
        return self.floor.rows.settled.get(truth.settlement, payment.reference) == payment.reference

    def is_held(self, truth: Truth) -> bool:
        """Whether the gateway says paid but risky."""
        return truth.is_risky

    def fails_when_risky(self) -> bool:
        """Risky is held, not failed."""
        return False

    # --- settling once ------------------------------------------------------------------------------------------

    def is_settled(self, payment: ShopPayment, settlement: str, *, channel: str) -> bool:
        """Whether this money has been taken for this payment already; asked of the rows, which forget nothing."""
        return self.floor.rows.settled.get(settlement) == payment.reference

    def is_settled_meanwhile(self, payment: ShopPayment, settlement: str, *, channel: str) -> bool:
        """The same, asked again after every call: others were at it while we waited."""
        return self.is_settled(payment, settlement, channel=channel)

    def mark_before(self, settlement: str) -> None:
        """Mark nothing before the work: it might fail."""

    def mark_settled(self, payment: ShopPayment, settlement: str, *, channel: str) -> None:
        """Mark in the rows, together with the work."""
        self.floor.rows.settled[settlement] = payment.reference

    def with_money(self, order: ShopOrder, payment: ShopPayment) -> Purpose:
        """What to do with proven, equal money for this order."""
        if payment is order.kept or order.state in _WAITING:
            return Purpose.HONOUR
        if order.state is OrderState.CANCELLED:
            honours = not order.cancelled_by_shopper or self.floor.settings.late_after_cancel == "honour"
            return Purpose.HONOUR if honours else Purpose.RETURN
        return Purpose.RETURN

    def may_move(self, order: ShopOrder, after: OrderState) -> bool:
        """Whether the lifecycle has such a transition."""
        return may_follow(order.state, after)

    def failure_counts(self, order: ShopOrder, payment: ShopPayment) -> bool:
        """Whether a proven failure of this payment is news: nothing undoes captured money."""
        return payment.state is PaymentState.OPEN

    def failure_ends_order(self, order: ShopOrder, payment: ShopPayment) -> bool:
        """Whether the order ends by it: only one that waits, and for nothing else."""
        others = (one for one in order.payments if one is not payment)
        return order.state is OrderState.PENDING and all(one.state is not PaymentState.OPEN for one in others)

    def is_as_read(self, order: ShopOrder, read: OrderState) -> bool:
        """Whether the order still is what it was before the gateway was asked; if not, what we found out is old."""
        return order.state is read

    def leaves_state_alone(self, order: ShopOrder, read: OrderState) -> bool:
        """Whether a poll leaves the state alone that it read before it asked; what changed meanwhile is newer."""
        return True

    # --- delivering ---------------------------------------------------------------------------------------------

    def owes_delivery(self, order: ShopOrder, *, moved: bool) -> bool:
        """Whether money just taken owes a delivery: only if it made the order paid."""
        return moved

    def delivery_key(self, order: ShopOrder) -> str:
        """The key of an order's delivery: one for ever."""
        return order.delivery_key

    def key_of_try(self, key: str, tries: int) -> str:
        """The key of one try: the same."""
        return key

    def wants_delivery(self, order: ShopOrder) -> bool:
        """Whether the order still is to be delivered, looked at before every try."""
        return order.state is OrderState.PAID

    def delivers_again(self) -> bool:
        """Whether a delivery that failed is tried again."""
        return True

    def refunds_failed_delivery(self) -> bool:
        """Whether a first failure to deliver gives the money back: it may have been delivered all the same."""
        return False

    # --- refunding ----------------------------------------------------------------------------------------------

    def refundable_minor(self, order: ShopOrder, payment: ShopPayment) -> int:
        """What is left to be given back: what was paid less all refunds, those in flight too."""
        paid = payment.paid.amount_minor if payment.paid else 0
        return paid - sum(one.amount_minor for one in self.refunds_that_count(order, payment))

    def refunds_that_count(self, order: ShopOrder, payment: ShopPayment) -> list[ShopRefund]:
        """All that are not known to have failed."""
        return [one for one in order.refunds if one.payment is payment and one.state not in _HOPELESS]

    def may_refund(self, order: ShopOrder, *, in_full: bool) -> bool:
        """Whether money may go back now: never in full while a delivery is under way."""
        if order.state not in PAID_FOR | {OrderState.NEEDS_REVIEW, OrderState.HELD}:
            return False
        is_under_way = order.state is OrderState.PAID and (order.delivering or order.delivery_tries > 0)
        return not (in_full and is_under_way)

    def refund_reference(self, refund: ShopRefund) -> str:
        """What the gateway is to know a refund by: drawn once."""
        return refund.reference

    def is_polled(self, payment: ShopPayment) -> bool:
        """Whether there is anything to learn about a payment."""
        return payment.state not in TAKEN
