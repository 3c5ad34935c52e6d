"""What SSLCommerz reads and writes: forms, queries, answers and IPN fields, in the vendor's names and order."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape

from contracts.binding import Answer, Call
from simulators.gateways.sslcommerz.states import CHANNELS, Attempt, Session, SessionState, Settings

# Bangladesh keeps UTC+6 the year round (tz database, Asia/Dhaka since 2010).
DHAKA = timezone(timedelta(hours=6))
NO_SUCH_SESSION = (
    "<!doctype html><title>SSLCommerz</title><h1>Invalid session</h1><p>This payment page does not exist.</p>"
)
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
            inner = "".join(_elements(row)) if isinstance(row, Mapping) else escape(str(row))  # pyright: ignore[reportUnknownArgumentType]  # our own rows
            yield f"<{name}>{inner}</{name}>"


def dhaka(instant: datetime) -> str:
    """Write an instant as SSLCommerz does: local time without a zone (B)."""
    return instant.astimezone(DHAKA).strftime("%Y-%m-%d %H:%M:%S")


def stamp(instant: datetime) -> str:
    """Write the beginning of the gateway's ids: YYMMDDHHMMSS, local (B)."""
    return instant.astimezone(DHAKA).strftime("%y%m%d%H%M%S")


def render_failed_session(reason: str, media_type: str) -> Answer:
    """Refuse a session: every key that success has, and empty (that they stay is U; sslcommerz-python needs two)."""
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
    told = {
        "status": "SUCCESS",
        "failedreason": "",
        "sessionkey": session.key,
        "gw": _channels_by_group(),
        "redirectGatewayURL": redirect,
        "directPaymentURLBank": "",
        "directPaymentURLCard": "",
        "directPaymentURL": "",
        "redirectGatewayURLFailed": "",
        "GatewayPageURL": f"{base_url}/EasyCheckOut/{session.page}",
        "storeBanner": "",
        "storeLogo": "",
        "store_name": settings.store_name,
        "desc": [
            {"name": one.title, "type": one.gw, "logo": "", "gw": one.key, "redirectGatewayURL": f"{redirect}{one.key}"}
            for one in CHANNELS.values()
        ],
        "is_direct_pay_enable": "0",
    }
    return render_json(told, settings.answer_media_type)


def _channels_by_group() -> dict[str, str]:
    groups = ("visa", "master", "amex", "othercards", "internetbanking", "mobilebanking")
    return {group: ",".join(one.key for one in CHANNELS.values() if one.gw == group) for group in groups}


def ipn_fields(session: Session, attempt: Attempt | None, *, status: str, settings: Settings) -> dict[str, str]:
    """Return the fields of an IPN and of the return to the shop, before they are proven (fact sheet section 4, B)."""
    if status == SessionState.CANCELLED.value:
        return _tell_common(session, None, status) | {"error": session.error or "Cancelled by User"}
    if status == SessionState.FAILED.value:
        return _tell_common(session, attempt, status) | _tell_card(attempt)
    return {
        "val_id": attempt.val_id if attempt else "",
        "store_amount": str(attempt.settled.scaled(settings.store_amount_permyriad, 10_000)) if attempt else "",
        **_tell_common(session, attempt, status),
        **_tell_card(attempt),
        **_tell_risk(attempt, settings),
    }


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
        "card_no": channel.card_no if channel else "",
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


def render_order(session: Session, settings: Settings) -> dict[str, object]:
    """Return what validation and query tell of a session: captured bodies 2023 to 2026 (B)."""
    attempt = session.attempt
    told = _tell_common(session, attempt, queried_status(session)) | _tell_card(attempt) | _tell_risk(attempt, settings)
    return {
        **told,
        "val_id": attempt.val_id if attempt else "",
        "store_amount": str(attempt.settled.scaled(settings.store_amount_permyriad, 10_000)) if attempt else "0.00",
        "emi_instalment": "0",
        "emi_amount": "0.00",
        "emi_description": "",
        "emi_issuer": attempt.channel.card_issuer if attempt else "",
        "discount_percentage": "0",
        "discount_amount": "0.00",
        "discount_remarks": "",
        "validated_on": dhaka(session.validated_on) if session.validated_on else "",
        "gw_version": "",
    }


def queried_status(session: Session) -> str:
    """Return a session's status in the words of the query (B): what ended without money is FAILED."""
    known = {SessionState.PENDING, SessionState.VALID, SessionState.VALIDATED}
    return session.state.value if session.state in known else SessionState.FAILED.value
