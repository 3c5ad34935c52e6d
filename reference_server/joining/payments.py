"""Joins what merchants ask of the payments API about orders and payments."""

from collections.abc import Awaitable, Callable, Mapping

from contracts.binding import Answer, Call
from reference_server.apis.payments.orders import Orders
from reference_server.apis.payments.payments import Payments, PaymentTerms
from reference_server.joining.parts import Parts
from reference_server.payments.acquiring import Acquiring


def join_payments(parts: Parts) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
    """Return those operations with what answers them."""
    database, clock, sandbox = parts.database, parts.clock, parts.sandbox
    acquiring = Acquiring(database, clock, acquirer=sandbox, rules=parts.rules)
    terms = PaymentTerms(sandbox.name, sandbox, parts.chance, parts.rules)
    payments = Payments(database, clock, idempotency=parts.idempotency, acquiring=acquiring, terms=terms)
    orders = Orders(database, clock, idempotency=parts.idempotency, chance=parts.chance)
    return {**orders.handlers(), **payments.handlers()}
