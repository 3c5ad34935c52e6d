"""Answers the played merchant's operations: its shop's, its notification and return addresses, its receiver."""

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any, Final

from contracts.binding import Answer, ASGIApp, Call, Document, NoAnswer, Operation, bind
from simulators.accounts import DEFAULT, Account
from simulators.answering import Proceed, answer_with_faults, name_of
from simulators.arrivals import current_arrival
from simulators.desk import Surroundings
from simulators.errors import NoSuchThing, NotPossible
from simulators.faults.fault import Target
from simulators.faults.rules import Occasion
from simulators.journal import Actor, Exchange, Kind
from simulators.merchant.played import polling, purchase, receiving, refunding
from simulators.merchant.played.backend import Shops
from simulators.merchant.played.catalogue import ITEMS
from simulators.merchant.played.model import ShopOrder
from simulators.merchant.played.purchase import NoSession, Wanted
from simulators.merchant.played.render import render_order, render_placed, render_refund
from simulators.merchant.played.seam import Posted, Unknown, Unreadable
from simulators.merchant.played.shop import PlayedShop, Restarted
from simulators.merchant.provisioning import NAME
from simulators.merchant.receiver import receive
from simulators.money import Money, MoneyError, parse_money
from simulators.paths import CONTRACTS
from simulators.problems import problem, refuse

DOCUMENT: Final = CONTRACTS / "merchant.yaml"
_KINDS: Final[Mapping[str, tuple[Kind, Actor]]] = {
    "takeNotification": (Kind.NOTIFICATION, Actor.GATEWAY),
    "receive": (Kind.NOTIFICATION, Actor.GATEWAY),
    "returnShopper": (Kind.RETURN, Actor.SHOPPER),
}
# The account and the shop of the call that the running task answers.
_AT_HAND: ContextVar[tuple[Account, PlayedShop]] = ContextVar("shop")
Operating = Callable[[PlayedShop, Call], Awaitable[Answer]]


def operation_names() -> tuple[str, ...]:
    """Return what fault rules may name."""
    return tuple(dict.fromkeys(name_of(operation) for operation in Document.load(DOCUMENT).operations))


class MerchantApi:
    """Answers for every account."""

    def __init__(self, surroundings: Surroundings, shops: Shops) -> None:
        self._accounts = surroundings.accounts
        self._shops = shops

    def build_app(self, *, check_answers: bool) -> ASGIApp:
        """Return the app."""
        handlers = {name: _worded(operating) for name, operating in _OPERATIONS.items()}
        handlers |= dict.fromkeys(("receive", "receiveGet"), _receive)
        document = Document.load(DOCUMENT)
        return bind(document, handlers, refuse=refuse, around=self._around, check_answers=check_answers)

    async def _around(self, call: Call, proceed: Proceed) -> Answer | NoAnswer:
        exchange = current_arrival().exchange
        name = _describe(exchange, call.operation)
        account = self._accounts.find(str(call.path["account"]))
        if account is None:
            return problem(404, "There is no such account", detail="the path begins with the account's name")
        current_arrival().claim(account)
        shop = self._shops.of(account)
        _AT_HAND.set((account, shop))
        exchange.subject = _subject_of(shop, call)
        occasion = Occasion(NAME, Target.ANSWER, name, exchange.subject, account.clock.now())
        return await answer_with_faults(account, occasion, call=call, work=proceed)


def _describe(exchange: Exchange, operation: Operation) -> str:
    name = name_of(operation)
    exchange.operation, exchange.receiver = name, Actor.MERCHANT
    exchange.kind, exchange.sender = _KINDS.get(name, (Kind.CALL, Actor.SHOPPER))
    return name


def _subject_of(shop: PlayedShop, call: Call) -> str | None:
    if "order" in call.path:
        return str(call.path["order"])
    posted = _posted(shop, call)
    claim = receiving.read_claim(shop, posted) if posted else None
    return claim.reference if claim else None


def _worded(operating: Operating) -> Callable[[Call], Awaitable[Answer | NoAnswer]]:
    async def answer(call: Call) -> Answer | NoAnswer:
        account, shop = _AT_HAND.get()
        try:
            return await operating(shop, call)
        except NoSuchThing as wrong:
            return problem(404, "There is no such thing", detail=str(wrong))
        except NotPossible as wrong:
            return problem(409, "That is not possible now", detail=str(wrong))
        except MoneyError as wrong:
            return problem(422, "That is no amount", detail=str(wrong))
        except NoSession as lost:
            return _problem_of(lost)
        except Unknown as lost:
            return problem(503, "The gateway cannot be asked", detail=f"{lost}; try again later")
        except Restarted as gone:
            return problem(503, "The shop was started again", detail=f"{account.name}: {gone}")

    return answer


