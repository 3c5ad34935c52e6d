"""The one door of change under any sequence of reports and timers: a Hypothesis machine with a model of money."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlmodel import Session

from reference_server import tables
from reference_server.audit import AuditLine, list_lines
from reference_server.changes import Occasion
from reference_server.control.orders import list_order_rows
from reference_server.database import Database
from reference_server.fulfilment.store import find_fulfilment
from reference_server.gateways.gateway import GatewayReport, GatewayWord
from reference_server.ids import AttemptId, MerchantId, OrderId, PaymentId, SessionId
from reference_server.merchants.model import GatewayAccount, Merchant
from reference_server.merchants.store import add_merchant
from reference_server.money import Money
from reference_server.payments.apply import Outcome, Rules, apply_event, apply_report
from reference_server.payments.attempts import AttemptState
from reference_server.payments.judgement import LateCapture
from reference_server.payments.lifecycle import PaymentEvent, PaymentState, takes
from reference_server.payments.opening import Ids, NewPayment, open_payment
from reference_server.payments.store import count_captured, get_payment, list_attempts
from reference_server.refunds.store import list_refunds
from tests.counts import large
from tests.reference_server.engine import placed_url

AT = datetime(2030, 1, 1, tzinfo=UTC)
SUM = Money(10_050, "BDT")
REFERENCES = ("GW1", "GW2")
PAYMENTS = tuple(PaymentId(f"pay_{reference}") for reference in REFERENCES)

reports = st.builds(
    GatewayReport,
    word=st.sampled_from(GatewayWord),
    reference=st.sampled_from(["", *REFERENCES]),
    gateway_reference=st.sampled_from(["", "val1", "val2", "val3"]),
    claims=st.sampled_from([(SUM,), (SUM, SUM), (Money(10_049, "BDT"),), (Money(10_050, "USD"),), ()]),
    captured_at=st.sampled_from([None, AT, AT + timedelta(days=1)]),
    reason=st.sampled_from(["", "Invalid expiration date"]),
    evidence=st.just("{}"),
    is_bound=st.booleans(),
)


class Payments(RuleBasedStateMachine):
    """Two orders of one merchant, told anything in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.ends = ExitStack()
        self.database = Database(placed_url("sqlite://", until=self.ends), inline=lambda: True)
        self.database.open()
        self.drawn = count(1)

    @initialize(policy=st.sampled_from(LateCapture))
    def open(self, policy: LateCapture) -> None:
        self.terms = Rules(policy, timedelta(hours=72), lambda: AttemptId(f"att_{next(self.drawn)}"))

        def unit(session: Session) -> None:
            merchant = Merchant(
                id=MerchantId("mer"), name="m", api_key="k", api_secret_digest="d", frontend_url="f",
                provisioning_url="http://p",
            )  # fmt: skip
            account = GatewayAccount(merchant_id=merchant.id, gateway="sslcommerz", credentials={}, base_url="b")
            add_merchant(session, merchant, account)
            for reference in REFERENCES:
                open_payment(session, self._new(reference), now=AT, life=timedelta(minutes=15))

        self.database.run_now(unit)

    def _new(self, reference: str) -> NewPayment:
        return NewPayment(
            merchant_id=MerchantId("mer"),
            gateway="sslcommerz",
            reference=reference,
            money=SUM,
            shopper={},
            ids=Ids(
                order=OrderId(f"ord_{reference}"),
                payment=PaymentId(f"pay_{reference}"),
                attempt=AttemptId(f"att_{reference}"),
                session=SessionId(f"ses_{reference}"),
                tracking_token=f"trk_{reference}",
            ),
        )

    @rule(payment_id=st.sampled_from(PAYMENTS), report=reports)
    def tell(self, payment_id: PaymentId, report: GatewayReport) -> None:
        """Tell it twice: the second time nothing may change."""
        before = self.look(payment_id)
        outcome = self._apply(payment_id, report)
        after = self.look(payment_id)
        assert (before["state"] != after["state"]) <= (outcome is Outcome.MOVED)
        assert self._apply(payment_id, report) is not Outcome.MOVED
        again = self.look(payment_id)
        assert (again["state"], again["captured_minor"]) == (after["state"], after["captured_minor"])

    @rule(payment_id=st.sampled_from(PAYMENTS), event=st.sampled_from(PaymentEvent))
    def time_passes(self, payment_id: PaymentId, event: PaymentEvent) -> None:
        if event not in {PaymentEvent.EXPIRED, PaymentEvent.HOLD_LAPSED, PaymentEvent.ATTEMPT_DECLINED}:
            return
        occasion = Occasion(AT, "a timer")
        before = PaymentState(str(self.look(payment_id)["state"]))
        outcome = self.database.run_now(
            lambda session: apply_event(session, payment_id, event, rules=self.terms, occasion=occasion)
        )
        assert (outcome is Outcome.MOVED) == takes(before, event)

    @invariant()
    def money_is_captured_only_when_proven_and_equal_and_the_trail_says_so(self) -> None:
        seen = [self.look(payment_id) for payment_id in PAYMENTS]
        for one in seen:
            is_captured = one["state"] == "CAPTURED"
            # What came beside the money that pays, or too late, is on its way back.
            assert one["captured_minor"] - one["going_back_minor"] == (SUM.amount_minor if is_captured else 0)
            assert (one["fulfilment"] is not None) == bool(one["paid_by"]) == is_captured
            assert int(one["captures"]) >= is_captured
            assert_leads_to(one["state"], one["trail"])
        # One val_id pays one order.
        assert len({one["paid_by"] for one in seen} - {""}) == sum(bool(one["paid_by"]) for one in seen)

    def teardown(self) -> None:
        self.database.close()
        self.ends.close()

    def _apply(self, payment_id: PaymentId, report: GatewayReport) -> Outcome:
        occasion = Occasion(AT, "told")
        return self.database.run_now(
            lambda session: apply_report(session, payment_id, report, rules=self.terms, occasion=occasion)
        )

    def look(self, payment_id: PaymentId) -> dict[str, Any]:
        def unit(session: Session) -> dict[str, Any]:
            payment = get_payment(session, payment_id)
            fulfilment = find_fulfilment(session, payment.order_id)
            return {
                "state": payment.state.value,
                "captured_minor": payment.captured_minor,
                "going_back_minor": sum(
                    one.amount_minor for one in list_refunds(session, payment_id) if one.currency == SUM.currency
                ),
                "paid_by": payment.paid_by,
                "fulfilment": None if fulfilment is None else fulfilment.state.value,
                "captures": count_captured(session, payment_id),
                "trail": list_lines(session, payment.order_id),
                "attempts": [attempt.state for attempt in list_attempts(session, payment_id)],
            }

        return self.database.read_now(unit)


