"""A person's word on a payment in review, over the API. What follows from it is `payments/review.py`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from sqlmodel import Session

from contracts.binding import Answer, Call
from reference_server.apis.door import authenticated_merchant
from reference_server.apis.payments.payments import tell_payment
from reference_server.apis.payments.reading import refuse_card_numbers
from reference_server.apis.payments.rendering import note_subject, render_payment
from reference_server.changes import Occasion
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.idempotency import Begun, Conclusion, Idempotency
from reference_server.ids import PaymentId
from reference_server.models import DecidePayment
from reference_server.payments.apply import Rules
from reference_server.payments.asked_first import AskedFirst
from reference_server.payments.reconcile import Reconciler
from reference_server.payments.review import Decision, decide_payment, require_in_review, word_decision
from reference_server.payments.store import get_own, get_payment


class Review:
    """`handlers` joins the document's operation to its function.

    `reconciler` asks about payments on a gateway's page, `asked_first` about those that we bring to an acquirer.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        idempotency: Idempotency,
        rules: Rules,
        ask: tuple[Reconciler, AskedFirst],
    ) -> None:
        self._database = database
        self._clock = clock
        self._idempotency = idempotency
        self._rules = rules
        self._reconciler, self._asked_first = ask

    def handlers(self) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
        """Return every operation of this part of the document with what answers it."""
        return {"reviewPayment": self.review_payment}

    async def review_payment(self, call: Call) -> Answer:
        """Ask the gateway first: it may know of the money by now. Then the person's word counts."""
        payment_id, merchant = PaymentId(call.path["paymentId"]), authenticated_merchant()
        body = cast("DecidePayment", call.body)
        refuse_card_numbers(body, ("note",))
        decision, cause = Decision(body["decision"]), word_decision(body["decision"], body.get("note"))

        def begin(session: Session) -> str:
            payment = get_own(session, merchant.id, payment_id, lock=True)
            # Asked about one that is under way, an acquirer would close it.
            require_in_review(payment)
            return payment.id

        async def go_on(begun: Begun) -> Conclusion:
            await self._ask(PaymentId(begun.point), decision)
            return decide

        def decide(session: Session) -> Answer:
            occasion = Occasion(self._clock.now(), cause)
            decide_payment(session, payment_id, decision, rules=self._rules, occasion=occasion)
            return Answer.json(200, render_payment(tell_payment(session, get_payment(session, payment_id))))

        return note_subject(await self._idempotency.spanning(begin, go_on))

    async def _ask(self, payment_id: PaymentId, decision: Decision) -> None:
        payment = await self._database.read(lambda session: get_payment(session, payment_id))
        if payment.session_id:
            await self._reconciler.ask_before_decision(payment_id)
        else:
            await self._asked_first.ask(payment_id, decision)
