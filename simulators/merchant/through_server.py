"""Buying through the reference server: the shop's backend asks it for a session and for where the payment stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final, cast
from urllib.parse import quote

import msgspec

from simulators.accounts import Account
from simulators.merchant.outgoing import CallLost, Response
from simulators.merchant.played.catalogue import Item
from simulators.merchant.purchases import CannotBuy, Line
from simulators.merchant.server_calls import ServerCalls
from simulators.merchant.standing import Standing
from simulators.merchant.words import DELIVERED, LOST, Words, words_of
from simulators.money import MoneyError, parse_money

_KEEP: Final = "bought through the server"
# Each line of the list is a call to the server.
_SALES_MAX: Final = 20
# Amounts are no floats, not even on their way to a page.
_DECODER: Final = msgspec.json.Decoder(dict[str, object], float_hook=Decimal)


@dataclass(slots=True)
class Sale:
    """What was bought in a session of the server, and the words for where its payment stood when last asked."""

    session: str
    item: Item
    at: datetime
    words: Words = LOST


@dataclass(slots=True)
class Sales:
    """The newest sales of one account, oldest first, by the server's session."""

    by_session: dict[str, Sale] = field(default_factory=dict[str, Sale])

    def keep(self, sale: Sale) -> None:
        """Keep a sale; the oldest makes room."""
        self.by_session[sale.session] = sale
        if len(self.by_session) > _SALES_MAX:
            del self.by_session[next(iter(self.by_session))]

    def clear(self) -> None:
        """Forget them."""
        self.by_session.clear()


class ThroughServer:
    """The purchases that the reference server takes the money for."""

    def __init__(self, calls: ServerCalls, *, account: Callable[[], Account]) -> None:
        self._calls = calls
        self._account = account

    @property
    def _sales(self) -> Sales:
        return cast("Sales", self._account().keeps.setdefault(_KEEP, Sales()))

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
        opened = _read(answer)
        url, session = opened.get("GatewayPageURL"), opened.get("sessionId")
        if answer.status != 200 or not isinstance(url, str):
            raise CannotBuy(f"The payment could not be started (the server answered {answer.status}).")
        if isinstance(session, str):
            self._sales.keep(Sale(session, item, self._account().clock.now()))
        return url

    async def list_lines(self) -> list[Line]:
        """Return the newest orders, oldest first. A server that is away is asked once, not for each of them."""
        sales = list(self._sales.by_session.values())
        is_away = False
        for sale in reversed(sales):
            if not is_away and sale.words is not DELIVERED:
                sale.words = (await self.look(sale.session)).words
                is_away = sale.words is LOST
        return [_line_of(sale) for sale in sales]

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
        facts = [("Amount", amount), ("Order", str(payment.get("tran_id", "")))]
        sale = self._sales.by_session.get(session)
        if sale is not None:
            facts.append(("Item", sale.item.name))
        return Standing(words, tuple(facts))


def _line_of(sale: Sale) -> Line:
    price = sale.item.price
    return Line(
        at=sale.at,
        path=f"/orders/{quote(sale.session, safe='')}",
        way="the reference server",
        id=sale.session,
        item=sale.item.name,
        amount=f"{price} {price.currency}",
        words=sale.words,
    )


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
