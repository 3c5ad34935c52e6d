"""Confirms payments and tells of transactions (fact sheet sections 7 and 8)."""

from contracts.binding import Answer, Call
from simulators.gateways.gateway import Desk, OrderView
from simulators.gateways.sslcommerz import errors, refunds, wire
from simulators.gateways.sslcommerz.attempts import move
from simulators.gateways.sslcommerz.memory import memory_of
from simulators.gateways.sslcommerz.settings import settings_of, stamp_now
from simulators.gateways.sslcommerz.states import RefundState, Session, SessionEvent


async def validate_order(desk: Desk, call: Call) -> Answer:
    """Confirm a payment: VALID the first time, VALIDATED from then on."""
    settings = settings_of(desk)
    val_id = wire.read_fields(call).get("val_id", "")
    if not val_id:
        return errors.invalid_request(call, settings.answer_media_type)
    session = memory_of(desk).find_by_val_id(val_id)
    if session is None or session.paid is None:
        desk.tell(note="no payment has this val_id" if session is None else "the payment's risk was refused")
        status = "INVALID_TRANSACTION" if session is None else settings.refused_validates_as
        return wire.render({"status": status, "APIConnect": "DONE"}, call, media_type=settings.answer_media_type)
    status = "VALIDATED" if session.validations else settings.first_validation
    session.validations += 1
    session.validated_on = session.validated_on or stamp_now(desk)
    move(desk, session, SessionEvent.VALIDATED)
    told = wire.render_validation(session, settings, status=status)
    return wire.render(told, call, media_type=settings.answer_media_type)


async def query_transaction(desk: Desk, call: Call) -> Answer:
    """One script, several questions: which one, the parameters say."""
    settings, fields = settings_of(desk), wire.read_fields(call)
    if fields.get("refund_ref_id"):
        told = refunds.tell_refund(desk, fields["refund_ref_id"])
    elif fields.get("bank_tran_id"):
        told = refunds.initiate(desk, call, fields)
    elif fields.get("sessionkey"):
        told = _tell_session(desk, fields["sessionkey"])
    elif fields.get("tran_id"):
        told = _tell_attempts(desk, fields["tran_id"])
    else:
        desk.tell(note="none of refund_ref_id, bank_tran_id, sessionkey and tran_id was given")
        return errors.invalid_request(call, settings.answer_media_type)
    return wire.render(told, call, media_type=settings.answer_media_type)


def _tell_session(desk: Desk, key: str) -> dict[str, object]:
    session = memory_of(desk).find(key)
    if session is None:
        return {"APIConnect": "DONE", "status": "INVALID_TRANSACTION", "sessionkey": key}
    return {"APIConnect": "DONE", **wire.render_query(session, settings_of(desk))}


def _tell_attempts(desk: Desk, tran_id: str) -> dict[str, object]:
    settings = settings_of(desk)
    found = memory_of(desk).of_order(tran_id)
    elements = [element for session in found for element in wire.render_elements(session, settings)]
    if settings.elements_newest_first:
        elements.reverse()
    told: dict[str, object] = {"APIConnect": "DONE", "no_of_trans_found": len(elements), "element": elements}
    if not elements and settings.empty_element != "list":
        del told["element"]
        told |= {"element": ""} if settings.empty_element == "string" else {}
    return told


def list_orders(desk: Desk) -> list[OrderView]:
    """Return the gateway's truth, oldest first."""
    return [view_of(session) for session in memory_of(desk).sessions.values()]


def view_of(session: Session) -> OrderView:
    """Return one session as the control plane shows it: everything in the currency that was asked in."""
    return OrderView(
        order=session.tran_id,
        session=session.key,
        amount_minor=session.asked.amount_minor,
        currency=session.asked.currency,
        state=session.state.value,
        captured_minor=session.paid.asked.amount_minor if session.paid else 0,
        validations=session.validations,
        refunded_minor=_in_asked(session, session.returning_minor(RefundState.REFUNDED)),
        refunds_pending_minor=_in_asked(session, session.returning_minor(RefundState.PROCESSING)),
        refunds=[refunds.view_of(refund) for refund in session.refunds],
    )


def _in_asked(session: Session, settled_minor: int) -> int:
    if session.paid is None or not settled_minor:
        return 0
    return session.paid.asked.scaled(settled_minor, session.paid.settled.amount_minor).amount_minor
