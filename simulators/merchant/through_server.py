"""Buying through the reference server: the shop's backend asks it for a session and for where the payment stands."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final
from urllib.parse import quote

import msgspec

from simulators.merchant.outgoing import CallLost, Response
from simulators.merchant.played.catalogue import Item
from simulators.merchant.purchases import CannotBuy
from simulators.merchant.server_calls import ServerCalls
from simulators.merchant.standing import Standing
from simulators.merchant.words import words_of
from simulators.money import MoneyError, parse_money

# Amounts are no floats, not even on their way to a page.
_DECODER: Final = msgspec.json.Decoder(dict[str, object], float_hook=Decimal)


class ThroughServer:
    """The purchases that the reference server takes the money for."""

    def __init__(self, calls: ServerCalls) -> None:
        self._calls = calls

    async def buy(self, item: Item, shopper: Mapping[str, str]) -> str:
        """Return where the shopper pays. Raises `CannotBuy`."""
        order = {
            "amount": str(item.price),
            "currency": item.price.currency,
            "customer": shopper,
            "items": [{"name": item.name, "quantity": 1}],
            "chassisNo": "JTDBR32E720012345",
            "productKey": item.key.upper(),
        }
        try:
            answer = await self._calls.ask("POST", "/payment/init", operation="initPayment", body=order)
        except CallLost:
            raise CannotBuy("The payment server does not answer. Please try again in a moment.") from None
        url = _read(answer).get("GatewayPageURL")
        if answer.status != 200 or not isinstance(url, str):
            raise CannotBuy(f"The payment could not be started (the server answered {answer.status}).")
        return url

    async def look(self, session: str) -> Standing:
        """Return where a payment stands; a server that does not answer has words of its own."""
        try:
            path = f"/payment/status/{quote(session, safe='')}"
            answer = await self._calls.ask("GET", path, operation="readPaymentStatus")
        except CallLost:
            return Standing(words_of(None))
        payment = _read(answer) if answer.status == 200 else None
        words = words_of(payment, is_known=answer.status != 404)
        if payment is None:
            return Standing(words)
        amount = f"{_render_amount(payment)} {payment.get('currency', '')}"
        return Standing(words, (("Amount", amount), ("Order", str(payment.get("tran_id", "")))))


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
