"""Checked values of the payments API's calls turned into ours; what the document cannot express is refused here."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from reference_server.apis.payments.instants import read_instant
from reference_server.apis.payments.words import word_payment
from reference_server.errors import InvalidError
from reference_server.gateways.gateway import Method
from reference_server.instruments.blanking import holds_card_number
from reference_server.instruments.cards import CardError, TypedCard, check_card
from reference_server.instruments.identifiers import holds_surely_a_card, number_paid_with
from reference_server.instruments.upi import is_upi_address, mask_upi_address
from reference_server.models import CreatePayment
from reference_server.money import Money, MoneyError
from reference_server.payments.creation import Instrument
from reference_server.payments.lifecycle import PaymentState
from reference_server.payments.store import PaymentFilter

# What each method wants to be told; no other method's is looked at, so none may be there.
_WANTED = {Method.UPI: "vpa", Method.CARD: "card", Method.WALLET: "wallet", Method.NETBANKING: "bank"}
_SHOPPER_FIELDS = ("name", "email", "phone", "address", "city", "country", "postcode")
DEFAULT_CURRENCY = "INR"
CARD_AS_NAME = "is a card's number, which belongs in /card/number alone; any other number may be a name"


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is wanted."""

    limit: int
    offset: int


def read_sum(amount: int, currency: str | None) -> Money:
    """Return a sum in minor units. Raises `InvalidError` for a currency that is none of ours."""
    try:
        # JSON has one kind of number, so that 100.0 and 1e2 are integers too, and are read as Decimal.
        return Money(int(amount), currency or DEFAULT_CURRENCY)
    except MoneyError as error:
        raise InvalidError(str(error), pointer="/currency", rule="currency") from None


def read_page(query: Mapping[str, object]) -> Page:
    """Return which part of a list is wanted."""
    # 1.0 is an integer too, where the document says integer.
    limit, offset = Decimal(str(query.get("limit", 10))), Decimal(str(query.get("offset", 0)))
    return Page(int(limit), int(offset))


def read_filter(query: Mapping[str, object]) -> PaymentFilter:
    """Return which payments are wanted: a word is all its states. Raises `InvalidError` for an instant that is none."""
    word, state = query.get("status"), query.get("state")
    states = [one for one in PaymentState if word in {None, word_payment(one).status} and state in {None, one.value}]
    since, before = query.get("from"), query.get("to")
    method = query.get("method")
    return PaymentFilter(
        states=None if word is None and state is None else states,
        method=None if method is None else str(method),
        order=str(query.get("order_id", "")),
        since=None if since is None else read_instant(str(since), name="from"),
        before=None if before is None else read_instant(str(before), name="to"),
    )


def read_instrument(body: CreatePayment, *, now: datetime) -> Instrument:
    """Return what may be kept of the instrument. Raises `InvalidError` that points at what is wrong with it."""
    method, given = Method(body["method"]), set(body) & set(_WANTED.values())
    wanted = _WANTED[method]
    for name in sorted({wanted} - given):
        raise InvalidError(f"a payment by {method.value} needs it", pointer=f"/{name}", rule="required")
    for name in sorted(given - {wanted}):
        raise InvalidError(f"a payment by {method.value} has none", pointer=f"/{name}", rule="method")
    if method is Method.CARD:
        return Instrument(method, _read_card(body, now=now))
    if method is Method.UPI:
        return Instrument(method, _read_upi(body.get("vpa", "")))
    return Instrument(method, {wanted: str(body.get(wanted, ""))})


def read_shopper(customer: Mapping[str, object] | None) -> dict[str, str]:
    """Return every field of the shopper, empty where it was not given."""
    given = customer or {}
    return {name: str(given.get(name, "")) for name in _SHOPPER_FIELDS}


def refuse_card_numbers(body: Mapping[str, object], names: Sequence[str]) -> None:
    """Refuse a card number where it would be kept. Raises `InvalidError`; see failure catalogue M01."""
    for name in names:
        for pointer, text in _texts_of(body.get(name), f"/{name}"):
            if holds_card_number(text):
                told = "looks like a card number, which belongs in /card/number alone"
                raise InvalidError(told, pointer=pointer, rule="card_number")


def refuse_cards_as_names(body: Mapping[str, object], names: Sequence[str]) -> None:
    """Refuse a card's number as a name of the merchant's own. Raises `InvalidError`."""
    for name in names:
        if holds_surely_a_card(str(body.get(name, "")), paid_with=number_paid_with(body)):
            raise InvalidError(CARD_AS_NAME, pointer=f"/{name}", rule="card_number")


def _read_card(body: CreatePayment, *, now: datetime) -> dict[str, str]:
    card = body.get("card")
    assert card is not None  # noqa: S101  # asked for just above
    year = int(card["expiry_year"])
    typed = TypedCard(
        number=card["number"],
        expiry_month=int(card["expiry_month"]),
        expiry_year=year + 2000 if year < 100 else year,
        cvv=card["cvv"],
    )
    try:
        return {name: str(value) for name, value in asdict(check_card(typed, now=now)).items()}
    except CardError as error:
        raise InvalidError(str(error), pointer=f"/card/{error.member}", rule=error.rule) from None


def _read_upi(vpa: str) -> dict[str, str]:
    if not is_upi_address(vpa):
        raise InvalidError("is not a UPI address such as shopper@bank", pointer="/vpa", rule="vpa")
    return {"vpa": mask_upi_address(vpa)}


def _texts_of(value: object, pointer: str) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(pointer, value)]
    if isinstance(value, Mapping):
        members: Mapping[str, object] = value  # pyright: ignore[reportUnknownVariableType]  # JSON's names are text
        inner = [found for name, one in members.items() for found in _texts_of(one, f"{pointer}/{name}")]
        return [*((pointer, name) for name in members), *inner]
    return []