def assert_leads_to(state: str, trail: list[AuditLine]) -> None:
    steps = [("", ""), *((line.before, line.after) for line in trail if line.resource == "payment")]
    assert all(step[1] == following[0] for step, following in pairwise(steps))
    assert steps[-1][1] == state


TestPayments = Payments.TestCase
TestPayments.settings = settings(max_examples=large(250), stateful_step_count=15)


def test_every_order_is_listed_with_its_trail_and_forgotten_on_reset() -> None:
    machine = Payments()
    machine.open(LateCapture.ACCEPT)
    listed = machine.database.read_now(lambda session: list_order_rows(session, "m", limit=9))
    assert [order["order"] for order in listed] == list(REFERENCES)
    machine.database.run_now(lambda session: tables.forget_orders(session, MerchantId("mer")))
    assert machine.database.read_now(lambda session: list_order_rows(session, None, limit=9)) == []
    machine.teardown()


def test_a_second_try_with_money_is_kept_beside_the_first() -> None:
    machine = Payments()
    machine.open(LateCapture.ACCEPT)
    for val_id in ("val1", "val2"):
        told = GatewayReport(GatewayWord.CAPTURED, "GW1", val_id, (SUM,), AT, reason="", evidence="{}")
        machine.tell(PAYMENTS[0], told)
    seen = machine.look(PAYMENTS[0])
    assert seen["attempts"] == [AttemptState.CAPTURED, AttemptState.CAPTURED]
    assert (seen["paid_by"], seen["captured_minor"]) == ("val1", 2 * SUM.amount_minor)
    assert seen["going_back_minor"] == SUM.amount_minor
    machine.teardown()


def test_an_answer_about_another_orders_money_takes_no_money_from_that_order() -> None:
    machine = Payments()
    machine.open(LateCapture.ACCEPT)
    told = GatewayReport(GatewayWord.CAPTURED, "GW2", "val1", (SUM,), AT, reason="", evidence="{}", is_bound=True)
    machine.tell(PAYMENTS[0], told)
    machine.tell(PAYMENTS[1], told)
    assert [machine.look(payment_id)["state"] for payment_id in PAYMENTS] == ["PENDING", "CAPTURED"]
    machine.teardown()
