"""SSLCommerz on the wire: writes the forms and queries that we send, reads the JSON that comes back. No judgement."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import msgspec

from reference_server.errors import GatewayNonsenseError, GatewayRefusedError
from reference_server.gateways.gateway import (
    GatewayReport,
    GatewayWord,
    OpenedSession,
    RefundReport,
    RefundRequest,
    RefundWord,
    SessionRequest,
)
from reference_server.gateways.sslcommerz.errors import error_of_api_connect
from reference_server.gateways.sslcommerz.states import word_of_status
from reference_server.money import Money, MoneyError, parse_money

# Fact sheet 5: dates are Dhaka's local time without a zone; Bangladesh has kept UTC+6 all year since 2010.
_DHAKA = timezone(timedelta(hours=6))
_PRODUCT_NAME_MAX = 255
# Fact sheet 2: the gateway wants an address even where nothing is shipped.
_NOT_GIVEN = "Not given"

_REMARKS_MAX = 255
# Fact sheet 9: `processing` answers a refund that was initiated before, so that the same call again is safe.
_INITIATED = {
    "success": RefundWord.ACCEPTED,
    "processing": RefundWord.PROCESSING,
    "failed": RefundWord.REFUSED,
}
_REFUNDS = {
    "refunded": RefundWord.REFUNDED,
    "processing": RefundWord.PROCESSING,
    "cancelled": RefundWord.CANCELLED,
}

_decoder = msgspec.json.Decoder(dict[str, object], float_hook=Decimal)


def render_session_request(request: SessionRequest) -> dict[str, str]:
    """Write the session call's form, credentials left out (fact sheet 2)."""
    shopper = request.shopper
    return {
        "total_amount": request.money.decimal_text,
        "currency": request.money.currency,
        "tran_id": request.reference,
        "product_category": "general",
        "product_name": request.products[:_PRODUCT_NAME_MAX],
        "product_profile": "general",
        "success_url": request.addresses.success,
        "fail_url": request.addresses.fail,
        "cancel_url": request.addresses.cancel,
        "ipn_url": request.addresses.notify,
        "cus_name": shopper.name,
        "cus_email": shopper.email,
        "cus_phone": shopper.phone,
        "cus_add1": shopper.address or _NOT_GIVEN,
        "cus_city": shopper.city or _NOT_GIVEN,
        "cus_postcode": shopper.postcode or _NOT_GIVEN,
        "cus_country": shopper.country or _NOT_GIVEN,
        # Nothing is shipped through the gateway, and NO spares the ship_* fields.
        "shipping_method": "NO",
        "num_of_item": "1",
        # Echoed unchanged in every IPN; the session key is not (fact sheet 5).
        "value_a": request.tag,
    }


def parse_session_answer(body: bytes) -> OpenedSession:
    """Read the session call's answer. Raises `GatewayRefusedError` with the gateway's reason."""
    answer = _parse_object(body)
    if _text(answer, "status") != "SUCCESS":
        raise GatewayRefusedError(_text(answer, "failedreason") or "the gateway gave no reason")
    session_key, page_url = _text(answer, "sessionkey"), _text(answer, "GatewayPageURL")
    if not session_key or not page_url.startswith(("https://", "http://")):
        raise GatewayNonsenseError("the gateway opened a session without a key or a page")
    return OpenedSession(session_key, page_url)


def parse_validation_answer(body: bytes) -> GatewayReport:
    """Read the validation call's answer (fact sheet 7). Raises `GatewayError` when it could not be asked."""
    answer = _parse_called(body)
    return _read_report(answer)


def parse_query_answer(body: bytes) -> tuple[GatewayReport, ...]:
    """Read the transaction query's answer: one flat record by session, a list of attempts by tran_id (fact sheet 8)."""
    answer = _parse_called(body)
    if "element" not in answer and "no_of_trans_found" not in answer:
        return (_read_report(answer),)
    elements = answer.get("element")
    if not isinstance(elements, list):
        return ()
    # The shape of an empty element is not known; whatever is no record is none.
    return tuple(
        _read_report(msgspec.convert(element, dict[str, object]))
        for element in msgspec.convert(elements, list[object])
        if isinstance(element, dict) and element
    )


