"""Orders, payments and audit lines as the payments API tells them: rows in, wire shapes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from contracts.binding import Answer
from reference_server import journal
from reference_server.apis.payments.instants import render_if, render_instant
from reference_server.apis.payments.words import word_payment
from reference_server.audit import AuditLine as AuditRow
from reference_server.ids import PaymentId
from reference_server.models import AuditLine as AuditLineBody
from reference_server.models import Instrument as InstrumentBody
from reference_server.models import Order as OrderBody
from reference_server.models import Payment as PaymentBody
from reference_server.money import Money
from reference_server.orders.model import Order
from reference_server.payments.creation import AskedPayment
from reference_server.payments.lifecycle import PaymentState
from reference_server.payments.model import Payment
from reference_server.refunds.store import GivenBack

_NOTHING_BACK = GivenBack()


@dataclass(frozen=True, slots=True)
class ToldPayment:
    """What is told of a payment, as of one moment."""

    id: PaymentId
    order: str
    money: Money
    method: str
    instrument: Mapping[str, str]
    notes: Mapping[str, str]
    state: PaymentState
    is_captured_by_merchant: bool
    created_at: datetime
    updated_at: datetime
    captured_minor: int = 0
    given_back: GivenBack = _NOTHING_BACK
    # What the stored decline says; the words of the state stand in for it.
    error_code: str = ""
    error_description: str = field(default="", repr=False)
    capture_by: datetime | None = None


def told_of(payment: Payment, order: Order, given_back: GivenBack) -> ToldPayment:
    """Return what is told of a stored payment."""
    return ToldPayment(
        id=payment.id,
        order=order.reference,
        money=order.money,
        method=payment.method,
        instrument=payment.instrument,
        notes=payment.notes,
        state=payment.state,
        is_captured_by_merchant=payment.is_captured_by_merchant,
        created_at=payment.created_at,
        updated_at=payment.updated_at,
        captured_minor=payment.captured_minor,
        given_back=given_back,
        error_code=payment.error_code,
        error_description=payment.error_description,
        capture_by=payment.expires_at if payment.state is PaymentState.AUTHORIZED else None,
    )


def told_new(asked: AskedPayment, reference: str, now: datetime) -> ToldPayment:
    """Return what is told of a payment that is being made."""
    return ToldPayment(
        id=asked.payment_id,
        order=reference,
        money=asked.money,
        method=asked.instrument.method.value,
        instrument=asked.instrument.kept,
        notes=asked.notes,
        state=PaymentState.PENDING,
        is_captured_by_merchant=asked.is_captured_by_merchant,
        created_at=now,
        updated_at=now,
    )


def render_payment(told: ToldPayment) -> PaymentBody:
    """Write a payment; of its instrument only what may be kept."""
    words = word_payment(told.state)
    is_failed = words.status == "failed"
    return {
        "id": told.id,
        "order_id": told.order,
        "amount": told.money.amount_minor,
        "currency": told.money.currency,
        "method": told.method,
        "instrument": _render_instrument(told),
        "status": words.status,
        "state": told.state.value,
        "held": words.held,
        "capture": "manual" if told.is_captured_by_merchant else "automatic",
        "captured": told.state is PaymentState.CAPTURED,
        "amount_captured": told.captured_minor,
        "amount_refunded": told.given_back.back_minor,
        "amount_refund_pending": told.given_back.pending_minor,
        "capture_by": render_if(told.capture_by),
        "error_code": (told.error_code or words.error_code) if is_failed else None,
        "error_description": (told.error_description or words.error_description) if is_failed else None,
        "notes": dict(told.notes),
        "created_at": render_instant(told.created_at),
        "updated_at": render_instant(told.updated_at),
    }


def render_order(order: Order) -> OrderBody:
    """Write an order."""
    return {
        "id": order.id,
        "reference": order.reference,
        "amount": order.amount_minor,
        "currency": order.currency,
        "receipt": order.receipt,
        "customer": order.shopper,
        "notes": order.notes,
        "created_at": render_instant(order.created_at),
    }


class _Named(msgspec.Struct):
    """By which order an answer's payment is known, or by which reference its order."""

    order_id: str = ""
    reference: str = ""


def note_subject(answer: Answer) -> Answer:
    """Let the journal file a call under the order that its answer tells of, a replayed one too.

    What is said of an order whose shopper is erased is found by that, and not kept.
    """
    if journal.current() is not None:
        named = msgspec.json.decode(answer.body, type=_Named)
        journal.annotate(subject=named.order_id or named.reference)
    return answer


def render_line(line: AuditRow) -> AuditLineBody:
    """Write one line of an audit trail."""
    return {
        "at": render_instant(line.at),
        "resource": line.resource,
        "resource_id": line.payment_id if line.resource == "payment" else line.resource_id,
        "before": line.before,
        "after": line.after,
        "event": line.event,
        "cause": line.cause,
    }


def _render_instrument(told: ToldPayment) -> InstrumentBody:
    kept = told.instrument
    # Of a shopper that was erased nothing is kept.
    if told.method != "card" or not kept:
        return {"vpa": kept["vpa"]} if "vpa" in kept else _named(kept)
    return {
        "brand": kept["brand"],
        "last4": kept["last4"],
        "expiry_month": int(kept["expiry_month"]),
        "expiry_year": int(kept["expiry_year"]),
    }


def _named(kept: Mapping[str, str]) -> InstrumentBody:
    if "wallet" in kept:
        return {"wallet": kept["wallet"]}
    return {"bank": kept["bank"]} if "bank" in kept else {}
