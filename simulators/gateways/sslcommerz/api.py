"""Answers SSLCommerz' scripts and pages, and does what a shopper does on them."""

from collections.abc import Mapping
from datetime import datetime

from contracts.binding import Answer, Call
from simulators.errors import NotPossible
from simulators.gateways.gateway import Answering, Desk, OrderView, Return, ShopperAct, ShopperOutcome
from simulators.gateways.sslcommerz import errors, notifications, wire
from simulators.gateways.sslcommerz.states import (
    CHANNELS,
    KEPT_FIELDS,
    Attempt,
    Session,
    SessionEvent,
    SessionState,
    advance,
    convert,
    is_final,
    memory_of,
    settings_of,
    stamp_now,
)
from simulators.money import MoneyError, parse_money

_KEY_ALPHABET = "0123456789ABCDEF"
_CAPTURED = (SessionState.VALID, SessionState.VALIDATED)
# The default of fact sheet section 4: what the issuer says of a card that it does not like.
DECLINE_REASON = "Transaction is declined by the issuer"


async def create_session(desk: Desk, call: Call) -> Answer:
    """Open a session, or say which field is wrong."""
    settings, fields = settings_of(desk), wire.read_fields(call)
    is_json = (call.media_type or "").startswith("application/json")
    reason = errors.find_offence(fields, settings)
    if is_json and not settings.json_body_accepted:
        reason = errors.CREDENTIALS
        desk.tell(note="a JSON body is as good as none to a PHP form script; setting json_body_accepted allows it")
    reason = reason or _find_reason(desk, fields)
    if reason is not None:
        desk.tell(note=f"refused: {reason}")
        return wire.render_failed_session(reason, settings.answer_media_type)
    session = _open_session(desk, fields)
    desk.tell(subject=session.tran_id)
    desk.change("gateway_order", session.key, before="", after=session.state.value, cause="opened")
    ssl_id = wire.stamp(stamp_now(desk)) + desk.draw("ssl_id", length=15, alphabet=notifications.ID_ALPHABET)
    return wire.render_session(session, desk.base_url(call), ssl_id=ssl_id, settings=settings)


def _find_reason(desk: Desk, fields: Mapping[str, str]) -> str | None:
    """Return the refusal of an amount out of bounds or of an order that was paid already."""
    settings = settings_of(desk)
    converted = convert(parse_money(fields["total_amount"], fields["currency"]), settings.rates)
    least, most = (parse_money(bound, "BDT").amount_minor for bound in (settings.least_amount, settings.most_amount))
    if converted is None or not least <= converted[0].amount_minor <= most:
        return settings.amount_reason
    earlier = memory_of(desk).of_order(fields["tran_id"])
    if not settings.reuse_paid_tran_id and any(session.state in _CAPTURED for session in earlier):
        return settings.reused_reason
    return None


def _open_session(desk: Desk, fields: Mapping[str, str]) -> Session:
    settings = settings_of(desk)
    asked = parse_money(fields["total_amount"], fields["currency"])
    settled, rate = convert(asked, settings.rates) or (asked, "1.0000")
    key = desk.draw("sessionkey", length=32, alphabet=_KEY_ALPHABET)
    kept = {name: fields[name] for name in KEPT_FIELDS if name in fields}
    session = Session(key, kept, asked, settled, rate, stamp_now(desk))
    for gone in memory_of(desk).add(session):
        _forget(desk, gone)
    desk.be_known_by(f"session:{key}")

    async def expire() -> None:
        event = SessionEvent.ABANDONED if session.was_seen else SessionEvent.TIMED_OUT
        unpaid = "Customer did not choose to pay any channel" if session.was_seen else "Session is expired"
        _move(desk, session, event, error=unpaid)

    session.expiry = desk.owe(settings.session_seconds, "expire_session", subject=session.tran_id, work=expire)
    return session


def _forget(desk: Desk, session: Session) -> None:
    desk.be_forgotten(f"session:{session.key}")
    if session.expiry is not None:
        desk.let_off(session.expiry)


