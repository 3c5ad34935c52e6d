"""The demo shop on the merchant's listener: its pages, and its backend's calls to the reference server."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import msgspec

from contracts.binding import Answer, ASGIApp, Call, Document, NoAnswer, bind
from simulators.accounts import DEFAULT
from simulators.answering import Proceed
from simulators.arrivals import current_arrival
from simulators.desk import Surroundings
from simulators.journal import Actor, Kind
from simulators.merchant.server_calls import CallLost, Response, ServerCalls
from simulators.merchant.words import Words, words_of
from simulators.money import MoneyError, parse_money
from simulators.pages import render_page
from simulators.problems import refuse

# Amounts are no floats, not even on their way to a page.
_DECODER = msgspec.json.Decoder(dict[str, object], float_hook=Decimal)


@dataclass(frozen=True, slots=True)
class Product:
    """What the shop sells; the price is what the server is asked for, in major units."""

    name: str
    about: str
    price: str
    currency: str


LICENCE = Product(
    "Workshop licence", "One seat, for ever, for the diagnosis software of your garage.", "1250.00", "BDT"
)
_SHOPPER = {
    "name": "Rahima Akter",
    "email": "rahima@example.com",
    "phone": "01711000000",
    "address": "12 Green Road",
    "city": "Dhaka",
    "country": "Bangladesh",
    "postcode": "1205",
}


class Shop:
    """Answers the shop's operations. It belongs to the account `default`."""

    def __init__(self, surroundings: Surroundings, calls: ServerCalls) -> None:
        self._accounts = surroundings.accounts
        self._calls = calls

    def build_app(self, *, check_answers: bool) -> ASGIApp:
        """Return the app."""
        document = Document.load(Path(__file__).with_name("shop.yaml"))
        handlers = {
            "showProduct": self._show_product,
            "buy": self._buy,
            "showOrder": self._show_order,
            "readOrder": self._read_order,
        }
        return bind(document, handlers, refuse=refuse, around=self._around, check_answers=check_answers)

    async def _around(self, call: Call, proceed: Proceed) -> Answer | NoAnswer:
        arrival = current_arrival()
        exchange = arrival.exchange
        exchange.operation, exchange.kind = call.operation.operation_id, Kind.PAGE
        exchange.sender, exchange.receiver = Actor.SHOPPER, Actor.MERCHANT
        arrival.claim(self._accounts.get(DEFAULT))
        return await proceed()

    async def _show_product(self, call: Call) -> Answer:
        return _product_page()

    async def _buy(self, call: Call) -> Answer:
        order = {
            "amount": LICENCE.price,
            "currency": LICENCE.currency,
            "customer": _SHOPPER,
            "items": [{"name": LICENCE.name, "quantity": 1}],
            "chassisNo": "JTDBR32E720012345",
            "productKey": "WORKSHOP-1",
        }
        try:
            answer = await self._calls.ask("POST", "/payment/init", operation="initPayment", body=order)
        except CallLost:
            return _product_page("The payment server does not answer. Please try again in a moment.")
        url = _read(answer).get("GatewayPageURL")
        if answer.status != 200 or not isinstance(url, str):
            return _product_page(f"The payment could not be started (the server answered {answer.status}).")
        return Answer.redirect(303, url)

    async def _show_order(self, call: Call) -> Answer:
        session = str(call.path["session"])
        payment, words = await self._look(session)
        told = {name: (payment or {}).get(name, "") for name in ("currency", "tran_id", "state", "fulfilment")}
        told["amount"] = _render_amount(payment or {})
        values = {"session": quote(session, safe=""), "words": words, "payment": told if payment else None}
        return render_page("shop_order.html", values)

    async def _read_order(self, call: Call) -> Answer:
        _, words = await self._look(str(call.path["session"]))
        return Answer.json(200, {"state": words.key, "final": words.is_final})

    async def _look(self, session: str) -> tuple[Mapping[str, object] | None, Words]:
        try:
            path = f"/payment/status/{quote(session, safe='')}"
            answer = await self._calls.ask("GET", path, operation="readPaymentStatus")
        except CallLost:
            return None, words_of(None)
        payment = _read(answer) if answer.status == 200 else None
        return payment, words_of(payment, is_known=answer.status != 404)


def _product_page(problem: str = "") -> Answer:
    return render_page("shop_product.html", {"product": LICENCE, "problem": problem})


def _render_amount(payment: Mapping[str, object]) -> str:
    """Write the amount with every digit that its currency has; as it came, where it is none that we know."""
    told = str(payment.get("amount", ""))
    try:
        return str(parse_money(told, str(payment.get("currency", ""))))
    except MoneyError:
        return told


def _read(answer: Response) -> Mapping[str, object]:
    try:
        return _DECODER.decode(answer.body)
    except msgspec.DecodeError:
        return {}
