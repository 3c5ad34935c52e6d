"""Whose money goes back where several sums came: the one that paid first, then those whose own return had failed."""

from collections.abc import Generator
from contextlib import contextmanager

import pytest
from sqlmodel import Session

from reference_server.changes import Occasion
from reference_server.errors import ConflictError
from reference_server.gateways.gateway import GatewayReport, GatewayWord
from reference_server.ids import PaymentId
from reference_server.money import Money
from reference_server.orders.store import get_order
from reference_server.payments.judgement import LateCapture
from reference_server.payments.store import list_attempts
from reference_server.refunds.apply import apply_refund_event
from reference_server.refunds.lifecycle import RefundEvent
from reference_server.refunds.request import AskedRefund, request_refund
from reference_server.refunds.store import list_refunds
from tests.reference_server.payments.test_apply import AT, PAYMENTS, SUM, Payments

PAYMENT = PAYMENTS[0]


@contextmanager
def paid_beside(other: Money) -> Generator[Payments]:
    """Return a payment that `first` pays, beside `second`, which the gateway would not take back."""
    machine = Payments()
    machine.open(LateCapture.ACCEPT)
    try:
        for name, came in (("first", SUM), ("second", other)):
            told = GatewayReport(GatewayWord.CAPTURED, "GW1", name, (came,), AT, reason="", evidence="{}")
            machine.tell(PAYMENT, told)
        machine.database.run_now(refuse_return)
        yield machine
    finally:
        machine.teardown()


def refuse_return(session: Session) -> None:
    (refund,) = list_refunds(session, PAYMENT)
    order = get_order(session, refund.order_id)
    apply_refund_event(session, refund, RefundEvent.REFUSED, order=order, occasion=Occasion(AT, "the gateway says no"))


def ask(machine: Payments, amount_minor: int | None = None) -> tuple[str, int]:
    """Ask for money back and return whose it is, and how much."""

    def unit(session: Session) -> tuple[str, int]:
        refund = request_refund(session, PaymentId(PAYMENT), AskedRefund(amount_minor, "asked", ""), at=AT)
        names = {attempt.id: str(attempt.gateway_reference) for attempt in list_attempts(session, PAYMENT)}
        return names[refund.attempt_id], refund.amount_minor

    return machine.database.run_now(unit)


@pytest.mark.parametrize("parts", [(), (5_000,), (10_049,)])
def test_the_money_that_paid_goes_back_to_the_last_unit_before_any_other(parts: tuple[int, ...]) -> None:
    with paid_beside(SUM) as machine:
        assert [ask(machine, part) for part in parts] == [("first", part) for part in parts]
        assert ask(machine) == ("first", SUM.amount_minor - sum(parts))
        assert ask(machine) == ("second", SUM.amount_minor)
        with pytest.raises(ConflictError, match="given back already"):
            ask(machine)


def test_a_sum_that_is_left_of_another_money_alone_is_given_back_of_that() -> None:
    with paid_beside(Money(20_000, "BDT")) as machine:
        assert ask(machine, 15_000) == ("second", 15_000)
        with pytest.raises(ConflictError, match=r"100\.50 BDT can still be given back"):
            ask(machine, 10_051)


def test_a_sum_of_the_orders_currency_is_never_taken_of_another() -> None:
    with paid_beside(Money(99_999, "USD")) as machine:
        with pytest.raises(ConflictError, match=r"100\.50 BDT can still be given back"):
            ask(machine, 10_051)
        assert ask(machine) == ("first", SUM.amount_minor)
        assert ask(machine) == ("second", 99_999)
