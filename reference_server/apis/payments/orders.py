"""Orders over the API: saying what is being bought, reading and listing it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from sqlmodel import Session

from contracts.binding import Answer, Call
from reference_server import journal
from reference_server.apis.door import authenticated_merchant
from reference_server.apis.payments.reading import (
    read_page,
    read_shopper,
    read_sum,
    refuse_card_numbers,
    refuse_cards_as_names,
)
from reference_server.apis.payments.rendering import note_subject, render_order
from reference_server.chance import Chance
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import MissingError
from reference_server.idempotency import Idempotency
from reference_server.ids import OrderId
from reference_server.models import CreateOrder, OrderList
from reference_server.orders.model import Order
from reference_server.orders.store import add_order, find_own, list_page


class Orders:
    """`handlers` joins the document's operations to these functions."""

    def __init__(self, database: Database, clock: Clock, *, idempotency: Idempotency, chance: Chance) -> None:
        self._database = database
        self._clock = clock
        self._idempotency = idempotency
        self._chance = chance

    def handlers(self) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
        """Return every operation of this part of the document with what answers it."""
        return {"createOrder": self.create_order, "listOrders": self.list_orders, "readOrder": self.read_order}

    async def create_order(self, call: Call) -> Answer:
        """Store it; without an id of the merchant's, it is called by ours."""
        merchant, body, now = authenticated_merchant(), cast("CreateOrder", call.body), self._clock.now()
        refuse_card_numbers(body, ("notes", "customer"))
        refuse_cards_as_names(body, ("receipt",))
        money = read_sum(body["amount"], body.get("currency"))
        order_id = OrderId(f"order_{self._chance.token(merchant.name, 'order', length=20)}")

        def create(session: Session) -> Answer:
            order = Order(
                id=order_id,
                merchant_id=merchant.id,
                reference=order_id,
                amount_minor=money.amount_minor,
                currency=money.currency,
                shopper=read_shopper(body.get("customer")),
                items=[],
                chassis_no="",
                product_key="",
                receipt=body.get("receipt", ""),
                notes=body.get("notes", {}),
                created_at=now,
            )
            add_order(session, order)
            return Answer.json(201, render_order(order))

        journal.annotate(subject=order_id)
        return note_subject(await self._idempotency.once(create))

    async def read_order(self, call: Call) -> Answer:
        """Tell one order, by our id of it or the merchant's; another merchant's is none."""
        name, merchant_id = str(call.path["orderId"]), authenticated_merchant().id
        order = await self._database.read(lambda session: find_own(session, merchant_id, name))
        if order is None:
            raise MissingError("there is no such order")
        journal.annotate(subject=order.reference)
        return Answer.json(200, render_order(order))

    async def list_orders(self, call: Call) -> Answer:
        """List the merchant's orders, newest first."""
        merchant_id, page, receipt = authenticated_merchant().id, read_page(call.query), call.query.get("receipt")

        def look(session: Session) -> OrderList:
            found, total = list_page(session, merchant_id, limit=page.limit, offset=page.offset, receipt=receipt)
            items = [render_order(order) for order in found]
            return {"items": items, "limit": page.limit, "offset": page.offset, "total": total}

        return Answer.json(200, await self._database.read(look))
