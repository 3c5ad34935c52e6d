"""The checkout page: which way to pay, what is typed in for it, the one-time password, and the way back.

Card numbers, security codes and one-time passwords are looked at and let go: nothing here keeps or shows them again.
"""

import re
from collections.abc import Mapping
from typing import Final

from contracts.binding import Answer, Call
from simulators.gateways.gateway import Desk, ShopperAct
from simulators.gateways.sslcommerz import wire
from simulators.gateways.sslcommerz.attempts import DECLINE_REASON, expiry_holds, move, return_of, try_to_pay
from simulators.gateways.sslcommerz.cards import WRONG_EXPIRY, CardMistakes, read_card
from simulators.gateways.sslcommerz.channels import Channel, Kind, allowed_channels, find_channel, is_allowed_bin
from simulators.gateways.sslcommerz.memory import memory_of
from simulators.gateways.sslcommerz.settings import settings_of
from simulators.gateways.sslcommerz.states import (
    ATTEMPTS_MAX,
    Choice,
    Session,
    SessionEvent,
    SessionState,
    is_final,
)

# Numbers of Bangladeshi mobiles: 01, an operator's digit, eight more.
_MOBILE: Final = re.compile(r"(?:\+?88)?01[3-9][0-9]{8}", re.ASCII)
_RISKY: Final = "success, but risky"
_RAN_OUT: Final = (SessionState.UNATTEMPTED, SessionState.EXPIRED)
_TITLES: Final = {
    "visa": "Cards",
    "master": "Cards",
    "amex": "Cards",
    "othercards": "Cards",
    "mobilebanking": "Mobile banking",
    "internetbanking": "Net banking",
}
_NO_ERRORS: Final[Mapping[str, str]] = {}


async def show_checkout(desk: Desk, call: Call) -> Answer:
    """Show the page; with a channel's key in the address, that channel's. For a session that is over, say so."""
    session = _session_of(desk, call)
    chosen = find_channel(wire.read_query(call).get("cardname", ""))
    if chosen is not None and chosen in allowed_channels(session.fields) and not _is_over(desk, session):
        return _show_channel(desk, session, chosen)
    return _show_page(desk, session)


async def choose_outcome(desk: Desk, call: Call) -> Answer:
    """Go on with a channel, or do at once what the button says and bring the browser back to the shop."""
    session, fields = _session_of(desk, call), wire.read_fields(call)
    outcome = fields.get("outcome", "")
    if outcome not in {"continue", "success", "fail", "cancel"} or _is_over(desk, session):
        return _show_end(desk, session)
    offered = allowed_channels(session.fields)
    wanted = find_channel(fields.get("method", ""))
    channel = next((one for one in offered if one is wanted), offered[0])
    if outcome == "continue":
        return _show_channel(desk, session, channel)
    if channel.kind is Kind.CARD and outcome != "cancel" and not is_allowed_bin(session.fields, channel.card_no):
        return _show_channel(desk, session, channel, errors={"pan": "This shop takes cards of other banks alone."})
    is_risky = outcome == "success" and fields.get("risk") == "1"
    return _end(desk, session, Choice(channel), outcome=_RISKY if is_risky else outcome)


async def pay_by_card(desk: Desk, call: Call) -> Answer:
    """Look at a card and let its issuer decide. What is no card's number is said beside the field, and is no try."""
    session, fields = _session_of(desk, call), wire.read_fields(call)
    if _is_over(desk, session):
        return _show_end(desk, session)
    offered = [one for one in allowed_channels(session.fields) if one.kind is Kind.CARD]
    if not offered:
        return _show_page(desk, session)
    number = re.sub(r"[ -]", "", fields.get("pan", ""))
    card = read_card(number, cvv=fields.get("cvv", ""))
    if isinstance(card, CardMistakes):
        return _show_channel(desk, session, offered[0], errors=card.by_field)
    if card.channel not in offered or not is_allowed_bin(session.fields, number):
        return _show_channel(desk, session, offered[0], errors={"pan": "This shop does not take this card."})
    choice = Choice(card.channel, card.card_no, _months_of(desk, session, fields.get("months", "")))
    if not expiry_holds(desk, fields.get("expiry", "")):
        return _end(desk, session, choice, outcome="fail", error=WRONG_EXPIRY)
    if settings_of(desk).cards_need_otp:
        return _ask_otp(desk, session, choice)
    return _end(desk, session, choice, outcome="success")


async def pay_by_mobile(desk: Desk, call: Call) -> Answer:
    """Send a one-time password to a mobile, or say that this is none."""
    session, fields = _session_of(desk, call), wire.read_fields(call)
    if _is_over(desk, session):
        return _show_end(desk, session)
    wallets = [one for one in allowed_channels(session.fields) if one.kind is Kind.MOBILE]
    channel = find_channel(fields.get("method", ""))
    if channel is None or channel not in wallets:
        return _show_page(desk, session)
    if _MOBILE.fullmatch(re.sub(r"[ -]", "", fields.get("mobile", ""))) is None:
        return _show_channel(
            desk, session, channel, errors={"mobile": "A mobile number has 11 digits, as 01711000000."}
        )
    return _ask_otp(desk, session, Choice(channel))


