"""What SSLCommerz reads and writes: forms, queries, answers and IPN fields, in the vendor's names and order."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape

from contracts.binding import Answer, Call
from simulators.gateways.sslcommerz.channels import GROUPS, Channel, Kind, allowed_channels, vendor_keys
from simulators.gateways.sslcommerz.settings import Settings
from simulators.gateways.sslcommerz.states import Attempt, Refund, RefundState, Session, SessionState

# Bangladesh keeps UTC+6 the year round (tz database, Asia/Dhaka since 2010).
DHAKA = timezone(timedelta(hours=6))
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORM = "application/x-www-form-urlencoded"
_PAGE = re.compile(r"testcde([0-9a-fA-F]{32})")
_KEY = re.compile(r"[0-9a-fA-F]{32}")
VALUES = ("value_a", "value_b", "value_c", "value_d")


def read_fields(call: Call) -> dict[str, str]:
    """Return the fields of a call as text. The validator scripts read the query first, in whatever letters (C)."""
    body: Any = call.body
    fields = {str(name): value if isinstance(value, str) else _text(value) for name, value in _members(body).items()}
    if call.operation.operation_id == "createSession":
        return fields
    return {name.lower(): value for name, value in fields.items()} | read_query(call)


def read_query(call: Call) -> dict[str, str]:
    """Return the query's parameters, names in lower case; the last of equals counts, as in PHP."""
    query = call.raw_query.decode("utf-8", "replace")
    try:
        return {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=1_000)}
    except ValueError:
        return {}


def read_session_key(call: Call) -> str | None:
    """Return the key of the session that a page belongs to, in capitals."""
    shown = str(call.path.get("page", ""))
    found = _PAGE.fullmatch(shown) if shown else _KEY.fullmatch(read_query(call).get("sessionkey", ""))
    return found[found.lastindex or 0].upper() if found else None


def _members(body: Any) -> Mapping[Any, Any]:
    members: dict[Any, Any] = body if isinstance(body, dict) else {}  # pyright: ignore[reportUnknownVariableType]  # a decoded body
    return members


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, list | dict) else str(value)


def render(told: Mapping[str, object], call: Call, *, media_type: str) -> Answer:
    """Answer a validator script in the format that was asked for."""
    if read_query(call).get("format", "").lower() == "xml":
        return Answer(200, _xml(told).encode(), "text/xml; charset=UTF-8")
    return render_json(told, media_type)


def render_json(told: Mapping[str, object], media_type: str) -> Answer:
    """Answer with JSON, under whatever name the account's settings give it."""
    answer = Answer.json(200, told)
    return Answer(200, answer.body, media_type)


def _xml(told: Mapping[str, object]) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><result>{"".join(_elements(told))}</result>'


def _elements(told: Mapping[str, object]) -> Iterable[str]:
    for name, value in told.items():
        rows: list[object] = list(value) if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownArgumentType]  # our own lists of rows
        for row in rows:
            inner = "".join(_elements(row)) if isinstance(row, Mapping) else _escape(str(row))  # pyright: ignore[reportUnknownArgumentType]  # our own rows
            yield f"<{name}>{inner}</{name}>"


def _escape(text: str) -> str:
    """Escape for XML; what XML 1.0 cannot hold at all (section 2.2) is replaced, and a CR written so that it stays."""
    return escape(_NO_XML.sub("\ufffd", text), {"\r": "&#13;"})


def dhaka(instant: datetime) -> str:
    """Write an instant as SSLCommerz does: local time without a zone (B)."""
    return instant.astimezone(DHAKA).strftime("%Y-%m-%d %H:%M:%S")


def stamp(instant: datetime) -> str:
    """Write the beginning of the gateway's ids: YYMMDDHHMMSS, local (B)."""
    return instant.astimezone(DHAKA).strftime("%y%m%d%H%M%S")