async def validate_order(desk: Desk, call: Call) -> Answer:
    """Confirm a payment: VALID the first time, VALIDATED from then on."""
    settings = settings_of(desk)
    val_id = wire.read_fields(call).get("val_id", "")
    if not val_id:
        return errors.invalid_request(call, settings.answer_media_type)
    session = memory_of(desk).find_by_val_id(val_id)
    if session is None or session.state not in _CAPTURED:
        desk.tell(note="no payment has this val_id")
        told = {"status": "INVALID_TRANSACTION", "APIConnect": "DONE"}
        return wire.render(told, call, media_type=settings.answer_media_type)
    status = "VALIDATED" if session.validations else "VALID"
    session.validations += 1
    session.validated_on = session.validated_on or stamp_now(desk)
    _move(desk, session, SessionEvent.VALIDATED)
    told = wire.render_validation(session, settings, status=status)
    return wire.render(told, call, media_type=settings.answer_media_type)


async def query_transaction(desk: Desk, call: Call) -> Answer:
    """One script, several questions: which one, the parameters say."""
    settings, fields = settings_of(desk), wire.read_fields(call)
    if fields.get("refund_ref_id") or fields.get("bank_tran_id"):
        told = _refund_is_not_imitated(desk, fields)
    elif fields.get("sessionkey"):
        told = _tell_session(desk, fields["sessionkey"])
    elif fields.get("tran_id"):
        told = _tell_attempts(desk, fields["tran_id"])
    else:
        desk.tell(note="none of refund_ref_id, bank_tran_id, sessionkey and tran_id was given")
        return errors.invalid_request(call, settings.answer_media_type)
    return wire.render(told, call, media_type=settings.answer_media_type)


def _refund_is_not_imitated(desk: Desk, fields: Mapping[str, str]) -> dict[str, object]:
    desk.tell(note="refunds are not imitated yet: nothing was refunded")
    told = {"errorReason": "Refund is not available: the simulator does not imitate refunds yet"}
    if fields.get("refund_ref_id"):
        return {"APIConnect": "INVALID_REQUEST", "refund_ref_id": fields["refund_ref_id"], **told}
    return {"APIConnect": "DONE", "bank_tran_id": fields["bank_tran_id"], "status": "failed", **told}


def _tell_session(desk: Desk, key: str) -> dict[str, object]:
    session = memory_of(desk).find(key)
    if session is None:
        return {"APIConnect": "DONE", "status": "INVALID_TRANSACTION", "sessionkey": key}
    return {"APIConnect": "DONE", **wire.render_query(session, settings_of(desk))}


def _tell_attempts(desk: Desk, tran_id: str) -> dict[str, object]:
    settings = settings_of(desk)
    found = memory_of(desk).of_order(tran_id)
    if settings.elements_newest_first:
        found.reverse()
    elements = [wire.render_element(session, settings) for session in found]
    return {"APIConnect": "DONE", "no_of_trans_found": len(elements), "element": elements}


async def show_checkout(desk: Desk, call: Call) -> Answer:
    """Show the checkout page; for a session that is over, say so."""
    session = memory_of(desk).get(key=wire.read_session_key(call), tran_id=None)
    session.was_seen = True
    chosen = wire.read_query(call).get("cardname", "")
    page = {
        "session": session,
        "store": settings_of(desk).store_name,
        "channels": tuple(CHANNELS.values()),
        "chosen": chosen if chosen in CHANNELS else "visa",
        "is_over": is_final(session.state),
    }
    return desk.page("sslcommerz_checkout.html", page)


async def choose_outcome(desk: Desk, call: Call) -> Answer:
    """Do what the shopper's button says, and give the browser the form that brings it back to the shop."""
    key = wire.read_session_key(call)
    fields = wire.read_fields(call)
    action = {"success": "pay", "fail": "decline", "cancel": "cancel"}.get(fields.get("outcome", ""))
    session = memory_of(desk).get(key=key, tran_id=None)
    if action is None or is_final(session.state):
        return await show_checkout(desk, call)
    method = fields.get("method", "")
    outcome = play(desk, ShopperAct(action, session=key, method=method if method in CHANNELS else "visa"))
    page = {"session": session, "store": settings_of(desk).store_name, "returns": outcome.returns}
    return desk.page("sslcommerz_return.html", page)


