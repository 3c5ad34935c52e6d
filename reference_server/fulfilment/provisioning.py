"""The job that calls the merchant's provisioning system: one key on every try, so that one order is delivered once."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlmodel import Session

from reference_server.changes import Occasion
from reference_server.clock import Clock
from reference_server.columns import encode_json
from reference_server.database import Database
from reference_server.errors import GatewayError
from reference_server.fulfilment.apply import apply_fulfilment_event
from reference_server.fulfilment.lifecycle import FulfilmentEvent, is_still_owed
from reference_server.fulfilment.model import Fulfilment
from reference_server.fulfilment.store import get_fulfilment
from reference_server.gateways.gateway import Caller
from reference_server.ids import OrderId
from reference_server.jobs.schedule import FULFIL, next_due_at
from reference_server.jobs.store import Claim
from reference_server.jobs.worker import Conclusion
from reference_server.merchants.model import Merchant
from reference_server.merchants.store import get_merchant
from reference_server.orders.model import Order
from reference_server.orders.store import get_order
from reference_server.outgoing import OutgoingCall, PeerAnswer

_ANSWER_CHARACTERS_MAX = 4_000


class FulfilmentEnd(Enum):
    """What becomes of a delivery when its schedule has ended."""

    REVIEW = "review"
    WAIVE = "waive"


@dataclass(frozen=True, slots=True)
class DeliveryTerms:
    """How long a call may take, and what follows when none came to anything."""

    limit_seconds: float
    end: FulfilmentEnd = FulfilmentEnd.REVIEW


class Provisioner:
    """The function of `fulfil_order`."""

    def __init__(self, database: Database, clock: Clock, *, caller: Caller, terms: DeliveryTerms) -> None:
        self._database = database
        self._clock = clock
        self._caller = caller
        self._terms = terms

    async def fulfil_order(self, claim: Claim) -> Conclusion:
        """Call, then store what came back. Anything but 2xx is tried again on the schedule."""
        order_id = OrderId(claim.duty.about)

        def look(session: Session) -> tuple[Fulfilment, Order, Merchant]:
            order = get_order(session, order_id)
            return get_fulfilment(session, order_id), order, get_merchant(session, order.merchant_id)

        fulfilment, order, merchant = await self._database.read(look)
        if not is_still_owed(fulfilment.state):
            return lambda _: None
        if merchant.provisioning_url is None:
            # Owed is owed: the address may come back with the next start, and if not a person has to deliver.
            event, told = FulfilmentEvent.CALL_FAILED, "there is no PROVISIONING_URL any more"
        else:
            call = render_call(fulfilment, order, merchant, limit_seconds=self._terms.limit_seconds)
            event, told = await self._call(call)
        calls = int(merchant.provisioning_url is not None)

        def conclude(session: Session) -> datetime | None:
            get_fulfilment(session, order_id).calls += calls
            return self._conclude(session, claim, event=event, told=told)

        return conclude

    def _conclude(self, session: Session, claim: Claim, *, event: FulfilmentEvent, told: str) -> datetime | None:
        now, order_id = self._clock.now(), OrderId(claim.duty.about)
        fulfilment, order = get_fulfilment(session, order_id), get_order(session, order_id)
        fulfilment.answer = told[:_ANSWER_CHARACTERS_MAX]
        again_at = next_due_at(FULFIL, claim.tries + 1, now=now)
        is_over = event is FulfilmentEvent.DELIVERED
        if not is_over and again_at is None:
            event = FulfilmentEvent.EXHAUSTED
        occasion = Occasion(now, "provisioned" if is_over else f"the provisioning call failed: {told[:200]}")
        apply_fulfilment_event(session, fulfilment, event, order=order, occasion=occasion)
        if event is FulfilmentEvent.EXHAUSTED and self._terms.end is FulfilmentEnd.WAIVE:
            given_up = Occasion(now, "the schedule has ended, and what is not delivered is refunded")
            apply_fulfilment_event(session, fulfilment, FulfilmentEvent.WAIVED, order=order, occasion=given_up)
        return None if is_over else again_at

    async def _call(self, call: OutgoingCall) -> tuple[FulfilmentEvent, str]:
        try:
            answer = await self._caller.call(call)
        except GatewayError as error:
            return FulfilmentEvent.CALL_FAILED, error.message
        return _read_answer(answer)


def render_call(fulfilment: Fulfilment, order: Order, merchant: Merchant, *, limit_seconds: float) -> OutgoingCall:
    """Write the call of `contracts/provisioning.yaml`: the same bytes on every try."""
    body = {
        "key": fulfilment.key,
        "order": order.reference,
        "amount": order.money.decimal_text,
        "currency": order.currency,
        "customer": order.shopper,
        "items": order.items,
        "chassisNo": order.chassis_no,
        "productKey": order.product_key,
    }
    return OutgoingCall(
        operation="provision",
        method="POST",
        url=merchant.provisioning_url or "",
        limit_seconds=limit_seconds,
        body=encode_json(body),
        headers={"content-type": "application/json", "idempotency-key": fulfilment.key},
        kind="provisioning",
        receiver="provisioning",
        account=merchant.name,
        subject=order.reference,
    )


def _read_answer(answer: PeerAnswer) -> tuple[FulfilmentEvent, str]:
    text = answer.body.decode("utf-8", "replace")
    if 200 <= answer.status < 300:
        return FulfilmentEvent.DELIVERED, text
    return FulfilmentEvent.CALL_FAILED, f"HTTP {answer.status} {text}"
