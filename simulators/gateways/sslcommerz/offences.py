"""What is wrong with the request for a session: the first thing, in the gateway's words (sections 2 and 3)."""

from collections.abc import Iterator, Mapping

from simulators.gateways.sslcommerz.settings import Settings
from simulators.money import MoneyError, parse_money

# Conf C, live sandbox.
_SHIPPING = (
    "Invalid Information! 'shipping_method' is missing. Shipping method of the order. Example: YES or NO or Courier "
    "or Air or Ship or Truck. if shipping_method='NO', then Shipment Information/address not necessary."
)
_EMPTY = "Invalid Information! '{}' is missing or empty."
_MISSING = "Invalid Information! '{}' is missing."
# In the order of the vendor's table: validation stops at the first offending field (C).
MANDATORY = (
    *("total_amount", "currency", "tran_id", "product_category", "product_name", "product_profile"),
    *("success_url", "fail_url", "cancel_url", "cus_name", "cus_email", "cus_phone"),
)
_SHIPMENT = ("ship_name", "ship_add1", "ship_city", "ship_postcode", "ship_country")
_LOGISTIC = ("weight_of_items", "logistic_pickup_id", "logistic_delivery_type")
# What each profile demands, looked at one by one (C for the first two of travel and their texts).
_OF_PROFILE: Mapping[str, tuple[str, ...]] = {
    "airline-tickets": ("hours_till_departure", "flight_type", "pnr", "journey_from_to", "third_party_booking"),
    "travel-vertical": ("hotel_name", "length_of_stay", "check_in_time", "hotel_city"),
    "telecom-vertical": ("product_type", "topup_number", "country_topup"),
}
_EXAMPLES = {"length_of_stay": " Example: 2 days"}
# Lengths of the vendor's table (B), for the setting that enforces them.
LENGTHS: Mapping[str, int] = {
    "store_id": 30,
    "currency": 3,
    "tran_id": 30,
    "product_category": 100,
    "product_name": 255,
    "product_profile": 100,
    "success_url": 255,
    "fail_url": 255,
    "cancel_url": 255,
    "ipn_url": 255,
    "multi_card_name": 30,
    "allowed_bin": 255,
    "cus_name": 50,
    "cus_email": 50,
    "cus_add1": 50,
    "cus_city": 50,
    "cus_postcode": 30,
    "cus_country": 50,
    "cus_phone": 20,
    "cus_fax": 20,
    "shipping_method": 50,
    **dict.fromkeys(_SHIPMENT, 50),
    "hours_till_departure": 30,
    "flight_type": 30,
    "pnr": 50,
    "journey_from_to": 255,
    "third_party_booking": 20,
    "hotel_name": 255,
    "length_of_stay": 30,
    "check_in_time": 30,
    "hotel_city": 50,
    "product_type": 30,
    "topup_number": 150,
    "country_topup": 30,
    "value_a": 255,
    "value_b": 255,
    "value_c": 255,
    "value_d": 255,
}


def find_offence(fields: Mapping[str, str], settings: Settings) -> str | None:
    """Return the `failedreason` for the first thing wrong with a session request."""
    return next(_offences(fields, settings), None)


def _offences(fields: Mapping[str, str], settings: Settings) -> Iterator[str]:
    emi = ("emi_option",) if settings.emi_option_required else ()
    yield from _missing(fields, (*MANDATORY, *emi, *settings.required_fields), words=_EMPTY)
    if not fields.get("shipping_method"):
        yield _SHIPPING
    yield from _offences_of_shipping(fields, settings)
    yield from _missing(fields, _OF_PROFILE.get(fields.get("product_profile", ""), ()), words=_MISSING)
    if settings.refuse_over_long_fields:
        for name, length in LENGTHS.items():
            if len(fields.get(name, "")) > length:
                yield settings.over_long_reason.replace("{field}", name).replace("{length}", str(length))
    yield from _offences_of_money(fields, settings)


def _missing(fields: Mapping[str, str], names: tuple[str, ...], *, words: str) -> Iterator[str]:
    return (words.format(name) + _EXAMPLES.get(name, "") for name in names if not fields.get(name))


def _offences_of_shipping(fields: Mapping[str, str], settings: Settings) -> Iterator[str]:
    method = fields.get("shipping_method", "").upper()
    counted = ("num_of_item",) if settings.num_of_item_required else ()
    if method == "YES":
        yield from _missing(fields, (*counted, *_SHIPMENT), words=_EMPTY)
    elif method == "SSLCOMMERZ_LOGISTIC":
        yield from _missing(fields, (*counted, *_SHIPMENT, *_LOGISTIC), words=_EMPTY)


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