async def confirm_otp(desk: Desk, call: Call) -> Answer:
    """Confirm what was chosen by its one-time password, or end it as one of the buttons says."""
    session, fields = _session_of(desk, call), wire.read_fields(call)
    choice, settings = session.choice, settings_of(desk)
    if choice is None or _is_over(desk, session):
        return _show_end(desk, session)
    outcome = fields.get("outcome", "confirm")
    if outcome not in {"success", "fail", "cancel"}:
        otp = fields.get("otp", "").strip()
        if not otp or (otp not in settings.otps and not settings.any_otp):
            return _show_otp(
                desk, session, choice, error="This is not the code. In the sandbox it is 111111 or 123456."
            )
        outcome = "success"
    return _end(desk, session, choice, outcome=outcome)


def _session_of(desk: Desk, call: Call) -> Session:
    session = memory_of(desk).get(key=wire.read_session_key(call), tran_id=None)
    session.was_seen = True
    return session


def _is_over(desk: Desk, session: Session) -> bool:
    has_tries = len(session.attempts) < ATTEMPTS_MAX
    return is_final(session.state, retries=has_tries and settings_of(desk).retry_in_session)


def _end(desk: Desk, session: Session, choice: Choice, *, outcome: str, error: str = "") -> Answer:
    if outcome == "cancel":
        session.choice = None
        move(desk, session, SessionEvent.CANCELLED, error="Cancelled by User")
    else:
        act = ShopperAct("pay", risk_level=int(outcome == _RISKY))
        try_to_pay(desk, session, choice, act=act, error=error or (DECLINE_REASON if outcome == "fail" else ""))
    return _bring_back(desk, session)


def _bring_back(desk: Desk, session: Session) -> Answer:
    page = {"session": session, "store": settings_of(desk).store_name, "returns": return_of(desk, session)}
    return desk.page("sslcommerz_return.html", page)


def _show_end(desk: Desk, session: Session) -> Answer:
    """Answer who presses a button too late: what ran out meanwhile goes back to the shop."""
    return _bring_back(desk, session) if session.state in _RAN_OUT else _show_page(desk, session)


def _show_page(desk: Desk, session: Session) -> Answer:
    groups: dict[str, list[Channel]] = {}
    for channel in allowed_channels(session.fields):
        groups.setdefault(_TITLES[channel.gw], []).append(channel)
    over = _is_over(desk, session)
    return desk.page(
        "sslcommerz_checkout.html",
        {
            **_common(desk, session),
            "groups": groups,
            "chosen": allowed_channels(session.fields)[0].key,
            "is_over": over,
            "returns": return_of(desk, session) if over else None,
        },
    )


def _show_channel(desk: Desk, session: Session, channel: Channel, *, errors: Mapping[str, str] = _NO_ERRORS) -> Answer:
    page = {"channel": channel, "kind": channel.kind.value, "errors": errors, "tenures": _tenures(desk, session)}
    chosen = session.fields.get("emi_selected_inst", "")
    return desk.page("sslcommerz_channel.html", {**_common(desk, session), **page, "chosen_tenure": chosen})


def _ask_otp(desk: Desk, session: Session, choice: Choice) -> Answer:
    session.choice = choice
    return _show_otp(desk, session, choice)


def _show_otp(desk: Desk, session: Session, choice: Choice, *, error: str = "") -> Answer:
    return desk.page("sslcommerz_otp.html", {**_common(desk, session), "choice": choice, "error": error})


def _common(desk: Desk, session: Session) -> dict[str, object]:
    return {"session": session, "store": settings_of(desk).store_name}


def _tenures(desk: Desk, session: Session) -> tuple[int, ...]:
    """Return the months of instalments that the shopper may choose from; a tenure set beforehand hides the choice."""
    fields = session.fields
    if fields.get("emi_option") != "1":
        return ()
    if (chosen := _whole(fields.get("emi_selected_inst", ""))) > 0:
        return (min(chosen, settings_of(desk).emi_months_max),)
    most = _whole(fields.get("emi_max_inst_option", "")) or settings_of(desk).emi_months_max
    return tuple(range(3, min(most, settings_of(desk).emi_months_max) + 1, 3))


def _months_of(desk: Desk, session: Session, asked: str) -> int:
    tenures = _tenures(desk, session)
    if _whole(session.fields.get("emi_selected_inst", "")) and tenures:
        return tenures[0]
    return _whole(asked) if _whole(asked) in tenures else 0


def _whole(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,2}", text, re.ASCII) else 0
