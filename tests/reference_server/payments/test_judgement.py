"""What a report means: money counts only when order, sum and currency are the stored ones."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.gateways.gateway import GatewayReport, GatewayWord
from reference_server.money import EXPONENTS, Money
from reference_server.payments.judgement import Expected, Judgement, LateCapture, NothingFollows, judge, judge_lateness
from reference_server.payments.lifecycle import PaymentEvent, PaymentState
from reference_server.payments.reports import select_reports

AT = datetime(2030, 1, 1, tzinfo=UTC)
ORDER = Expected("GW1", Money(10_050, "BDT"), AT, "ses_1")


def report(
    word: GatewayWord = GatewayWord.CAPTURED,
    *claims: Money,
    reference: str = "GW1",
    gateway_reference: str = "val",
    captured_at: datetime | None = AT,
) -> GatewayReport:
    return GatewayReport(word, reference, gateway_reference, claims, captured_at, reason="", evidence="{}")


def bound(told: GatewayReport) -> GatewayReport:
    return replace(told, is_bound=True)


def tagged(told: GatewayReport, tag: str) -> GatewayReport:
    return replace(told, tag=tag)


def event_of(judgement: Judgement | NothingFollows) -> str:
    if isinstance(judgement, NothingFollows):
        return "no answer" if judgement.is_no_answer else ""
    return judgement.payment_event.value


@pytest.mark.parametrize(
    ("told", "event"),
    [
        (report(GatewayWord.CAPTURED, ORDER.money), "captured"),
        (report(GatewayWord.CAPTURED, ORDER.money, ORDER.money), "captured"),
        (report(GatewayWord.HELD, ORDER.money), "held"),
        (report(GatewayWord.CAPTURED), "unexplained"),
        (report(GatewayWord.CAPTURED, Money(10_049, "BDT")), "unexplained"),
        (report(GatewayWord.HELD, Money(10_051, "BDT")), "unexplained"),
        (report(GatewayWord.CAPTURED, ORDER.money, Money(1, "BDT")), "unexplained"),
        (report(GatewayWord.CAPTURED, Money(10_050, "INR")), "unexplained"),
        (report(GatewayWord.CAPTURED, ORDER.money, reference="GW2"), ""),
        (report(GatewayWord.CAPTURED, ORDER.money, reference=""), ""),
        (report(GatewayWord.CAPTURED, ORDER.money, gateway_reference=""), "no answer"),
        (bound(report(GatewayWord.CAPTURED, ORDER.money)), "captured"),
        (bound(report(GatewayWord.CAPTURED, ORDER.money, reference="GW2")), "no answer"),
        (bound(report(GatewayWord.HELD, ORDER.money, reference="")), "no answer"),
        (bound(report(GatewayWord.CAPTURED, ORDER.money, reference="", gateway_reference="")), "no answer"),
        (bound(report(GatewayWord.FAILED, reference="GW2")), "no answer"),
        (bound(report(GatewayWord.PENDING, reference="GW2")), "no answer"),
        (tagged(report(GatewayWord.CAPTURED, ORDER.money), "ses_1"), "captured"),
        (tagged(report(GatewayWord.CAPTURED, ORDER.money), "ses_2"), ""),
        (tagged(report(GatewayWord.HELD, ORDER.money), "ses_2"), ""),
        (tagged(report(GatewayWord.FAILED), "ses_2"), ""),
        (tagged(bound(report(GatewayWord.CAPTURED, ORDER.money)), "ses_2"), "no answer"),
        (report(GatewayWord.FAILED), "failed"),
        (report(GatewayWord.FAILED, reference=""), "failed"),
        (report(GatewayWord.FAILED, reference="GW2"), ""),
        (report(GatewayWord.CANCELLED), "cancelled"),
        (report(GatewayWord.EXPIRED), "expired"),
        (report(GatewayWord.PENDING), ""),
        (report(GatewayWord.UNKNOWN), ""),
    ],
)
def test_a_report_is_judged_by_what_was_stored(told: GatewayReport, event: str) -> None:
    assert event_of(judge(told, ORDER)) == event


@given(st.integers(1, 10**12), st.sampled_from(sorted(EXPONENTS)), st.lists(st.integers(0, 10**12), min_size=1))
def test_money_is_captured_exactly_when_every_claim_is_the_orders(minor: int, currency: str, told: list[int]) -> None:
    expected = Expected("GW1", Money(minor, currency), AT)
    claims = [Money(amount, currency) for amount in told]
    is_captured = event_of(judge(report(GatewayWord.CAPTURED, *claims), expected)) == "captured"
    assert is_captured == all(amount == minor for amount in told)


@pytest.mark.parametrize("state", PaymentState)
@pytest.mark.parametrize("policy", LateCapture)
@pytest.mark.parametrize("seconds", [-1, 0, 1, None])
def test_late_money_is_for_a_person_only_where_the_policy_says_so(
    state: PaymentState, policy: LateCapture, seconds: int | None
) -> None:
    captured_at = None if seconds is None else AT + timedelta(seconds=seconds)
    told = report(GatewayWord.CAPTURED, ORDER.money, captured_at=captured_at)
    judged = judge(told, ORDER)
    assert isinstance(judged, Judgement)
    judgement = judge_lateness(judged, state, report=told, expected=ORDER, policy=policy)
    in_time = seconds is not None and seconds <= 0
    is_for_a_person = policy is LateCapture.REVIEW and (
        state in {PaymentState.FAILED, PaymentState.CANCELLED} or (state is PaymentState.EXPIRED and not in_time)
    )
    assert judgement.payment_event is (PaymentEvent.UNEXPLAINED if is_for_a_person else PaymentEvent.CAPTURED)


@given(st.lists(st.sampled_from(GatewayWord), max_size=6))
def test_of_several_reports_money_counts_first_in_any_order(words: list[GatewayWord]) -> None:
    told = [report(word, captured_at=AT + timedelta(minutes=place)) for place, word in enumerate(words)]
    chosen = select_reports(told)
    assert chosen == select_reports(list(reversed(told)))
    money = [one for one in told if one.word in {GatewayWord.CAPTURED, GatewayWord.HELD}]
    if money:
        assert list(chosen) == money
    elif GatewayWord.PENDING in words:
        assert [one.word for one in chosen] == [GatewayWord.PENDING]
    else:
        assert list(chosen) == told[-1:]


PART = replace(ORDER, to_capture=Money(4_000, "BDT"))
AUTHORIZED = GatewayWord.AUTHORIZED


@pytest.mark.parametrize(
    ("told", "expected", "event"),
    [
        (report(AUTHORIZED, ORDER.money), ORDER, "authorized"),
        # What is authorized is the whole, however much of it is to be captured.
        (report(AUTHORIZED, ORDER.money), PART, "authorized"),
        (report(AUTHORIZED, Money(4_000, "BDT")), PART, "failed"),
        (report(AUTHORIZED, Money(10_049, "BDT")), ORDER, "failed"),
        (report(AUTHORIZED, Money(10_050, "USD")), ORDER, "failed"),
        (report(AUTHORIZED), ORDER, "failed"),
        (report(AUTHORIZED, ORDER.money, Money(1, "BDT")), ORDER, "failed"),
        (report(GatewayWord.CAPTURED, Money(4_000, "BDT")), PART, "captured"),
        (report(GatewayWord.CAPTURED, Money(4_001, "BDT")), PART, "unexplained"),
        (report(GatewayWord.CAPTURED, ORDER.money), PART, "unexplained"),
        (report(GatewayWord.CAPTURED, Money(4_000, "BDT")), ORDER, "unexplained"),
    ],
)
def test_an_authorization_is_of_the_whole_and_a_capture_of_what_was_asked(
    told: GatewayReport, expected: Expected, event: str
) -> None:
    judgement = judge(told, expected)
    assert isinstance(judgement, Judgement)
    assert judgement.payment_event.value == event
    if event == "unexplained" and expected is PART:
        assert "asked to capture was 40.00 BDT" in judgement.cause


@pytest.mark.parametrize("state", [PaymentState.FAILED, PaymentState.CANCELLED, PaymentState.EXPIRED])
@pytest.mark.parametrize(
    ("policy", "goes_back", "event"),
    [
        (LateCapture.ACCEPT, False, "authorized"),
        (LateCapture.REVIEW, False, "authorized"),
        (LateCapture.REFUND, True, "authorized"),
    ],
)
def test_a_late_authorization_is_released_only_where_late_money_goes_back(
    state: PaymentState, policy: LateCapture, goes_back: object, event: str
) -> None:
    told = replace(report(AUTHORIZED, ORDER.money), captured_at=None)
    judgement = judge(told, ORDER)
    assert isinstance(judgement, Judgement)
    late = judge_lateness(judgement, state, report=told, expected=ORDER, policy=policy)
    assert (late.goes_back, late.payment_event.value) == (goes_back, event)