def render_failed_session(reason: str, media_type: str, *, keeps_keys: bool = True) -> Answer:
    """Refuse a session: every key that success has, and empty (that they stay is U; sslcommerz-python needs two)."""
    if not keeps_keys:
        return render_json({"status": "FAILED", "failedreason": reason}, media_type)
    empty = dict.fromkeys(
        ("sessionkey", "redirectGatewayURL", "directPaymentURLBank", "directPaymentURLCard", "directPaymentURL"), ""
    )
    more = dict.fromkeys(("redirectGatewayURLFailed", "GatewayPageURL", "storeBanner", "storeLogo", "store_name"), "")
    told: dict[str, object] = {"status": "FAILED", "failedreason": reason, **empty, "gw": {}, **more, "desc": []}
    told["is_direct_pay_enable"] = "0"
    return render_json(told, media_type)


def render_session(session: Session, base_url: str, *, ssl_id: str, settings: Settings) -> Answer:
    """Answer an opened session; field set and order of three captured bodies (B)."""
    redirect = (
        f"{base_url}/gwprocess/v4/bankgw/indexhtml.php?mamount={session.asked}&ssl_id={ssl_id}&Q=REDIRECT"
        f"&SESSIONKEY={session.key}&tran_type=success&cardname="
    )
    offered = allowed_channels(session.fields)
    page = f"{base_url}/EasyCheckOut/{session.page}"
    if settings.gateway_page == "v3":
        page = f"{base_url}/gwprocess/v3/gw.php?Q=PAY&SESSIONKEY={session.key}"
    told = {
        "status": "SUCCESS",
        "failedreason": "",
        "sessionkey": session.key,
        "gw": {
            group: ",".join(key for one in offered if one.gw == group for key in vendor_keys(one)) for group in GROUPS
        },
        "redirectGatewayURL": redirect,
        "directPaymentURLBank": "",
        "directPaymentURLCard": "",
        "directPaymentURL": "",
        "redirectGatewayURLFailed": "",
        "GatewayPageURL": page,
        "storeBanner": "",
        "storeLogo": "",
        "store_name": settings.store_name,
        "desc": [_describe(one, key, redirect=redirect) for one in offered for key in vendor_keys(one)],
        "is_direct_pay_enable": "0",
    }
    return render_json(told, settings.answer_media_type)


def _describe(channel: Channel, key: str, *, redirect: str) -> dict[str, str]:
    return {"name": channel.title, "type": channel.gw, "logo": "", "gw": key, "redirectGatewayURL": f"{redirect}{key}"}


def ipn_fields(session: Session, attempt: Attempt | None, *, status: str, settings: Settings) -> dict[str, str]:
    """Return the fields of an IPN and of the return to the shop, before they are proven (fact sheet section 4, B)."""
    if status == SessionState.CANCELLED.value:
        told = _tell_common(session, None, status) | {"error": session.error or "Cancelled by User"}
    elif status == SessionState.FAILED.value:
        told = _tell_common(session, attempt, status) | _tell_card(attempt)
    else:
        told = {
            "val_id": attempt.val_id if attempt else "",
            "store_amount": _store_amount(attempt, settings),
            **_tell_common(session, attempt, status),
            **_tell_card(attempt),
            **_tell_risk(attempt, settings),
        }
        told |= _tell_emi(attempt, settings) if settings.ipn_tells_emi else {}
    if settings.amounts_drop_zeros:
        told |= {name: _dropped(told[name]) for name in ("amount", "currency_amount", "store_amount") if name in told}
    return {name: value for name, value in told.items() if name not in settings.ipn_leaves_out}


