"""What a gateway's report means for one payment: a pure rule on values. Money counts only when equal."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from reference_server.gateways.gateway import GatewayReport, GatewayWord
from reference_server.money import Money
from reference_server.payments.attempts import AttemptEvent
from reference_server.payments.lifecycle import PaymentEvent, PaymentState, has_ended_without_money


class LateCapture(Enum):
    """What becomes of money that is proven after the payment had ended without it."""

    ACCEPT = "accept"
    REVIEW = "review"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Expected:
    """What was stored when the payment was made; a report is compared with nothing else."""

    reference: str
    money: Money
    expires_at: datetime
    # What the gateway was given along with the session.
    tag: str = ""
    # The part that we asked to capture, where it was one.
    to_capture: Money | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The events that a report amounts to, and why."""

    payment_event: PaymentEvent
    attempt_event: AttemptEvent
    cause: str
    # The money is late, and the policy says that late money is refunded: nothing else moves.
    goes_back: bool = False


@dataclass(frozen=True, slots=True)
class NothingFollows:
    """A report that moves nothing, and why. One of money belongs in the audit trail all the same."""

    cause: str
    is_of_money: bool = False
    # What the gateway says cannot be about this payment, though it was asked about nothing else: no answer at all.
    is_no_answer: bool = False


_EQUAL_MONEY = {PaymentEvent.CAPTURED, PaymentEvent.HELD, PaymentEvent.AUTHORIZED}
_ANOTHER_ORDER = "the gateway's answer is about another order"
_ENDS = {
    GatewayWord.FAILED: (PaymentEvent.FAILED, AttemptEvent.DECLINED),
    GatewayWord.CANCELLED: (PaymentEvent.CANCELLED, AttemptEvent.ABANDONED),
    GatewayWord.EXPIRED: (PaymentEvent.EXPIRED, AttemptEvent.ABANDONED),
}


def judge(report: GatewayReport, expected: Expected) -> Judgement | NothingFollows:
    """Compare the report with what was stored: order, then every sum and currency, in minor units."""
    if report.word in {GatewayWord.CAPTURED, GatewayWord.HELD, GatewayWord.AUTHORIZED}:
        return _judge_money(report, expected)
    if _is_of_another(report, expected):
        return NothingFollows(_ANOTHER_ORDER, is_no_answer=report.is_bound)
    if report.word in _ENDS:
        return Judgement(*_ENDS[report.word], report.reason or f"the gateway says {report.word.value}")
    return NothingFollows(f"the gateway says {report.word.value}")


def _judge_money(report: GatewayReport, expected: Expected) -> Judgement | NothingFollows:
    is_named = report.reference == expected.reference and bool(report.gateway_reference)
    if not is_named or _is_of_another(report, expected):
        return _judge_unmatched(report, expected)
    if report.word is GatewayWord.AUTHORIZED:
        return _judge_authorization(report, expected)
    wanted = expected.to_capture or expected.money
    if not report.claims or any(claim != wanted for claim in report.claims):
        return Judgement(PaymentEvent.UNEXPLAINED, AttemptEvent.CAPTURED, _tell_difference(report, expected))
    if report.word is GatewayWord.HELD:
        return Judgement(PaymentEvent.HELD, AttemptEvent.HELD, "paid, and the gateway says risky")
    return Judgement(PaymentEvent.CAPTURED, AttemptEvent.CAPTURED, "the gateway confirmed the money")


def _judge_authorization(report: GatewayReport, expected: Expected) -> Judgement:
    """End the payment over an authorization of another sum: nothing is captured of it, and what is held is released."""
    if report.claims and all(claim == expected.money for claim in report.claims):
        return Judgement(PaymentEvent.AUTHORIZED, AttemptEvent.AUTHORIZED, "the gateway holds the money")
    return Judgement(PaymentEvent.FAILED, AttemptEvent.AUTHORIZED, _tell_difference(report, expected))


def _judge_unmatched(report: GatewayReport, expected: Expected) -> Judgement | NothingFollows:
    """Keep the trace of money that is not named as this payment's.

    What somebody made us ask with a val_id of their own is most likely another order's money. What must be this
    payment's and is not named so is no answer: the gateway is asked again, and a person at the end (failure catalogue
    F02: unknown is not failed).
    """
    if _is_of_another(report, expected):
        return NothingFollows(_ANOTHER_ORDER, is_of_money=True, is_no_answer=report.is_bound)
    cause = "the gateway names no order, or no money, in its answer"
    must_be_ours = report.is_bound or report.reference == expected.reference
    return NothingFollows(cause, is_of_money=True, is_no_answer=must_be_ours)


def _is_of_another(report: GatewayReport, expected: Expected) -> bool:
    # An order id is unique with its merchant, and with one gateway account several merchants may sell: of a session
    # with another tag the money is another's, whatever its order is called there.
    return report.reference not in {"", expected.reference} or report.tag not in {"", expected.tag}


def judge_lateness(
    judgement: Judgement, state: PaymentState, *, report: GatewayReport, expected: Expected, policy: LateCapture
) -> Judgement:
    """Turn a late capture into a case for a person, or into a refund, where the policy says so.

    Money that was captured before our expiry is not late, whenever we hear of it: the gateway's capture time counts.
    """
    if judgement.payment_event not in _EQUAL_MONEY or not has_ended_without_money(state):
        return judgement
    was_in_time = report.captured_at is not None and report.captured_at <= expected.expires_at
    if policy is LateCapture.ACCEPT or (state is PaymentState.EXPIRED and was_in_time):
        return judgement
    cause = f"the money came after {state.value}"
    if policy is LateCapture.REFUND:
        return replace(judgement, cause=cause, goes_back=True)
    if judgement.payment_event is PaymentEvent.AUTHORIZED:
        # Nothing has moved: whoever would capture it decides.
        return judgement
    return replace(judgement, payment_event=PaymentEvent.UNEXPLAINED, cause=cause)


def _tell_difference(report: GatewayReport, expected: Expected) -> str:
    told = ", ".join(f"{claim.decimal_text} {claim.currency}" for claim in report.claims) or "no sum"
    asked = expected.to_capture if report.word is not GatewayWord.AUTHORIZED else None
    if asked is not None:
        return f"the gateway says {told}; asked to capture was {asked.decimal_text} {asked.currency}"
    return f"the gateway says {told}; the order is {expected.money.decimal_text} {expected.money.currency}"
