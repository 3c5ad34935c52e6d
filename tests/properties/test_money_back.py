"""Two sessions of one order, told anything in any order, with units that die half way: no money goes astray."""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlmodel import Session, select

from reference_server.changes import Occasion
from reference_server.database import Database
from reference_server.errors import ConflictError
from reference_server.fulfilment.apply import apply_fulfilment_event
from reference_server.fulfilment.decide import DeliveryDecision, decide_delivery
from reference_server.fulfilment.lifecycle import FulfilmentEvent, FulfilmentState, fulfilment_takes
from reference_server.fulfilment.store import find_fulfilment
from reference_server.gateways.gateway import GatewayReport, GatewayWord, OpenedSession
from reference_server.ids import AttemptId, MerchantId, OrderId, PaymentId, SessionId
from reference_server.jobs.model import Job
from reference_server.merchants.model import GatewayAccount, Merchant
from reference_server.merchants.store import add_merchant
from reference_server.money import Money
from reference_server.orders.store import get_order
from reference_server.payments.apply import Rules, apply_event, apply_report
from reference_server.payments.judgement import LateCapture
from reference_server.payments.lifecycle import PaymentEvent, has_ended_without_money
from reference_server.payments.opening import Ids, NewPayment, open_payment, record_opened
from reference_server.payments.review import Decision, decide_payment
from reference_server.payments.store import get_payment, list_attempts, lock_payments
from reference_server.refunds.apply import apply_refund_event
from reference_server.refunds.lifecycle import RefundEvent, RefundState, binds_money, refund_takes
from reference_server.refunds.model import Refund
from reference_server.refunds.request import AskedRefund, request_refund
from reference_server.refunds.store import list_refunds, list_refunds_of_attempt
from tests.counts import large
from tests.reference_server.engine import placed_url

AT = datetime(2030, 1, 1, tzinfo=UTC)
ORDER = OrderId("ord_1")
PAYMENTS = (PaymentId("pay_1"), PaymentId("pay_2"))
SUM = Money(10_000, "BDT")
MONEY = st.sampled_from([SUM, SUM, SUM, Money(9_999, "BDT"), Money(10_000, "USD")])


class Died(Exception):
    """The process ends in the middle of a unit."""


