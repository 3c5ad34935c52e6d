"""The processing page: where a shopper who comes back sees the payment being checked, and then how it ended."""

from collections.abc import Awaitable, Callable, Mapping

from contracts.binding import Answer, Call
from reference_server import journal, pages
from reference_server.apis.hosted_page.shopper_words import words_for_shopper
from reference_server.apis.hosted_page.standing import read_standing
from reference_server.apis.hosted_page.words import word_refunds
from reference_server.database import Database
from reference_server.errors import MissingError
from reference_server.ids import SessionId
from reference_server.payments.lifecycle import PaymentState


class ProcessingPage:
    """The operations of the document that answer with pages."""

    def __init__(self, database: Database, page_server: pages.Pages) -> None:
        self._database = database
        self._pages = page_server

    def handlers(self) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
        """Return the operations with what answers them."""
        return {"showOrder": self.show_order, "readPageFile": self.read_page_file}

    async def show_order(self, call: Call) -> Answer:
        """Show how the order stands; an unknown one is a page too: a person reads it."""
        session_id = SessionId(call.path["sessionId"])
        try:
            standing = await self._database.read(lambda session: read_standing(session, session_id))
        except MissingError:
            return self._pages.render("no_such_order.html", {}, status=404)
        payment, order = standing.context.payment, standing.context.order
        journal.annotate(subject=order.reference, account=standing.context.merchant.name)
        refund, is_paid = word_refunds(standing.refunds), payment.state is PaymentState.CAPTURED
        words = words_for_shopper(standing.wording, refund, is_paid=is_paid)
        return self._pages.render("processing.html", {"words": words, "payment": payment, "order": order})

    async def read_page_file(self, call: Call) -> Answer:
        """Hand out a stylesheet or a module."""
        return self._pages.read(call.path["file"])
