"""What the one door of change writes down and owes besides the state that it brings about."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from reference_server.audit import AuditLine
from reference_server.changes import Occasion
from reference_server.gateways.gateway import Decline, GatewayReport, GatewayWord
from reference_server.payments.apply import apply_report
from reference_server.payments.attempts import AttemptState
from reference_server.payments.judgement import LateCapture
from reference_server.payments.lifecycle import PaymentEvent, PaymentState
from reference_server.payments.store import get_payment
from tests.reference_server.apis.payments.shop import created, get, sandbox_says
from tests.reference_server.booked import BookedAcquirer
from tests.reference_server.payments.test_apply import AT, PAYMENTS, SUM, Payments
from tests.reference_server.stage import staged

PAYMENT = PAYMENTS[0]
PAID = GatewayReport(GatewayWord.CAPTURED, "GW1", "val1", (SUM,), AT, reason="", evidence="{}")
FAILED = replace(PAID, word=GatewayWord.FAILED, claims=(), gateway_reference="")


@contextmanager
def opened() -> Generator[Payments]:
    """Return two payments that wait for their money."""
    machine = Payments()
    machine.open(LateCapture.ACCEPT)
    try:
        yield machine
    finally:
        machine.teardown()


def refusals(machine: Payments) -> list[AuditLine]:
    """Return what was told and moved nothing."""
    trail: list[AuditLine] = machine.look(PAYMENT)["trail"]
    return [line for line in trail if line.resource == "payment" and line.cause.startswith("refused")]


@pytest.mark.parametrize("word", [GatewayWord.CAPTURED, GatewayWord.HELD, GatewayWord.FAILED, GatewayWord.CANCELLED])
def test_of_money_that_paid_only_what_contradicts_it_is_noted(word: GatewayWord) -> None:
    with opened() as machine:
        machine.tell(PAYMENT, PAID)
        machine.tell(PAYMENT, replace(PAID, word=word))
        assert bool(refusals(machine)) is (word in {GatewayWord.FAILED, GatewayWord.CANCELLED})
        assert all(line.cause.startswith("refused, paid already") for line in refusals(machine))


@pytest.mark.parametrize(("word", "noted"), [(GatewayWord.FAILED, []), (GatewayWord.CANCELLED, ["cancelled"] * 2)])
def test_of_a_payment_that_ended_only_another_end_is_noted(word: GatewayWord, noted: list[str]) -> None:
    with opened() as machine:
        machine.tell(PAYMENT, FAILED)
        machine.tell(PAYMENT, replace(FAILED, word=word))
        assert [line.event for line in refusals(machine)] == noted


def test_money_without_a_name_leaves_a_trace_and_moves_nothing() -> None:
    with opened() as machine:
        machine.tell(PAYMENT, replace(PAID, gateway_reference=""))
        assert [line.event for line in refusals(machine)] == ["captured"] * 2
        assert machine.look(PAYMENT)["state"] == "PENDING"


def test_a_payment_tells_when_it_moved_last() -> None:
    later = AT + timedelta(minutes=1)
    with opened() as machine:
        told = Occasion(later, "told")
        machine.database.run_now(
            lambda session: apply_report(session, PAYMENT, PAID, rules=machine.terms, occasion=told)
        )
        assert machine.database.read_now(lambda session: get_payment(session, PAYMENT).updated_at) == later


@pytest.mark.parametrize("reason", ["Invalid expiration date", ""])
def test_the_trail_of_a_try_gives_the_gateways_reason_and_else_who_asked(reason: str) -> None:
    with opened() as machine:
        machine.tell(PAYMENT, replace(FAILED, gateway_reference="val1", reason=reason))
        trail: list[AuditLine] = machine.look(PAYMENT)["trail"]
        (line,) = [line for line in trail if line.resource == "attempt" and line.event == "declined"]
        assert line.cause == (reason or "told")


def test_a_try_that_the_gateway_never_named_is_abandoned_with_its_payment() -> None:
    with opened() as machine:
        machine.time_passes(PAYMENT, PaymentEvent.EXPIRED)
        assert machine.look(PAYMENT)["attempts"] == [AttemptState.ABANDONED]


def test_a_decline_that_passes_ends_the_payment_where_no_further_try_is_granted() -> None:
    with opened() as machine:
        passing = Decline("insufficient_funds", "not now", is_passing=True)
        machine.tell(PAYMENT, replace(FAILED, decline=passing))
        assert machine.look(PAYMENT)["state"] == PaymentState.FAILED.value


@pytest.mark.parametrize("tries", [0, 2])
async def test_no_more_further_tries_are_made_than_the_settings_grant(tries: int) -> None:
    book = BookedAcquirer(declines_pass=True)
    book.script["authorize"] = ["declined"] * 9
    async with staged(sandbox_says(retry_failed_payments=tries), acquirer=book) as stage:
        payment_id = await created(stage)
        await stage.advance(days=4)
        assert (await get(stage, f"/payments/{payment_id}"))["state"] == "FAILED"
        assert book.calls["authorize"] == 1 + tries


async def test_nothing_is_owed_for_a_payment_that_is_paid_and_delivered() -> None:
    async with staged() as stage:
        await stage.paid()
        assert stage.server.timekeeper.next_due() is None