_CARD = "card_issuer card_brand card_sub_brand card_issuer_country card_issuer_country_code"
_VALUES = " ".join(VALUES)
_MONEY = f"currency_type currency_amount currency_rate base_fair {_VALUES}"
# Fact sheet section 4, as captured (B). UNATTEMPTED has the set of VALID (C), EXPIRED most likely too (U).
_IPN_ORDERS: Mapping[str, tuple[str, ...]] = {
    "FAILED": tuple(
        f"tran_id error status bank_tran_id currency tran_date amount store_id card_type card_no {_CARD} {_MONEY} "
        "verify_sign verify_key verify_sign_sha2".split()
    ),
    "CANCELLED": tuple(
        f"status tran_id error bank_tran_id currency tran_date amount store_id {_MONEY} "
        "verify_sign verify_sign_sha2 verify_key".split()
    ),
}
_VALID_ORDER = tuple(
    f"tran_id val_id amount card_type store_amount card_no bank_tran_id status tran_date error currency {_CARD} "
    f"store_id verify_sign verify_key verify_sign_sha2 {_MONEY} risk_level risk_title".split()
)
# Section 7, as captured from 2023 to 2026 (B).
_VALIDATION_ORDER = tuple(
    "status tran_date tran_id val_id amount store_amount currency bank_tran_id card_type card_no card_issuer "
    f"card_brand card_category card_sub_brand card_issuer_country card_issuer_country_code {_MONEY} emi_instalment "
    "emi_amount emi_description emi_issuer account_details risk_title risk_level discount_percentage "
    "discount_amount discount_remarks APIConnect validated_on gw_version offer_avail card_ref_id isTokeizeSuccess "
    "campaign_code".split()
)
# Section 8 (B).
_QUERY_ORDER = tuple(
    "status sessionkey tran_date tran_id val_id amount store_amount card_type card_no currency bank_tran_id "
    "card_issuer card_brand card_issuer_country card_issuer_country_code currency_type currency_amount "
    f"emi_instalment emi_amount discount_percentage discount_remarks {_VALUES} risk_level risk_title "
    "currency_rate base_fair validated_on gw_version".split()
)
_ELEMENT_ORDER = (*_QUERY_ORDER, "bank_gw", "emi_description", "emi_issuer", "error")


def in_order(fields: Mapping[str, str]) -> dict[str, str]:
    """Put the fields of an IPN in the order of its status; names that no capture has come last."""
    order = _IPN_ORDERS.get(fields.get("status", ""), _VALID_ORDER)
    return {name: fields[name] for name in order if name in fields} | dict(fields)


def _tell_common(session: Session, attempt: Attempt | None, status: str) -> dict[str, str]:
    asked, settled, rate = (session.asked, session.settled, session.rate)
    if attempt is not None:
        asked, settled, rate = attempt.asked, attempt.settled, attempt.rate
    return {
        "tran_id": session.tran_id,
        "error": attempt.error if attempt else session.error,
        "status": status,
        "bank_tran_id": attempt.bank_tran_id if attempt else "",
        "currency": settled.currency,
        "tran_date": dhaka(attempt.at if attempt else session.opened_at),
        "amount": str(settled),
        "store_id": session.fields["store_id"],
        "currency_type": asked.currency,
        "currency_amount": str(asked),
        "currency_rate": rate,
        "base_fair": "0.00",
        **{name: session.fields.get(name, "") for name in VALUES},
    }


def _tell_card(attempt: Attempt | None) -> dict[str, str]:
    channel = attempt.channel if attempt else None
    return {
        "card_type": channel.card_type if channel else "",
        "card_no": (attempt.card_no or channel.card_no) if attempt and channel else "",
        "card_issuer": channel.card_issuer if channel else "",
        "card_brand": channel.card_brand if channel else "",
        "card_sub_brand": channel.card_sub_brand if channel else "",
        "card_issuer_country": "Bangladesh" if channel else "",
        "card_issuer_country_code": "BD" if channel else "",
    }


def _tell_risk(attempt: Attempt | None, settings: Settings) -> dict[str, str]:
    level = attempt.risk_level if attempt else 0
    return {"risk_level": str(level), "risk_title": settings.risky_title if level else "Safe"}


def render_form(fields: Mapping[str, str]) -> tuple[bytes, str]:
    """Encode fields as a form, empty ones included (B)."""
    return urlencode(dict(fields)).encode(), _FORM