def render_refund_request(request: RefundRequest) -> dict[str, str]:
    """Write the refund call's query, credentials left out (fact sheet 9).

    It has no currency: what is refunded is the settled sum. refund_trans_id is mandatory since 2025-02-24; refe_id is
    the same for whatever reads only that.
    """
    return {
        "bank_tran_id": request.money_reference,
        "refund_amount": request.settled.decimal_text,
        "refund_remarks": request.reason[:_REMARKS_MAX] or "refund",
        "refe_id": request.key,
        "refund_trans_id": request.key,
    }


def parse_refund_answer(body: bytes, *, bank_tran_id: str) -> RefundReport:
    """Read the refund call's answer. Raises `GatewayError` when nothing can be learned from it."""
    return _read_refund(body, _INITIATED, bank_tran_id=bank_tran_id)


def parse_refund_query_answer(body: bytes, *, bank_tran_id: str) -> RefundReport:
    """Read the refund query's answer. Raises `GatewayError` when nothing can be learned from it."""
    return _read_refund(body, _REFUNDS, bank_tran_id=bank_tran_id)


def _read_refund(body: bytes, words: Mapping[str, RefundWord], *, bank_tran_id: str) -> RefundReport:
    answer = _parse_called(body)
    word = words.get(_text(answer, "status"))
    if word is None:
        raise GatewayNonsenseError("the gateway's answer about a refund has a status that is not known")
    if _text(answer, "bank_tran_id") not in {"", bank_tran_id}:
        raise GatewayNonsenseError("the gateway's answer is about the refund of other money")
    return RefundReport(
        word=word,
        gateway_reference=_text(answer, "refund_ref_id"),
        reason=_text(answer, "errorReason"),
        evidence=msgspec.json.encode(answer).decode(),
    )


def _read_report(answer: Mapping[str, object]) -> GatewayReport:
    # Carried out, and no status: nothing is known there (the shape of that answer is not documented).
    status = _text(answer, "status") or "INVALID_TRANSACTION"
    word = word_of_status(status, _text(answer, "risk_level"))
    if word is None:
        raise GatewayNonsenseError("the gateway's answer has a status that is not known")
    return GatewayReport(
        word=word,
        reference=_text(answer, "tran_id"),
        gateway_reference=_text(answer, "val_id"),
        claims=_read_claims(answer) if word in {GatewayWord.CAPTURED, GatewayWord.HELD} else (),
        captured_at=_read_instant(_text(answer, "tran_date")),
        reason=_text(answer, "error"),
        evidence=msgspec.json.encode(answer).decode(),
        settled=_read_settled(answer),
        money_reference=_text(answer, "bank_tran_id"),
        tag=_text(answer, "value_a"),
    )


def _read_claims(answer: Mapping[str, object]) -> tuple[Money, ...]:
    """Return every sum that has to be the order's.

    An order in another currency is settled in converted BDT, so only currency_type and currency_amount are the
    shopper's; an order in BDT is told twice, and both must agree (fact sheet 10).
    """
    settled = (_text(answer, "amount"), _text(answer, "currency"))
    asked = (_text(answer, "currency_amount"), _text(answer, "currency_type"))
    if not asked[1]:
        told = [settled]
    elif asked[1] == "BDT":
        told = [settled, asked]
    else:
        told = [asked]
    try:
        # Read, though not compared: of money that is kept in an unknown sum nothing could be given back.
        parse_money(*settled)
        return tuple(parse_money(amount, currency) for amount, currency in told)
    except MoneyError as error:
        raise GatewayNonsenseError(f"the gateway's answer has a sum that cannot be read: {error}") from None


def _read_settled(answer: Mapping[str, object]) -> Money | None:
    """Return what the gateway keeps, in its own currency: a refund is asked for in that (fact sheet 9 and 10)."""
    try:
        return parse_money(_text(answer, "amount"), _text(answer, "currency"))
    except MoneyError:
        return None


def _read_instant(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=_DHAKA).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _parse_called(body: bytes) -> dict[str, object]:
    answer = _parse_object(body)
    refusal = error_of_api_connect(_text(answer, "APIConnect"))
    if refusal is not None:
        raise refusal
    return answer


def _parse_object(body: bytes) -> dict[str, object]:
    # An HTML page under a 200 is what a gateway in trouble sends.
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, ArithmeticError, RecursionError):
        raise GatewayNonsenseError("the gateway's answer is not a JSON object") from None


def _text(answer: Mapping[str, object], name: str) -> str:
    # Nearly every scalar is a string on this wire, a few are integers, and some copies show amounts as numbers.
    value = answer.get(name)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else ""
