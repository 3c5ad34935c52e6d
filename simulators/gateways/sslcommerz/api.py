"""Joins every operation of SSLCommerz' document to what answers it, and says what a call is about."""

from collections.abc import Mapping

from contracts.binding import Answer, Call
from simulators.gateways.gateway import Answering, Desk
from simulators.gateways.sslcommerz import checkout, errors, wire
from simulators.gateways.sslcommerz.attempts import DECLINE_REASON, play
from simulators.gateways.sslcommerz.memory import memory_of
from simulators.gateways.sslcommerz.sessions import create_session
from simulators.gateways.sslcommerz.validation import list_orders, query_transaction, validate_order


def subject_of(desk: Desk, call: Call) -> str | None:
    """Return the tran_id that a call is about, as far as the call or the memory tell."""
    fields, memory = wire.read_fields(call), memory_of(desk)
    key = wire.read_session_key(call) if "pages" in call.operation.tags else fields.get("sessionkey")
    session = memory.find(key) if key else memory.find_by_val_id(fields.get("val_id", ""))
    if session is None and (refund := memory.find_refund(fields.get("refund_ref_id", ""))):
        session = refund[0]
    session = session or memory.find_by_bank_tran_id(fields.get("bank_tran_id", ""))
    return session.tran_id if session else fields.get("tran_id") or None


async def answer_not_imitated(desk: Desk, call: Call) -> Answer:
    """Say honestly that the invoice product is not played."""
    desk.tell(note="the invoice API is not imitated: nothing was done")
    told = {"status": "failed", "error_reason": "The simulator does not imitate the invoice API"}
    return wire.render_json(told, "text/html; charset=UTF-8")


async def show_to_anybody(desk: Desk, call: Call) -> Answer:
    """Answer what no account is asked for."""
    return errors.stranger(call)


HANDLERS: Mapping[str, Answering] = {
    "createSession": create_session,
    "validateOrder": validate_order,
    "validateOrderPosted": validate_order,
    "queryTransaction": query_transaction,
    "queryTransactionPosted": query_transaction,
    "showCheckout": checkout.show_checkout,
    "showCheckoutPosted": checkout.show_checkout,
    "showCheckoutByKey": checkout.show_checkout,
    "showCheckoutByKeyPosted": checkout.show_checkout,
    "showOldCheckout": checkout.show_checkout,
    "showOldCheckoutPosted": checkout.show_checkout,
    "chooseOutcome": checkout.choose_outcome,
    "payByCard": checkout.pay_by_card,
    "payByMobile": checkout.pay_by_mobile,
    "confirmOtp": checkout.confirm_otp,
    "createInvoice": answer_not_imitated,
    "askInvoice": answer_not_imitated,
    "probeTls": show_to_anybody,
    "loadPopup": show_to_anybody,
    "showIndex": show_to_anybody,
}

__all__ = ["DECLINE_REASON", "HANDLERS", "list_orders", "play", "subject_of"]
