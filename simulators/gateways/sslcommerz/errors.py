"""SSLCommerz' refusals, in its own words and with HTTP 200. Which text is how sure: fact sheet sections 3 and 7."""

from collections.abc import Iterator, Mapping

from contracts.binding import Answer, Call, Refusal, RefusalKind
from simulators.gateways.sslcommerz import wire
from simulators.gateways.sslcommerz.states import Settings
from simulators.money import MoneyError, parse_money

# Conf A/B: libraries match on "Store Credential". Also what an unreadable body gets.
CREDENTIALS = "Store Credential Error Or Store is De-active"
# Conf C, live sandbox.
_SHIPPING = (
    "Invalid Information! 'shipping_method' is missing. Shipping method of the order. Example: YES or NO or Courier "
    "or Air or Ship or Truck. if shipping_method='NO', then Shipment Information/address not necessary."
)
# In the order of the vendor's table: validation stops at the first offending field (C).
MANDATORY = (
    "total_amount",
    "currency",
    "tran_id",
    "product_category",
    "product_name",
    "product_profile",
    "success_url",
    "fail_url",
    "cancel_url",
    "cus_name",
    "cus_email",
    "cus_phone",
)
_SHIPMENT = ("ship_name", "ship_add1", "ship_city", "ship_postcode", "ship_country")
# Lengths of the vendor's table (B), for the setting that enforces them.
LENGTHS = {"tran_id": 30, "currency": 3, "product_name": 255, "cus_name": 50, "cus_email": 50, "cus_phone": 20}
# Operations that no account is asked for.
ANYBODYS = frozenset({"probeTls", "showIndex"})
_HTML = "text/html; charset=UTF-8"


def find_offence(fields: Mapping[str, str], settings: Settings) -> str | None:
    """Return the `failedreason` for the first thing wrong with a session request."""
    return next(_offences(fields, settings), None)


def _offences(fields: Mapping[str, str], settings: Settings) -> Iterator[str]:
    for name in (*MANDATORY, *settings.required_fields):
        if not fields.get(name):
            yield f"Invalid Information! '{name}' is missing or empty."
    if not fields.get("shipping_method"):
        yield _SHIPPING
    yield from _offences_of_kind(fields)
    if settings.refuse_over_long_fields:
        for name, length in LENGTHS.items():
            if len(fields.get(name, "")) > length:
                yield settings.over_long_reason.format(field=name, length=length)
    yield from _offences_of_money(fields, settings)


def _offences_of_kind(fields: Mapping[str, str]) -> Iterator[str]:
    if fields.get("shipping_method", "").upper() == "YES":
        yield from (f"Invalid Information! '{name}' is missing or empty." for name in _SHIPMENT if not fields.get(name))
    if fields.get("product_profile") == "travel-vertical":
        if not fields.get("hotel_name"):
            yield "Invalid Information! 'hotel_name' is missing."
        if not fields.get("length_of_stay"):
            yield "Invalid Information! 'length_of_stay' is missing. Example: 2 days"


def _offences_of_money(fields: Mapping[str, str], settings: Settings) -> Iterator[str]:
    currency = fields.get("currency", "")
    if currency != "BDT" and currency not in settings.rates:
        yield settings.currency_reason
    elif not _is_amount(fields.get("total_amount", ""), currency):
        yield settings.amount_reason


def _is_amount(text: str, currency: str) -> bool:
    try:
        parse_money(text, currency)
    except MoneyError:
        return False
    return True


def unauthentic(call: Call, media_type: str = _HTML) -> Answer:
    """Answer a call whose credentials are nobody's: a wrong password and an unknown store read the same."""
    if _opens_session(call):
        return wire.render_failed_session(CREDENTIALS, media_type)
    # Conf C for the pair of both words, fact sheet section 7.
    told = {"APIConnect": "FAILED", **({"status": "INVALID_TRANSACTION"} if _validates(call) else {})}
    return wire.render(told, call, media_type=media_type)


def inactive(call: Call, media_type: str) -> Answer:
    """Answer a call of a store that was switched off."""
    if _opens_session(call):
        return wire.render_failed_session(CREDENTIALS, media_type)
    told = {"APIConnect": "INACTIVE", **({"status": "INVALID_TRANSACTION"} if _validates(call) else {})}
    return wire.render(told, call, media_type=media_type)


def invalid_request(call: Call, media_type: str) -> Answer:
    """Answer a validator call whose parameters say nothing."""
    told = {"APIConnect": "INVALID_REQUEST", **({"status": "INVALID_TRANSACTION"} if _validates(call) else {})}
    return wire.render(told, call, media_type=media_type)


def stranger(call: Call) -> Answer:
    """Answer a call that no account owns."""
    if call.operation.operation_id == "probeTls":
        return Answer.text(200, "TLS is okay")
    if call.operation.operation_id == "showIndex":
        return Answer.html(200, wire.INDEX)
    if "pages" in call.operation.tags:
        return Answer.html(200, wire.NO_SUCH_SESSION)
    return unauthentic(call)


def refuse(refusal: Refusal) -> Answer:
    """Word what the binding kit would not let through. Of a script that was named, the answer is 200 all the same."""
    call = refusal.call
    if refusal.kind is RefusalKind.NOT_FOUND:
        return Answer.html(
            404,
            "<h1>Not Found</h1><p>The simulated SSLCommerz has no such page; see "
            "contracts/gateways/sslcommerz/quirks.md.</p>",
        )
    if call is None:
        return Answer.html(405, "<h1>Method Not Allowed</h1>")
    if "pages" in call.operation.tags:
        return Answer.html(200, wire.NO_SUCH_SESSION)
    if not _opens_session(call):
        return invalid_request(call, _HTML)
    if refusal.kind is not RefusalKind.INVALID:
        return wire.render_failed_session(CREDENTIALS, _HTML)
    missing = find_offence(wire.read_fields(call), Settings())
    broken = refusal.violations[0].pointer.strip("/") if refusal.violations else "body"
    return wire.render_failed_session(missing or f"Invalid Information! '{broken}' is invalid.", _HTML)


def _opens_session(call: Call) -> bool:
    return call.operation.operation_id == "createSession"


def _validates(call: Call) -> bool:
    return call.operation.operation_id.startswith("validateOrder")
