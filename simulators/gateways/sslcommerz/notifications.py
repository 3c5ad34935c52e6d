"""Which transition of a session is told by IPN, and the notification it becomes: rendered, proven, addressed."""

from dataclasses import replace

from simulators.errors import NoSuchThing
from simulators.gateways.gateway import Desk, Notification, Proof, Wish
from simulators.gateways.sslcommerz import authenticity, wire
from simulators.gateways.sslcommerz.channels import CHANNELS
from simulators.gateways.sslcommerz.memory import memory_of
from simulators.gateways.sslcommerz.settings import Settings, settings_of, stamp_now
from simulators.gateways.sslcommerz.states import Attempt, Session, SessionState
from simulators.money import Money, MoneyError, parse_money

_ALTERED_MINOR = 1
_TRIED = (SessionState.VALID, SessionState.VALIDATED, SessionState.FAILED)
# What is told of a session that nobody has paid names no try (fact sheet section 4, C).
_UNTRIED = (SessionState.UNATTEMPTED.value, SessionState.EXPIRED.value)


def tell(desk: Desk, session: Session) -> None:
    """Plan the IPN of the state that a session has just reached, if that state is told at all."""
    settings = settings_of(desk)
    silent = {
        SessionState.CANCELLED: not settings.cancel_sends_ipn,
        SessionState.EXPIRED: not settings.expiry_sends_ipn,
        SessionState.UNATTEMPTED: not settings.expiry_sends_ipn,
    }
    urls = _addresses(session, settings)
    if silent.get(session.state, False) or not urls:
        desk.tell(note=None if urls else "no IPN: the session has no ipn_url and the panel none either")
        return
    fields = told_fields(desk, session)
    for url in urls:
        desk.notify(_notification(settings, url, order=session.tran_id, fields=fields))


def _addresses(session: Session, settings: Settings) -> list[str]:
    """Return where a session's IPN goes: which address goes first is U (setting ipn_goes_to)."""
    own, panel = session.fields.get("ipn_url", ""), settings.panel_ipn_url
    ranked = [panel, own] if settings.ipn_goes_to == "panel" else [own, panel]
    there = list(dict.fromkeys(url for url in ranked if url))
    return there if settings.ipn_goes_to == "both" else there[:1]


def told_fields(desk: Desk, session: Session) -> dict[str, str]:
    """Return the proven fields of a session's present state: the IPN's, and those of the form back to the shop."""
    # The shopper who gave up after a try that failed is told of as one who gave up.
    attempt = session.attempt if session.state in _TRIED else None
    fields = wire.ipn_fields(session, attempt, status=session.state.value, settings=settings_of(desk))
    return wire.in_order(fields | authenticity.prove(fields, desk.credentials["store_passwd"]))


def send_wished(desk: Desk, wish: Wish) -> None:
    """Plan an IPN of somebody's own making. Raises `NoSuchThing` when nobody knows where to send it."""
    settings = settings_of(desk)
    sessions = memory_of(desk).of_order(wish.order or "")
    session = sessions[-1] if sessions else _made_up(desk, wish)
    url = wish.url or next(iter(_addresses(session, settings)), "")
    if not url:
        raise NoSuchThing(f"the order {wish.order!r} has no ipn_url, and no url was given")
    status = wish.fields.get("status") or ("VALID" if session.state is SessionState.PENDING else session.state.value)
    attempt = None if status in _UNTRIED else session.attempt or _made_up_attempt(desk, session)
    fields = wire.ipn_fields(session, attempt, status=status.replace("VALIDATED", "VALID"), settings=settings)
    fields |= wish.fields
    proven = fields | authenticity.prove(fields, desk.credentials["store_passwd"], proof=wish.proof)
    if wish.proof is Proof.ALTERED:
        proven |= _altered(proven)
    order = proven.get("tran_id", session.tran_id)
    notification = _notification(settings, url, order=order, fields=wire.in_order(proven))
    forged = wish.proof is not Proof.RIGHT
    note = f"made up: proof {wish.proof.value}; the sign should cover {authenticity.base_string(fields)}"
    desk.notify(replace(notification, forged=forged, note=note))


def _notification(settings: Settings, url: str, *, order: str, fields: dict[str, str]) -> Notification:
    body, media_type = wire.render_form(fields)
    return Notification(
        event="ipn",
        order=order,
        url=url,
        body=body,
        media_type=media_type,
        limit_seconds=settings.ipn_limit_seconds,
        retries=settings.ipn_retries,
        retry_seconds=settings.ipn_retry_seconds,
    )


def _made_up(desk: Desk, wish: Wish) -> Session:
    """Return a session that never was, for an order that nobody opened."""
    fields = {"tran_id": wish.order or "MADE-UP", "store_id": desk.credentials["store_id"]}
    amount = Money(10_000, "BDT")
    return Session("0" * 32, fields, amount, amount, "1.0000", stamp_now(desk))


def _made_up_attempt(desk: Desk, session: Session) -> Attempt:
    at = stamp_now(desk)
    ids = [wire.stamp(at) + desk.draw(f"made-up {name}", length=15, alphabet=ID_ALPHABET) for name in ("val", "bank")]
    return Attempt(CHANNELS["visa"], session.asked, session.settled, session.rate, ids[0], ids[1], at)


def _altered(fields: dict[str, str]) -> dict[str, str]:
    """Change what matters most after it was signed: a payment of one paisa less."""
    try:
        amount = parse_money(fields.get("amount", ""), "BDT")
    except MoneyError:
        amount = Money(_ALTERED_MINOR, "BDT")
    return {"amount": str(Money(abs(amount.amount_minor - _ALTERED_MINOR), "BDT"))}


ID_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
