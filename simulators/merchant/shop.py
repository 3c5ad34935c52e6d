"""The demo shop's front: what it sells, who may take the money, and where each purchase stands, live."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from contracts.binding import Answer, ASGIApp, Call, Document, NoAnswer, bind
from simulators.accounts import DEFAULT
from simulators.answering import Proceed
from simulators.arrivals import current_arrival
from simulators.desk import Surroundings
from simulators.journal import Actor, Kind
from simulators.merchant.played.backend import Shops
from simulators.merchant.played.catalogue import ITEMS, make_up_shopper
from simulators.merchant.played.seam import Unknown
from simulators.merchant.purchases import LINES_MAX, CannotBuy, Purchases
from simulators.merchant.refusing import refuse_a_strangers_page, refuse_readably
from simulators.merchant.server_calls import ServerCalls
from simulators.merchant.standing import Standing
from simulators.merchant.through_server import ThroughServer
from simulators.pages import render_page

# Mistakes that show in a browser, with nothing but this shop's pages.
_SHOWN: Final[Mapping[str, str]] = {
    "fulfils_each_duplicate": "fulfils each duplicate: told twice of one payment, it delivers twice",
    "second_payment_delivers_again": "delivers again when an order is paid a second time",
    "second_payment_is_ignored": "keeps the money when an order is paid a second time",
    "cancel_return_ends_the_order": "believes a browser that comes back to say it cancelled",
    "store_amount_compared": "compares the sum less the gateway's fee with the price",
    "drops_empty_fields": "finds no genuine message genuine: it leaves out empty fields",
}
# What changes something for more than the one who asks; a page of somebody else's may not ask for it.
_GUARDED: Final = frozenset({"switchFlaws", "actOnPurchase"})
# Fetch Metadata: what browsers say of a request that our own page or the person made.
_OWN_SITES: Final = frozenset({"same-origin", "none"})


class Shop:
    """Answers the shop's operations. It belongs to the account `default`."""

    def __init__(self, surroundings: Surroundings, shops: Shops, calls: ServerCalls) -> None:
        self._accounts = surroundings.accounts
        self._server = ThroughServer(calls, account=lambda: surroundings.accounts.get(DEFAULT))
        self._own = Purchases(surroundings, shops)

    def build_app(self, *, check_answers: bool) -> ASGIApp:
        """Return the app."""
        document = Document.load(Path(__file__).with_name("shop.yaml"))
        handlers: Mapping[str, Callable[[Call], Awaitable[Answer]]] = {
            "showShop": self._show_shop,
            "buy": self._buy,
            "switchFlaws": self._switch_flaws,
            "showOrder": self._show_order,
            "readOrder": self._read_order,
            "listPurchases": self._list_purchases,
            "showPurchase": self._show_purchase,
            "readPurchase": self._read_purchase,
            "actOnPurchase": self._act_on_purchase,
        }
        return bind(document, handlers, refuse=refuse_readably, around=self._around, check_answers=check_answers)

    async def _around(self, call: Call, proceed: Proceed) -> Answer | NoAnswer:
        arrival = current_arrival()
        exchange = arrival.exchange
        exchange.operation, exchange.kind = call.operation.operation_id, Kind.PAGE
        exchange.sender, exchange.receiver = Actor.SHOPPER, Actor.MERCHANT
        arrival.claim(self._accounts.get(DEFAULT))
        if call.operation.operation_id in _GUARDED and not _is_own(call):
            return refuse_a_strangers_page()
        return await proceed()

    async def _show_shop(self, call: Call) -> Answer:
        return self._shop_page()

    async def _buy(self, call: Call) -> Answer:
        asked: Mapping[str, Any] = call.body or {}
        item = ITEMS.get(str(asked.get("item", "licence")))
        if item is None:
            return self._shop_page("The shop does not sell that.")
        try:
            if asked.get("way") == "shop":
                return Answer.redirect(303, await self._own.buy(item))
            shopper = make_up_shopper(self._own.shop.floor)
            return Answer.redirect(303, await self._server.buy(item, shopper))
        except CannotBuy as wrong:
            return self._shop_page(str(wrong))

    async def _switch_flaws(self, call: Call) -> Answer:
        asked: Mapping[str, Any] = call.body or {}
        self._own.switch(name for name in asked.get("flaw", []) if name in _SHOWN)
        return Answer.redirect(303, "/")

    def _shop_page(self, mishap: str = "") -> Answer:
        seeded = self._own.shop.flaws
        values = {"items": ITEMS.values(), "flaws": _SHOWN, "seeded": seeded, "problem": mishap}
        return render_page("shop_product.html", values)

    async def _show_order(self, call: Call) -> Answer:
        session = str(call.path["session"])
        standing = await self._server.look(session)
        return _order_page(standing, f"/orders/{quote(session, safe='')}")

    async def _read_order(self, call: Call) -> Answer:
        return Answer.json(200, (await self._server.look(str(call.path["session"]))).told)

    async def _list_purchases(self, call: Call) -> Answer:
        lines = [*self._own.list_lines(), *await self._server.list_lines()]
        newest_first = sorted(lines, key=lambda line: line.at, reverse=True)[:LINES_MAX]
        return render_page("shop_purchases.html", {"purchases": newest_first})

    async def _show_purchase(self, call: Call) -> Answer:
        order = str(call.path["order"])
        return _order_page(self._own.look(order), f"/purchases/{quote(order, safe='')}")

    async def _read_purchase(self, call: Call) -> Answer:
        return Answer.json(200, self._own.look(str(call.path["order"])).told)

    async def _act_on_purchase(self, call: Call) -> Answer:
        order, act = str(call.path["order"]), str(call.path["act"])
        try:
            return Answer.redirect(303, await self._own.act(order, act))
        except (CannotBuy, Unknown) as wrong:
            return _order_page(self._own.look(order), f"/purchases/{quote(order, safe='')}", mishap=str(wrong))


def _order_page(standing: Standing, url: str, *, mishap: str = "") -> Answer:
    values = {"url": url, "standing": standing, "problem": mishap}
    return render_page("shop_order.html", values)


def _is_own(call: Call) -> bool:
    told = [value.decode("latin-1") for name, value in call.raw_headers if name.lower() == b"sec-fetch-site"]
    return all(value in _OWN_SITES for value in told)
