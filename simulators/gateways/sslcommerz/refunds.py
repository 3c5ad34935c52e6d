"""Returns paid money: asked for, on its way, there or cancelled (fact sheet section 9)."""

from collections.abc import Mapping

from contracts.binding import Call
from simulators.errors import NoSuchThing
from simulators.gateways.gateway import Desk
from simulators.gateways.sslcommerz.memory import REFUNDS_MAX, memory_of
from simulators.gateways.sslcommerz.settings import Settings, settings_of, stamp_now
from simulators.gateways.sslcommerz.states import (
    Attempt,
    Refund,
    RefundEvent,
    RefundState,
    Session,
    advance_refund,
)
from simulators.gateways.sslcommerz.wire import render_refund
from simulators.money import Money, MoneyError, parse_money

_HEX = "0123456789abcdef"
_UNDEFINED = "undefined"
# What is kept of the names that a merchant gives a refund; they are compared as they are kept.
_NAME_MAX = 255
TAKEN = (RefundState.PROCESSING, RefundState.REFUNDED)


def initiate(desk: Desk, call: Call, fields: Mapping[str, str]) -> dict[str, object]:
    """Start a refund: `success`, `processing` where it was started before, or `failed` with the reason."""
    settings, bank_tran_id = settings_of(desk), fields["bank_tran_id"]
    told: dict[str, object] = {"APIConnect": "DONE", "bank_tran_id": bank_tran_id}
    if not fields.get("refund_amount") or not fields.get("refund_remarks"):
        desk.tell(note="refund_amount and refund_remarks are mandatory")
        return told | {"APIConnect": "INVALID_REQUEST", "errorReason": "refund_amount or refund_remarks is missing"}
    session = memory_of(desk).find_paid(bank_tran_id)
    if session is None or session.paid is None:
        return _fail(desk, told, settings.refund_unknown_reason)
    desk.tell(subject=session.tran_id)
    told["trans_id"] = session.tran_id
    earlier = _find_earlier(session, fields, settings)
    if earlier is not None:
        return told | {"refund_ref_id": earlier.ref_id, "status": "processing", "errorReason": ""}
    taken = _amount_of(session, session.paid, text=fields["refund_amount"], settings=settings)
    reason = _find_reason(session, call, taken=taken, fields=fields, settings=settings)
    if reason is not None or taken is None:
        return _fail(desk, told, reason or settings.refund_amount_reason)
    refund = _start(desk, session, taken=taken, fields=fields)
    return told | {"refund_ref_id": refund.ref_id, "status": "success", "errorReason": ""}


def _fail(desk: Desk, told: dict[str, object], reason: str) -> dict[str, object]:
    desk.tell(note=f"refund failed: {reason}")
    return told | {"status": "failed", "errorReason": reason}


def _ids_of(fields: Mapping[str, str], settings: Settings) -> tuple[str, str]:
    refe_id = fields.get("refe_id", "")[:_NAME_MAX]
    if settings.undefined_refe_id_is_none and refe_id == _UNDEFINED:
        refe_id = ""
    return refe_id, fields.get("refund_trans_id", "")[:_NAME_MAX]


def _find_earlier(session: Session, fields: Mapping[str, str], settings: Settings) -> Refund | None:
    """Return the refund that was started under the same name, if the merchant gave one."""
    refe_id, trans_id = _ids_of(fields, settings)
    return next(
        (
            refund
            for refund in session.refunds
            if (trans_id and refund.refund_trans_id == trans_id)
            or (not trans_id and refe_id and refund.refe_id == refe_id)
        ),
        None,
    )