class MoneyBack(RuleBasedStateMachine):
    """What came, what is kept and what goes back, after whatever sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.ends = ExitStack()
        self.database = Database(placed_url("sqlite://", until=self.ends), inline=lambda: True)
        self.database.open()
        self.drawn = count(1)

    @initialize(policy=st.sampled_from(LateCapture))
    def open(self, policy: LateCapture) -> None:
        self.terms = Rules(policy, timedelta(hours=72), lambda: AttemptId(f"att_{next(self.drawn)}"))
        self.database.run_now(_open)

    @rule(
        payment_id=st.sampled_from(PAYMENTS),
        word=st.sampled_from(GatewayWord),
        val_id=st.sampled_from(["val1", "val2", "val3"]),
        money=MONEY,
        tag=st.sampled_from(["", "ses_1", "ses_2"]),
    )
    def tell(self, payment_id: PaymentId, word: GatewayWord, val_id: str, money: Money, tag: str) -> None:
        settled = Money(money.amount_minor * 121 + 7, "BDT") if money.currency == "USD" else money
        has_money = word in {GatewayWord.CAPTURED, GatewayWord.HELD}
        report = GatewayReport(
            word, "T1", val_id if has_money else "", (money,) if has_money else (), AT, reason="", evidence="{}",
            settled=settled, money_reference=f"bank-{val_id}", tag=tag,
        )  # fmt: skip
        self._run(lambda session: apply_report(session, payment_id, report, rules=self.terms, occasion=_told()))

    @rule(payment_id=st.sampled_from(PAYMENTS), event=st.sampled_from([PaymentEvent.EXPIRED, PaymentEvent.HOLD_LAPSED]))
    def time_passes(self, payment_id: PaymentId, event: PaymentEvent) -> None:
        self._run(lambda session: apply_event(session, payment_id, event, rules=self.terms, occasion=_told()))

    @rule(payment_id=st.sampled_from(PAYMENTS), decision=st.sampled_from(Decision))
    def decide(self, payment_id: PaymentId, decision: Decision) -> None:
        self._run(lambda session: decide_payment(session, payment_id, decision, rules=self.terms, occasion=_told()))

    @rule(
        payment_id=st.sampled_from(PAYMENTS),
        amount=st.sampled_from([None, 1, 2_000, 6_000, 10_000, 10_001]),
        reference=st.sampled_from(["", "", "a", "b"]),
    )
    def ask_for_money(self, payment_id: PaymentId, amount: int | None, reference: str) -> None:
        asked = AskedRefund(amount, "why not", reference)
        self._run(lambda session: request_refund(session, payment_id, asked, at=AT))

    @rule(decision=st.sampled_from(DeliveryDecision))
    def decide_on_the_delivery(self, decision: DeliveryDecision) -> None:
        self._run(lambda session: decide_delivery(session, get_order(session, ORDER), decision, occasion=_told()))

    @rule(event=st.sampled_from([FulfilmentEvent.DELIVERED, FulfilmentEvent.CALL_FAILED, FulfilmentEvent.EXHAUSTED]))
    def call_for_the_delivery(self, event: FulfilmentEvent) -> None:
        def unit(session: Session) -> None:
            fulfilment = find_fulfilment(session, ORDER)
            if fulfilment is not None and fulfilment_takes(fulfilment.state, event):
                apply_fulfilment_event(session, fulfilment, event, order=get_order(session, ORDER), occasion=_told())

        self._run(unit)

    @rule(event=st.sampled_from([event for event in RefundEvent if event is not RefundEvent.ASKED_AGAIN]))
    def hear_of_a_refund(self, event: RefundEvent) -> None:
        def unit(session: Session) -> None:
            refunds = [one for one in session.exec(select(Refund)) if refund_takes(one.state, event)]
            for refund in refunds[:1]:
                apply_refund_event(session, refund, event, order=get_order(session, ORDER), occasion=_told())

        self._run(unit)

    @rule(payment_id=st.sampled_from(PAYMENTS), money=MONEY)
    def die_before_the_commit(self, payment_id: PaymentId, money: Money) -> None:
        """Everything that a unit did is undone with it."""
        report = GatewayReport(
            GatewayWord.CAPTURED, "T1", "val9", (money,), AT, reason="", evidence="{}", settled=money
        )  # fmt: skip

        def unit(session: Session) -> None:
            apply_report(session, payment_id, report, rules=self.terms, occasion=_told())
            raise Died

        before = self.database.read_now(_sums)
        with suppress(Died):
            self.database.run_now(unit)
        assert self.database.read_now(_sums) == before

    @invariant()
    def what_goes_back_never_exceeds_what_came(self) -> None:
        self.database.read_now(_check_attempts)

    @invariant()
    def nothing_is_kept_that_no_delivery_stands_for(self) -> None:
        self.database.read_now(_check_kept)

    def teardown(self) -> None:
        self.database.close()
        self.ends.close()

    def _run(self, unit: Callable[[Session], object]) -> None:
        with suppress(ConflictError):
            self.database.run_now(unit)


def _told() -> Occasion:
    return Occasion(AT, "told")


def _open(session: Session) -> None:
    merchant = Merchant(
        id=MerchantId("mer"), name="m", api_key="k", api_secret_digest="d", frontend_url="f", provisioning_url="http://p",
    )  # fmt: skip
    account = GatewayAccount(merchant_id=merchant.id, gateway="sslcommerz", credentials={}, base_url="b")
    add_merchant(session, merchant, account)
    for place, payment_id in enumerate(PAYMENTS, 1):
        ids = Ids(ORDER, payment_id, AttemptId(f"att_o{place}"), SessionId(f"ses_{place}"), f"trk_{place}")
        new = NewPayment(MerchantId("mer"), "sslcommerz", "T1", SUM, shopper={}, ids=ids)
        open_payment(session, new, now=AT, life=timedelta(minutes=15))
        record_opened(session, payment_id, OpenedSession(f"KEY{place}", "http://sslcommerz.test/page"))


def _sums(session: Session) -> list[object]:
    payments = [(one.state, one.captured_minor, one.paid_by) for one in lock_payments(session, ORDER)]
    return [*payments, len(session.exec(select(Refund)).all()), len(session.exec(select(Job)).all())]


def _check_attempts(session: Session) -> None:
    for payment_id in PAYMENTS:
        payment, attempts = get_payment(session, payment_id), list_attempts(session, payment_id)
        counted = [one for one in attempts if one.is_counted and one.taken_currency == SUM.currency]
        assert payment.captured_minor == sum(one.taken_minor for one in counted)
        for attempt in attempts:
            refunds = list_refunds_of_attempt(session, attempt.id)
            bound = [one for one in refunds if binds_money(one.state)]
            back, settled = sum(one.amount_minor for one in bound), sum(one.settled_minor for one in bound)
            assert back <= attempt.taken_minor
            assert settled <= attempt.settled_minor
            assert (back == attempt.taken_minor) <= (settled == attempt.settled_minor)
            assert len({one.gateway_key for one in refunds}) == len(refunds)
            _check_jobs(session, refunds)


def _check_jobs(session: Session, refunds: list[Refund]) -> None:
    """A refund that is under way is somebody's duty, else nobody would ever end it."""
    owed = {job.about for job in session.exec(select(Job)) if job.name in {"send_refund", "follow_refund"}}
    assert {one.id for one in refunds if one.state is RefundState.PENDING} <= owed


def _check_kept(session: Session) -> None:
    fulfilment = find_fulfilment(session, ORDER)
    keepers = 0
    for payment in lock_payments(session, ORDER):
        refunds = list_refunds(session, payment.id)
        bound = sum(one.amount_minor for one in refunds if binds_money(one.state) and one.currency == SUM.currency)
        kept = payment.captured_minor - bound
        if any(one.state is RefundState.FAILED for one in refunds):
            continue
        if has_ended_without_money(payment.state):
            assert kept == 0, (payment, refunds)
        if fulfilment is not None and fulfilment.state is FulfilmentState.WAIVED:
            assert kept == 0, (payment, refunds)
        keepers += kept > 0
    assert keepers <= 1


TestMoneyBack = MoneyBack.TestCase
TestMoneyBack.settings = settings(max_examples=large(400), stateful_step_count=25)
