"""Payments over the API: making, reading, listing, capturing and cancelling them, and their audit trail."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import cast

from sqlmodel import Session

from contracts.binding import Answer, Call
from reference_server import journal
from reference_server.apis.door import authenticated_merchant
from reference_server.apis.payments.reading import (
    read_filter,
    read_instrument,
    read_page,
    read_shopper,
    read_sum,
    refuse_card_numbers,
    refuse_cards_as_names,
)
from reference_server.apis.payments.rendering import (
    ToldPayment,
    note_subject,
    render_line,
    render_payment,
    told_new,
    told_of,
)
from reference_server.audit import list_lines_of_payment
from reference_server.chance import Chance
from reference_server.changes import Occasion
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.gateways.gateway import Acquirer
from reference_server.idempotency import Begun, Idempotency
from reference_server.ids import OrderId, PaymentId
from reference_server.merchants.model import Merchant
from reference_server.models import AuditLineList, CancelPayment, CapturePayment, CreatePayment, PaymentList
from reference_server.orders.store import get_order
from reference_server.payments.acquiring import Acquiring
from reference_server.payments.apply import Rules
from reference_server.payments.authorized import ask_to_capture, cancel_or_ask_to_void
from reference_server.payments.creation import AskedPayment, Schedule, attempt_id_of, create_payment
from reference_server.payments.model import Payment
from reference_server.payments.store import count_payments, get_own, list_newest
from reference_server.refunds.store import GivenBack, sum_refunds

# What is kept as it came, where no card number may be.
KEPT_AS_IT_CAME = ("notes", "customer", "wallet")


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """The acquirer that payments are brought to, by its name, what their ids are drawn from, and the rules."""

    gateway: str
    acquirer: Acquirer
    chance: Chance
    rules: Rules


class Payments:
    """`handlers` joins the document's operations to these functions."""

    def __init__(
        self, database: Database, clock: Clock, *, idempotency: Idempotency, acquiring: Acquiring, terms: PaymentTerms
    ) -> None:
        self._database = database
        self._clock = clock
        self._idempotency = idempotency
        self._acquiring = acquiring
        self._terms = terms

    def handlers(self) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
        """Return every operation of this part of the document with what answers it."""
        return {
            "createPayment": self.create_payment,
            "listPayments": self.list_payments,
            "readPayment": self.read_payment,
            "capturePayment": self.capture_payment,
            "cancelPayment": self.cancel_payment,
            "listAuditLines": self.list_audit_lines,
        }

    async def create_payment(self, call: Call) -> Answer:
        """Store it and owe the rest; nobody is asked meanwhile."""
        asked = self._read_asked(authenticated_merchant(), cast("CreatePayment", call.body))
        terms, now = self._terms, self._clock.now()
        answers_after = terms.acquirer.answers_after(attempt_id_of(asked.payment_id))
        schedule = Schedule(now, answers_after, terms.rules.authorization)
        journal.annotate(subject=asked.order or asked.order_id)

        def create(session: Session) -> Answer:
            order = create_payment(session, asked, gateway=terms.gateway, schedule=schedule)
            return Answer.json(201, render_payment(told_new(asked, order.reference, now)))

        return note_subject(await self._idempotency.once(create))

    async def read_payment(self, call: Call) -> Answer:
        """Say how it stands; another merchant's is none."""
        payment_id, merchant_id = PaymentId(call.path["paymentId"]), authenticated_merchant().id

        def look(session: Session) -> ToldPayment:
            return tell_payment(session, get_own(session, merchant_id, payment_id))

        told = await self._database.read(look)
        journal.annotate(subject=told.order)
        return Answer.json(200, render_payment(told))

    async def list_payments(self, call: Call) -> Answer:
        """List the merchant's payments, newest first."""
        merchant_id, wanted, page = authenticated_merchant().id, read_filter(call.query), read_page(call.query)

        def look(session: Session) -> PaymentList:
            found = list_newest(session, merchant_id, wanted, limit=page.limit, offset=page.offset)
            sums = sum_refunds(session, [payment.id for payment, _ in found])
            items = [
                render_payment(told_of(payment, order, sums.get(payment.id, GivenBack()))) for payment, order in found
            ]
            total = count_payments(session, merchant_id, wanted)
            return {"items": items, "limit": page.limit, "offset": page.offset, "total": total}

        return Answer.json(200, await self._database.read(look))

    async def capture_payment(self, call: Call) -> Answer:
        """Note what is asked for, ask the gateway, bring its answer to the payment."""
        payment_id, merchant = PaymentId(call.path["paymentId"]), authenticated_merchant()
        amount = cast("CapturePayment", call.body or {}).get("amount")
        now = self._clock.now()

        def begin(session: Session) -> str:
            payment = get_own(session, merchant.id, payment_id, lock=True)
            ask_to_capture(session, payment, None if amount is None else int(amount), now=now)
            return payment.id

        return note_subject(await self._idempotency.spanning(begin, self._finish))

    async def cancel_payment(self, call: Call) -> Answer:
        """End what has no money, and release what is held."""
        payment_id, merchant = PaymentId(call.path["paymentId"]), authenticated_merchant()
        body = cast("CancelPayment", call.body or {})
        refuse_card_numbers(body, ("reason",))
        reason = body.get("reason", "the merchant called it off")
        occasion = Occasion(self._clock.now(), reason)

        def begin(session: Session) -> str:
            payment = get_own(session, merchant.id, payment_id, lock=True)
            cancel_or_ask_to_void(session, payment, rules=self._terms.rules, occasion=occasion)
            return payment.id

        return note_subject(await self._idempotency.spanning(begin, self._finish))

    async def list_audit_lines(self, call: Call) -> Answer:
        """List what changed the payment and all that is part of it, oldest first."""
        payment_id, merchant_id = PaymentId(call.path["paymentId"]), authenticated_merchant().id
        page = read_page(call.query)

        def look(session: Session) -> AuditLineList:
            payment = get_own(session, merchant_id, payment_id)
            lines = list_lines_of_payment(session, payment.order_id, payment_id=payment.id)
            shown = lines[page.offset : page.offset + page.limit]
            items = [render_line(line) for line in shown]
            return {"items": items, "limit": page.limit, "offset": page.offset, "total": len(lines)}

        return Answer.json(200, await self._database.read(look))

    async def _finish(self, begun: Begun) -> Callable[[Session], Answer]:
        """Make the call that is asked for, if any still is: a call whose answer was lost is simply made again."""
        finish = await self._acquiring.finish(PaymentId(begun.point))

        def conclude(session: Session) -> Answer:
            return Answer.json(200, render_payment(tell_payment(session, finish(session))))

        return conclude

    def _read_asked(self, merchant: Merchant, body: CreatePayment) -> AskedPayment:
        refuse_card_numbers(body, KEPT_AS_IT_CAME)
        refuse_cards_as_names(body, ("order_id",))
        token = self._terms.chance.token
        return AskedPayment(
            merchant_id=merchant.id,
            payment_id=PaymentId(f"pay_{token(merchant.name, 'payment', length=20)}"),
            order_id=OrderId(f"order_{token(merchant.name, 'order', length=20)}"),
            order=body.get("order_id", ""),
            money=read_sum(body["amount"], body.get("currency")),
            instrument=read_instrument(body, now=self._clock.now()),
            is_captured_by_merchant=body.get("capture") == "manual",
            notes=body.get("notes", {}),
            shopper=read_shopper(body.get("customer")),
        )


def tell_payment(session: Session, payment: Payment) -> ToldPayment:
    """Return what is told of a payment now."""
    given_back = sum_refunds(session, [payment.id]).get(payment.id, GivenBack())
    return told_of(payment, get_order(session, payment.order_id), given_back)