def play(desk: Desk, act: ShopperAct) -> ShopperOutcome:
    """Do on the page what a shopper would. Raises `NoSuchThing`, or `NotPossible` for a session that is over."""
    session = memory_of(desk).get(key=act.session, tran_id=act.order)
    session.was_seen = True
    desk.tell(subject=session.tran_id)
    url = ""
    if act.action == "pay":
        _try_to_pay(desk, session, act)
        url = session.fields["success_url"]
    elif act.action == "decline":
        _try_to_pay(desk, session, act, error=act.reason or DECLINE_REASON)
        url = session.fields["fail_url"]
    elif act.action == "cancel":
        _move(desk, session, SessionEvent.CANCELLED, error="Cancelled by User")
        url = session.fields["cancel_url"]
    returns = Return("POST", url, notifications.told_fields(desk, session)) if url else None
    return ShopperOutcome(session.state.value, session.tran_id, f"/EasyCheckOut/{session.page}", returns)


def _try_to_pay(desk: Desk, session: Session, act: ShopperAct, *, error: str = "") -> None:
    event = SessionEvent.DECLINED if error else SessionEvent.PAID
    advance(session.state, event)
    channel = CHANNELS.get(act.method)
    if channel is None:
        raise NotPossible(f"there is no way to pay called {act.method!r}; there are {', '.join(CHANNELS)}")
    currency = act.currency or session.asked.currency
    try:
        asked = parse_money(act.amount, currency) if act.amount else session.asked
    except MoneyError as wrong:
        raise NotPossible(f"amount: {wrong}") from None
    if act.currency and not act.amount:
        asked = parse_money(str(session.asked), currency)
    settled = convert(asked, settings_of(desk).rates)
    if settled is None:
        raise NotPossible(f"currency: no rate for {currency} (setting rates)")
    at = stamp_now(desk)
    bank_tran_id, val_id = _draw_id(desk, "bank_tran_id", at=at), "" if error else _draw_id(desk, "val_id", at=at)
    attempt = Attempt(channel, asked, *settled, val_id, bank_tran_id, at, error, act.risk_level)
    memory_of(desk).add_attempt(session, attempt)
    _move(desk, session, event, error=error)


def _draw_id(desk: Desk, name: str, *, at: datetime) -> str:
    return wire.stamp(at) + desk.draw(name, length=15, alphabet=notifications.ID_ALPHABET)


def _move(desk: Desk, session: Session, event: SessionEvent, *, error: str = "") -> None:
    """Take a transition: store it, write it down, and tell what it tells. Validation is the merchant's own doing."""
    before = session.state
    session.state = advance(before, event)
    session.error = error or session.error
    if session.state is before:
        return
    desk.change("gateway_order", session.key, before=before.value, after=session.state.value, cause=event.value)
    if event is SessionEvent.VALIDATED:
        return
    if session.expiry is not None:
        desk.let_off(session.expiry)
    notifications.tell(desk, session)


def subject_of(desk: Desk, call: Call) -> str | None:
    """Return the tran_id that a call is about, as far as the call or the memory tell."""
    fields, memory = wire.read_fields(call), memory_of(desk)
    key = wire.read_session_key(call) if "pages" in call.operation.tags else fields.get("sessionkey")
    session = memory.find(key) if key else memory.find_by_val_id(fields.get("val_id", ""))
    return session.tran_id if session else fields.get("tran_id") or None


def list_orders(desk: Desk) -> list[OrderView]:
    """Return the gateway's truth, oldest first."""
    return [_view(session) for session in memory_of(desk).sessions.values()]


def _view(session: Session) -> OrderView:
    captured = session.attempt if session.attempt is not None and session.state in _CAPTURED else None
    return OrderView(
        order=session.tran_id,
        session=session.key,
        amount_minor=session.asked.amount_minor,
        currency=session.asked.currency,
        state=session.state.value,
        captured_minor=captured.asked.amount_minor if captured else 0,
        validations=session.validations,
    )


async def show_to_anybody(desk: Desk, call: Call) -> Answer:
    """Answer what no account is asked for."""
    return errors.stranger(call)


HANDLERS: Mapping[str, Answering] = {
    "createSession": create_session,
    "validateOrder": validate_order,
    "validateOrderPosted": validate_order,
    "queryTransaction": query_transaction,
    "queryTransactionPosted": query_transaction,
    "showCheckout": show_checkout,
    "showCheckoutPosted": show_checkout,
    "showCheckoutByKey": show_checkout,
    "chooseOutcome": choose_outcome,
    "probeTls": show_to_anybody,
    "showIndex": show_to_anybody,
}