def _amount_of(session: Session, paid: Attempt, *, text: str, settings: Settings) -> tuple[Money, Money] | None:
    """Return the refund as it was asked for, and what of the settled BDT it takes.

    The parts of a payment take the whole of it together: converted one by one, their roundings would add up.
    """
    currency = paid.settled.currency if settings.refund_currency == "settled" else paid.asked.currency
    try:
        amount = parse_money(text, currency)
    except MoneyError:
        return None
    if currency == paid.settled.currency or not paid.asked.amount_minor:
        return amount, amount
    asked = sum(one.amount.amount_minor for one in session.refunds if one.state in TAKEN) + amount.amount_minor
    taken = paid.settled.scaled(asked, paid.asked.amount_minor).amount_minor - session.returning_minor(*TAKEN)
    return amount, Money(taken, paid.settled.currency)


def _find_reason(
    session: Session,
    call: Call,
    *,
    taken: tuple[Money, Money] | None,
    fields: Mapping[str, str],
    settings: Settings,
) -> str | None:
    caller = call.client[0] if call.client else ""
    if settings.refund_ips and caller not in settings.refund_ips:
        return settings.refund_ip_reason
    if settings.refund_trans_id_required and not fields.get("refund_trans_id"):
        return settings.refund_trans_id_reason
    left = (session.paid.settled.amount_minor if session.paid else 0) - session.returning_minor(*TAKEN)
    if taken is None or not 0 < taken[1].amount_minor <= left or len(session.refunds) >= REFUNDS_MAX:
        return settings.refund_amount_reason
    return None


def _start(desk: Desk, session: Session, *, taken: tuple[Money, Money], fields: Mapping[str, str]) -> Refund:
    settings = settings_of(desk)
    refe_id, trans_id = _ids_of(fields, settings)
    refund = Refund(
        ref_id=desk.draw("refund_ref_id", length=13, alphabet=_HEX),
        bank_tran_id=fields["bank_tran_id"],
        amount=taken[0],
        taken=taken[1],
        refe_id=refe_id,
        refund_trans_id=trans_id,
        initiated_at=stamp_now(desk),
    )
    memory_of(desk).add_refund(session, refund)
    desk.change("refund", refund.ref_id, before="", after=refund.state.value, cause="initiated")

    async def settle() -> None:
        move_refund(desk, refund, RefundEvent.SETTLED)

    refund.settling = desk.owe(settings.refund_seconds, "settle_refund", subject=session.tran_id, work=settle)
    return refund


def move_refund(desk: Desk, refund: Refund, event: RefundEvent) -> None:
    """Take a transition of a refund. Raises `NotPossible` where there is none."""
    before = refund.state
    refund.state = advance_refund(before, event)
    if refund.state is RefundState.REFUNDED:
        refund.refunded_at = stamp_now(desk)
    if refund.settling is not None:
        desk.let_off(refund.settling)
        refund.settling = None
    desk.change("refund", refund.ref_id, before=before.value, after=refund.state.value, cause=event.value)


def tell_refund(desk: Desk, ref_id: str) -> dict[str, object]:
    """Answer the refund query; an unknown id is no request that could be answered (U)."""
    found = memory_of(desk).find_refund(ref_id)
    if found is None:
        desk.tell(note="no refund has this refund_ref_id")
        return {"APIConnect": "INVALID_REQUEST", "refund_ref_id": ref_id, "errorReason": "Invalid refund_ref_id"}
    session, refund = found
    desk.tell(subject=session.tran_id)
    return render_refund(refund, session.tran_id)


def choose_refund(session: Session, ref_id: str | None) -> Refund:
    """Return the refund of an id, or the latest that is on its way. Raises `NoSuchThing`."""
    fitting = [one for one in session.refunds if one.ref_id == ref_id or (ref_id is None and one.settling is not None)]
    if not fitting:
        raise NoSuchThing(f"the order {session.tran_id} has no refund {ref_id or 'on its way'}")
    return fitting[-1]


def view_of(refund: Refund) -> dict[str, object]:
    """Return a refund as the control plane shows it."""
    return {
        "id": refund.ref_id,
        "amount_minor": refund.amount.amount_minor,
        "currency": refund.amount.currency,
        "state": refund.state.value,
        "key": refund.refund_trans_id or refund.refe_id,
    }
