"""Erasing the shopper of orders: at once in the rows, again when the last words about them have come, and in the file.

In the audit trail stands that it was done, and nothing of whom.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from reference_server import audit
from reference_server.changes import Change
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import NotReadyError
from reference_server.ids import MerchantId, OrderId
from reference_server.incarnation import note_knowledge
from reference_server.jobs import store as jobs
from reference_server.jobs.store import Claim, Duty
from reference_server.jobs.worker import Conclusion
from reference_server.orders.model import Order
from reference_server.privacy.fields import blank_row
from reference_server.privacy.store import blank_answers, list_rows, lock_unerased

ERASE_AGAIN = "erase_again"
SCRUB_STORE = "scrub_store"
# Behind the last delivery attempt of a webhook from before (2 h 36 min), and behind whatever was under way.
_AGAIN_AFTER = timedelta(hours=4)
# The file is written anew whole: once for all erasures of one minute.
_SCRUB_AFTER = timedelta(minutes=1)
# An order's rows are some dozens; nobody else writes meanwhile.
ORDERS_AT_ONCE = 50


def erase_orders(
    session: Session, merchant_id: MerchantId, order_ids: Sequence[OrderId], *, at: datetime
) -> list[OrderId]:
    """Take the shopper out of those of the orders that still have one, and return which these were."""
    orders = lock_unerased(session, merchant_id, order_ids)
    if not orders:
        return []
    for order in orders:
        order.erased_at = at
        session.add(order)
        change = Change("order", order.reference, "", "", "erased", "erased at the merchant's word")
        audit.record(session, change, order_id=order.id, at=at)
        jobs.owe(session, Duty(ERASE_AGAIN, order.id, order.reference), due_at=at + _AGAIN_AFTER)
    session.flush()
    _blank(session, orders)
    jobs.owe(session, Duty(SCRUB_STORE, "store", ""), due_at=at + _SCRUB_AFTER)
    # Other processes have journals of their own.
    note_knowledge(session)
    return [order.id for order in orders]


def _blank(session: Session, orders: Sequence[Order]) -> int:
    rows = list_rows(session, [order.id for order in orders])
    changed = sum([blank_row(row) for found in rows.values() for row in found])
    payment_ids = [str(getattr(row, "id", "")) for row in rows["payments"]]
    return changed + blank_answers(session, orders, payment_ids=payment_ids)


class Eraser:
    """The functions of `erase_again` and `scrub_store`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def erase_again(self, claim: Claim) -> Conclusion:
        """Look whether something was told of an erased order that was under way when it was erased."""

        def conclude(session: Session) -> None:
            order = session.get(Order, claim.duty.about)
            if order is not None and _blank(session, [order]):
                jobs.owe(session, Duty(SCRUB_STORE, "store", ""), due_at=self._clock.now() + _SCRUB_AFTER)

        return conclude

    async def scrub_store(self, claim: Claim) -> Conclusion:
        """Leave no old bytes behind in the file of an embedded database."""
        again_at = self._clock.now() + _SCRUB_AFTER
        try:
            await self._database.scrub()
        except NotReadyError:
            # Somebody reads: the old pages are needed until that has ended.
            return lambda _: again_at
        return lambda _: None
