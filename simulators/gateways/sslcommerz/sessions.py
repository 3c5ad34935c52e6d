"""Opens sessions, or says which field is wrong (fact sheet sections 2 and 3)."""

from collections.abc import Mapping

from contracts.binding import Answer, Call
from simulators.gateways.gateway import Desk
from simulators.gateways.sslcommerz import errors, notifications, wire
from simulators.gateways.sslcommerz.attempts import move
from simulators.gateways.sslcommerz.memory import KEPT_FIELDS, memory_of
from simulators.gateways.sslcommerz.offences import find_offence
from simulators.gateways.sslcommerz.settings import settings_of, stamp_now
from simulators.gateways.sslcommerz.states import CAPTURED, Session, SessionEvent, convert
from simulators.money import parse_money

_KEY_ALPHABET = "0123456789ABCDEF"


async def create_session(desk: Desk, call: Call) -> Answer:
    """Open a session, or say which field is wrong."""
    settings, fields = settings_of(desk), wire.read_fields(call)
    is_json = (call.media_type or "").startswith("application/json")
    reason = find_offence(fields, settings)
    if is_json and not settings.json_body_accepted:
        reason = errors.CREDENTIALS
        desk.tell(note="a JSON body is as good as none to a PHP form script; setting json_body_accepted allows it")
    reason = reason or _find_reason(desk, fields)
    if reason is not None:
        desk.tell(note=f"refused: {reason}")
        keeps = settings.failed_session_keeps_keys
        return wire.render_failed_session(reason, settings.answer_media_type, keeps_keys=keeps)
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
    if not settings.reuse_paid_tran_id and any(session.state in CAPTURED for session in earlier):
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
        move(desk, session, event, error=unpaid)

    session.expiry = desk.owe(settings.session_seconds, "expire_session", subject=session.tran_id, work=expire)
    return session


def _forget(desk: Desk, session: Session) -> None:
    desk.be_forgotten(f"session:{session.key}")
    for planned in (session.expiry, *(refund.settling for refund in session.refunds)):
        if planned is not None:
            desk.let_off(planned)