def _problem_of(lost: NoSession) -> Answer:
    told = {"type": "about:blank", "title": "There is no session", "status": 502}
    body = Answer.json(502, told | {"detail": str(lost), "order": lost.order.id}).body
    return Answer(502, body, "application/problem+json")


async def _read_readiness(shop: PlayedShop, call: Call) -> Answer:
    if shop.decisions.is_ready():
        return Answer.json(200, {"ready": True})
    return Answer.json(503, {"ready": False, "because": "the shop does not have its gateway's secret"})


async def _read_catalogue(shop: PlayedShop, call: Call) -> Answer:
    items = [
        {
            "item": item.key,
            "name": item.name,
            "about": item.about,
            "price": str(item.price),
            "currency": item.price.currency,
        }
        for item in ITEMS.values()
    ]
    return Answer.json(200, {"items": items})


async def _list_orders(shop: PlayedShop, call: Call) -> Answer:
    return Answer.json(200, {"orders": [render_order(order) for order in shop.rows.orders.values()]})


async def _place_order(shop: PlayedShop, call: Call) -> Answer:
    asked: Mapping[str, Any] = call.body
    item = ITEMS.get(asked.get("item", "licence"))
    currency = asked.get("currency") or (item.price.currency if item else "BDT")
    price: Money | None = parse_money(asked["amount"], currency) if "amount" in asked else None
    wanted = Wanted(
        asked.get("item", "licence"),
        asked.get("quantity", 1),
        price,
        asked.get("note", ""),
        dict(asked.get("shopper", {})),
    )
    payment = await purchase.place(shop, wanted)
    return Answer.json(201, render_placed(shop.rows.order_of(payment), payment))


async def _read_order(shop: PlayedShop, call: Call) -> Answer:
    return Answer.json(200, render_order(_order_of(shop, call)))


async def _pay_again(shop: PlayedShop, call: Call) -> Answer:
    order = _order_of(shop, call)
    return Answer.json(201, render_placed(order, await purchase.pay_again(shop, order)))


async def _cancel_order(shop: PlayedShop, call: Call) -> Answer:
    order = _order_of(shop, call)
    await polling.cancel(shop, order)
    return Answer.json(200, render_order(order))


async def _refund_order(shop: PlayedShop, call: Call) -> Answer:
    order = _order_of(shop, call)
    amount = parse_money(call.body["amount"], order.price.currency)
    refund = refunding.ask_for(shop, order, amount=amount, key=call.body.get("key", ""))
    return Answer.json(202, render_refund(refund, order.price.currency))


async def _take_notification(shop: PlayedShop, call: Call) -> Answer:
    posted = _posted(shop, call)
    if posted is None:
        return problem(400, "This is no notification", detail="a form in UTF-8 is needed")
    reply = await receiving.take(shop, posted)
    current_arrival().exchange.add_note(reply.words)
    if reply.status < 300:
        return Answer.text(reply.status, reply.words)
    return problem(reply.status, "The notification was not taken", detail=reply.words)


async def _come_back(shop: PlayedShop, call: Call) -> Answer:
    posted = _posted(shop, call)
    order = await receiving.come_back(shop, str(call.path["kind"]), posted) if posted else ""
    base, account = shop.floor.address("merchant"), shop.floor.account.name
    if account == DEFAULT:
        return Answer.redirect(303, f"{base}/purchases/{order}" if order else f"{base}/")
    return Answer.redirect(303, f"{base}/{account}/shop/orders{f'/{order}' if order else ''}")


async def _receive(call: Call) -> Answer | NoAnswer:
    account, _ = _AT_HAND.get()
    return await receive(account, call)


def _posted(shop: PlayedShop, call: Call) -> Posted | None:
    raw = call.raw_body or call.raw_query
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in call.raw_headers}
    try:
        return shop.floor.adapter.read_form(raw, headers, media_type=headers.get("content-type", ""))
    except Unreadable:
        return None


def _order_of(shop: PlayedShop, call: Call) -> ShopOrder:
    order = shop.rows.orders.get(str(call.path["order"]))
    if order is None:
        raise NoSuchThing(f"the shop has no order {call.path['order']!r}")
    return order


_OPERATIONS: Final[Mapping[str, Operating]] = {
    "readReadiness": _read_readiness,
    "readCatalogue": _read_catalogue,
    "listShopOrders": _list_orders,
    "placeOrder": _place_order,
    "readShopOrder": _read_order,
    "payAgain": _pay_again,
    "cancelShopOrder": _cancel_order,
    "refundShopOrder": _refund_order,
    "takeNotification": _take_notification,
    "returnShopper": _come_back,
    "returnShopperPosted": _come_back,
}