def _tell_emi(attempt: Attempt | None, settings: Settings) -> dict[str, str]:
    """Return EMI and discount. Which amounts emi_amount and amount are then is U: the whole, and the one asked."""
    months = attempt.emi_months if attempt else 0
    permyriad = settings.discount_permyriad if attempt and attempt.channel.kind is Kind.CARD else 0
    return {
        "emi_instalment": str(months),
        "emi_amount": str(attempt.settled) if attempt and months else "0.00",
        "emi_description": f"EMI of {months} months" if months else "",
        "emi_issuer": attempt.channel.card_issuer if attempt else "",
        "discount_percentage": _dropped(f"{permyriad // 100}.{permyriad % 100:02d}"),
        "discount_amount": str(attempt.settled.scaled(permyriad, 10_000)) if attempt else "0.00",
        "discount_remarks": settings.discount_remarks if permyriad else "",
    }


def _dropped(amount: str) -> str:
    """Write an amount without the zeros behind its point (C)."""
    return amount.rstrip("0").rstrip(".") if "." in amount else amount


def render_validation(session: Session, settings: Settings, *, status: str) -> dict[str, object]:
    """Return what validation tells of a paid session."""
    told = _tell_order(session, session.attempt, settings) | {"status": status}
    if settings.store_amount_drops_zeros:
        told["store_amount"] = _dropped(str(told["store_amount"]))
    return {name: told[name] for name in _VALIDATION_ORDER}


def render_query(session: Session, settings: Settings) -> dict[str, object]:
    """Return what the query by session tells."""
    told = _tell_order(session, session.attempt, settings)
    return {name: told[name] for name in _QUERY_ORDER}


def render_elements(session: Session, settings: Settings) -> list[dict[str, object]]:
    """Return what the query by tran_id tells: one element for each try, oldest first; one too where there was none."""
    tries = [_tell_order(session, attempt, settings) for attempt in session.attempts or [None]]
    return [{name: told[name] for name in _ELEMENT_ORDER} for told in tries]


def _tell_order(session: Session, attempt: Attempt | None, settings: Settings) -> dict[str, object]:
    """Return all that any script tells of a try. Without money there is no val_id and no store_amount."""
    is_paid = attempt is not None and not attempt.error
    status = queried_status(session, attempt)
    told = _tell_common(session, attempt, status) | _tell_card(attempt) | _tell_risk(attempt, settings)
    return {
        **told,
        **_tell_emi(attempt, settings),
        "val_id": attempt.val_id if attempt else "",
        "store_amount": _store_amount(attempt, settings) if is_paid else "",
        "sessionkey": session.key,
        "card_category": attempt.channel.card_category if attempt else "",
        "bank_gw": "",
        "validated_on": dhaka(session.validated_on) if is_paid and session.validated_on else "",
        "gw_version": "",
        "account_details": "",
        "APIConnect": "DONE",
        "offer_avail": 1,
        "card_ref_id": session.key.lower() * 2,
        "isTokeizeSuccess": 0,
        "campaign_code": "",
    }


def _store_amount(attempt: Attempt | None, settings: Settings) -> str:
    return str(attempt.settled.scaled(settings.store_amount_permyriad, 10_000)) if attempt else ""


def queried_status(session: Session, attempt: Attempt | None) -> str:
    """Return a try's status in the words of the query (B): what ended without money is FAILED."""
    known = {SessionState.PENDING, SessionState.VALID, SessionState.VALIDATED}
    if (attempt is not None and attempt.error) or session.state not in known:
        return SessionState.FAILED.value
    return session.state.value


def render_refund(refund: Refund, tran_id: str) -> dict[str, object]:
    """Return what the refund query tells (fact sheet section 9, B)."""
    return {
        "APIConnect": "DONE",
        "bank_tran_id": refund.bank_tran_id,
        "tran_id": tran_id,
        "refund_ref_id": refund.ref_id,
        "initiated_on": dhaka(refund.initiated_at),
        "refunded_on": dhaka(refund.refunded_at) if refund.refunded_at else "",
        "status": refund.state.value,
        "errorReason": "Refund is cancelled" if refund.state is RefundState.CANCELLED else "",
    }
