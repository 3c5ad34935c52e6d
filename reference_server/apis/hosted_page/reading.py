"""Checked values of document 000's calls turned into ours; what the document cannot express is refused here."""

from collections.abc import Mapping
from decimal import Decimal

from reference_server.errors import InvalidError
from reference_server.gateways.gateway import ReturnAddresses, SessionRequest, Shopper
from reference_server.ids import SessionId
from reference_server.models import NewPayment as NewPaymentBody
from reference_server.money import Money, MoneyError, exponent_of, parse_money
from reference_server.orders.model import Order

_SHOPPER_FIELDS = ("name", "email", "phone", "address", "city", "country", "postcode")


def read_money(body: NewPaymentBody) -> Money:
    """Return the order's sum. Raises `InvalidError` that points at amount or currency."""
    currency = body.get("currency", "BDT")
    try:
        exponent_of(currency)
    except MoneyError as error:
        raise InvalidError(str(error), pointer="/currency", rule="currency") from None
    return read_sum(body["amount"], currency)


def read_sum(amount: Decimal | int | str, currency: str) -> Money:
    """Return a sum in the currency of an order. Raises `InvalidError` that points at it."""
    try:
        money = parse_money(amount, currency)
    except MoneyError as error:
        raise InvalidError(str(error), pointer="/amount", rule="amount") from None
    if money.amount_minor == 0:
        raise InvalidError("an amount is more than nothing", pointer="/amount", rule="amount")
    return money


def read_shopper(body: NewPaymentBody) -> dict[str, str]:
    """Return every field of the shopper, empty where it was not given."""
    given: Mapping[str, object] = body["customer"]
    return {name: str(given.get(name, "")) for name in _SHOPPER_FIELDS}


def session_request(order: Order, session_id: SessionId, public_url: str) -> SessionRequest:
    """Return what the gateway is asked for; each address carries the session id, and nothing of the order."""
    base = f"{public_url}/payment"
    return SessionRequest(
        reference=order.reference,
        money=order.money,
        products=",".join(str(item["name"]) for item in order.items),
        shopper=Shopper(**order.shopper),
        addresses=ReturnAddresses(
            success=f"{base}/success/{session_id}",
            fail=f"{base}/fail/{session_id}",
            cancel=f"{base}/cancel/{session_id}",
            notify=f"{base}/ipn/{session_id}",
        ),
        tag=session_id,
    )
