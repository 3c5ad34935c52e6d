"""Buying straight with the gateway: what the demo shop's pages do with the played shop of the account `default`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from simulators.accounts import DEFAULT
from simulators.answering import desks_of
from simulators.desk import Surroundings
from simulators.errors import SimulatorsError
from simulators.gateways.gateway import Wish
from simulators.merchant.played import polling, purchase
from simulators.merchant.played.backend import Shops
from simulators.merchant.played.catalogue import Item
from simulators.merchant.played.lifecycle import TAKEN, OrderState
from simulators.merchant.played.model import ShopOrder
from simulators.merchant.played.purchase import NoSession, Wanted
from simulators.merchant.played.shop import PlayedShop
from simulators.merchant.standing import Standing
from simulators.merchant.words import Words, words_of_none, words_of_state

LINES_MAX: Final = 100
_ACTS: Final = {
    "pay": "Pay in a new session",
    "cancel": "Cancel the order",
    "tell": "Let the gateway tell the shop again",
}
_UNPAID: Final = frozenset({OrderState.PENDING, OrderState.FAILED, OrderState.CANCELLED})


class CannotBuy(Exception):
    """What was asked for did not work; the text is for the shopper."""


@dataclass(frozen=True, slots=True)
class Line:
    """An order in the list of orders. `path` is its page, `way` who takes the money for it."""

    at: datetime
    path: str
    way: str
    id: str
    item: str
    amount: str
    words: Words


class Purchases:
    """The orders of the played shop, as its shoppers see them."""

    def __init__(self, surroundings: Surroundings, shops: Shops) -> None:
        self._around = surroundings
        self._shops = shops

    @property
    def shop(self) -> PlayedShop:
        """The shop behind the pages."""
        return self._shops.of(self._around.accounts.get(DEFAULT))

    def switch(self, flaws: Iterable[str]) -> None:
        """Give the shop these flaws and no others."""
        self._shops.set(self.shop.floor.account, flaws=flaws, settings=None)

    async def buy(self, item: Item) -> str:
        """Return where the shopper pays. Raises `CannotBuy`."""
        try:
            return (await purchase.place(self.shop, Wanted(item.key))).checkout_url
        except (NoSession, SimulatorsError) as wrong:
            raise CannotBuy(f"The payment could not be started: {wrong}.") from wrong

    def list_lines(self) -> list[Line]:
        """Return the newest orders, oldest first."""
        return [
            Line(
                at=one.at,
                path=f"/purchases/{one.id}",
                way="the shop itself",
                id=one.id,
                item=one.item,
                amount=f"{one.price} {one.price.currency}",
                words=words_of_state(one.state.value),
            )
            for one in list(self.shop.rows.orders.values())[-LINES_MAX:]
        ]

    def look(self, order_id: str) -> Standing:
        """Return where an order stands."""
        order = self.shop.rows.orders.get(order_id)
        if order is None:
            return Standing(words_of_none())
        acts = tuple(self._acts(order))
        return Standing(words_of_state(order.state.value), tuple(self._facts(order)), acts)

    def _facts(self, order: ShopOrder) -> Iterable[tuple[str, str]]:
        yield "Amount", f"{order.price} {order.price.currency}"
        yield "Order", order.id
        yield "Item", order.item
        yield "For", f"{order.shopper['name']}, {order.shopper['city']}"
        effects = self.shop.floor.account.effects.all()
        keys = [one.licence for one in effects if one.order == order.id and one.done]
        yield "Delivered", f"{len(keys)} × {order.item}" if keys else "nothing yet"
        for number, key in enumerate(keys, 1):
            yield f"Key {number}", key
        if order.refunds:
            yield "Going back", f"{len(order.refunds)} refund{'s' if len(order.refunds) > 1 else ''}"

    def _acts(self, order: ShopOrder) -> Iterable[tuple[str, str]]:
        """Yield what can be done with an order now, with its words."""
        possible = {
            "pay": order.state in _UNPAID,
            "cancel": order.state is OrderState.PENDING,
            "tell": any(payment.state in TAKEN for payment in order.payments),
        }
        return ((act, words) for act, words in _ACTS.items() if possible[act])

    async def act(self, order_id: str, act: str) -> str:
        """Do it, and return where the browser goes on. Raises `CannotBuy`, `Unknown`."""
        order = self.shop.rows.orders.get(order_id)
        if order is None or act not in dict(self._acts(order)):
            raise CannotBuy("That is not possible any more.")
        try:
            if act == "pay":
                return (await purchase.pay_again(self.shop, order)).checkout_url
            if act == "cancel":
                await polling.cancel(self.shop, order)
            if act == "tell":
                self._tell_again(order)
        except (NoSession, SimulatorsError) as wrong:
            raise CannotBuy(f"That did not work: {wrong}.") from wrong
        return f"/purchases/{order.id}"

    def _tell_again(self, order: ShopOrder) -> None:
        paid = next(payment for payment in order.payments if payment.state in TAKEN)
        name, accounts = self.shop.floor.adapter.name, self._around.accounts
        gateway = accounts.gateway(name)
        desk = desks_of(self.shop.floor.account, {name: gateway}, self._around)[name]
        gateway.trigger(desk, Wish(gateway.events[0], paid.reference))
