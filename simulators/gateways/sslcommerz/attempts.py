"""What a shopper does with a session, on the page or played: each try, its ids, and the transition that is told."""

from datetime import datetime

from simulators.errors import NotPossible
from simulators.gateways.gateway import Desk, Return, ShopperAct, ShopperOutcome
from simulators.gateways.sslcommerz import notifications, wire
from simulators.gateways.sslcommerz.cards import WRONG_EXPIRY, CardMistakes, is_expiry, read_card
from simulators.gateways.sslcommerz.channels import CHANNELS, Kind, allowed_channels, find_channel, is_allowed_bin
from simulators.gateways.sslcommerz.memory import memory_of
from simulators.gateways.sslcommerz.settings import settings_of, stamp_now
from simulators.gateways.sslcommerz.states import (
    CAPTURED,
    Attempt,
    Choice,
    Session,
    SessionEvent,
    SessionState,
    advance,
    convert,
)
from simulators.money import MoneyError, parse_money

# The default of fact sheet section 4: what the issuer says of a card that it does not like.
DECLINE_REASON = "Transaction is declined by the issuer"
_ENDS = {SessionState.FAILED: "fail_url", SessionState.CANCELLED: "cancel_url"}


def play(desk: Desk, act: ShopperAct) -> ShopperOutcome:
    """Do on the page what a shopper would. Raises `NoSuchThing`, or `NotPossible` for a session that is over."""
    session = memory_of(desk).get(key=act.session, tran_id=act.order)
    session.was_seen = True
    desk.tell(subject=session.tran_id)
    if act.action in {"pay", "decline"}:
        _play_try(desk, session, act)
    elif act.action == "cancel":
        move(desk, session, SessionEvent.CANCELLED, error="Cancelled by User")
    returns = return_of(desk, session) if act.action in {"pay", "decline", "cancel"} else None
    return ShopperOutcome(session.state.value, session.tran_id, f"/EasyCheckOut/{session.page}", returns)


def return_of(desk: Desk, session: Session) -> Return:
    """Return the form that brings the browser of an ended session back; what ran out goes to fail_url (U)."""
    url = "success_url" if session.state in CAPTURED else _ENDS.get(session.state, "fail_url")
    return Return("POST", session.fields[url], notifications.told_fields(desk, session))


def _play_try(desk: Desk, session: Session, act: ShopperAct) -> None:
    error = (act.reason or DECLINE_REASON) if act.action == "decline" else ""
    choice = _choice_of(session, act)
    if act.expiry is not None and not expiry_holds(desk, act.expiry):
        error = WRONG_EXPIRY
    try_to_pay(desk, session, choice, act=act, error=error)


def _choice_of(session: Session, act: ShopperAct) -> Choice:
    """Return what the shopper chose. Raises `NotPossible` for what the page would not take."""
    channel, card_no = find_channel(act.method), ""
    if channel is None:
        raise NotPossible(f"there is no way to pay called {act.method!r}; there are {', '.join(CHANNELS)}")
    if act.card is not None:
        card = read_card(act.card, cvv=None)
        if isinstance(card, CardMistakes):
            raise NotPossible(f"card: {' '.join(card.by_field.values())}")
        channel, card_no = card.channel, card.card_no
    offered = allowed_channels(session.fields)
    if channel not in offered:
        raise NotPossible(f"the session offers {', '.join(one.key for one in offered)} alone (multi_card_name, EMI)")
    if channel.kind is Kind.CARD and not is_allowed_bin(session.fields, card_no or channel.card_no):
        raise NotPossible("the session takes cards of other BINs alone (allowed_bin)")
    return Choice(channel, card_no, act.emi_months)


def expiry_holds(desk: Desk, expiry: str) -> bool:
    """Say whether the issuer takes a card's date."""
    return is_expiry(expiry, now=stamp_now(desk).astimezone(wire.DHAKA), accepted=settings_of(desk).expiries_accepted)


def try_to_pay(desk: Desk, session: Session, choice: Choice, *, act: ShopperAct | None = None, error: str = "") -> None:
    """Let the issuer decide on a choice: paid, or declined with `error`. `act` may pay something else."""
    settings = settings_of(desk)
    event = SessionEvent.DECLINED if error else SessionEvent.PAID
    advance(session.state, event, retries=settings.retry_in_session)
    act = act or ShopperAct("pay")
    currency = act.currency or session.asked.currency
    try:
        asked = parse_money(act.amount or str(session.asked), currency)
    except MoneyError as wrong:
        raise NotPossible(f"amount: {wrong}") from None
    settled = convert(asked, settings.rates)
    if settled is None:
        raise NotPossible(f"currency: no rate for {currency} (setting rates)")
    at = stamp_now(desk)
    bank_tran_id, val_id = _draw_id(desk, "bank_tran_id", at=at), "" if error else _draw_id(desk, "val_id", at=at)
    attempt = Attempt(
        *(choice.channel, asked, *settled, val_id, bank_tran_id, at, error, act.risk_level),
        card_no=choice.card_no,
        emi_months=choice.emi_months,
    )
    memory_of(desk).add_attempt(session, attempt)
    session.choice = None
    move(desk, session, event, error=error)


def _draw_id(desk: Desk, name: str, *, at: datetime) -> str:
    return wire.stamp(at) + desk.draw(name, length=15, alphabet=notifications.ID_ALPHABET)


def move(desk: Desk, session: Session, event: SessionEvent, *, error: str = "", tells: bool = True) -> None:
    """Take a transition: store it, write it down, and tell what it tells. Validation is the merchant's own doing."""
    before = session.state
    session.state = advance(before, event, retries=settings_of(desk).retry_in_session)
    session.error = error or session.error
    if session.state is before and event is not SessionEvent.DECLINED:
        return
    desk.change("gateway_order", session.key, before=before.value, after=session.state.value, cause=event.value)
    if event is SessionEvent.VALIDATED:
        return
    if session.expiry is not None:
        desk.let_off(session.expiry)
    if tells:
        notifications.tell(desk, session)
