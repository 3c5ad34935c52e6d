"""Joins what merchants ask of the payments API about orders and payments."""

from collections.abc import Awaitable, Callable, Mapping

from contracts.binding import Answer, Call
from reference_server.apis.payments.orders import Orders
from reference_server.apis.payments.payments import Payments, PaymentTerms
from reference_server.apis.payments.review import Review
from reference_server.joining.parts import Parts
from reference_server.payments.acquiring import Acquiring
from reference_server.payments.asked_first import AskedFirst
from reference_server.payments.reconcile import Reconciler


def join_payments(parts: Parts) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
    """Return those operations with what answers them."""
    database, clock, acquirer = parts.database, parts.clock, parts.acquirer
    acquiring = Acquiring(database, clock, acquirer=acquirer, rules=parts.rules)
    terms = PaymentTerms(acquirer.name, acquirer, parts.chance, parts.rules)
    payments = Payments(database, clock, idempotency=parts.idempotency, acquiring=acquiring, terms=terms)
    orders = Orders(database, clock, idempotency=parts.idempotency, chance=parts.chance)
    review = Review(
        database,
        clock,
        idempotency=parts.idempotency,
        rules=parts.rules,
        ask=(
            Reconciler(database, clock, registry=parts.registry, rules=parts.rules),
            AskedFirst(database, clock, acquiring=acquiring, rules=parts.rules),
        ),
    )
    return {**orders.handlers(), **payments.handlers(), **review.handlers()}
