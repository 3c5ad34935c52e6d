"""The tables of payment and payment attempt, as a product owner reads them."""

import pytest

from reference_server.errors import LifecycleError
from reference_server.payments.attempts import (
    TRANSITIONS as ATTEMPT_TRANSITIONS,
)
from reference_server.payments.attempts import (
    AttemptEvent,
    AttemptState,
    advance_attempt,
    attempt_takes,
)
from reference_server.payments.lifecycle import (
    TRANSITIONS,
    PaymentEvent,
    PaymentState,
    advance,
    has_ended_without_money,
    is_final,
    takes,
)

LATE = "authorized→AUTHORIZED held→HELD captured→CAPTURED unexplained→NEEDS_REVIEW"
PAYMENT = {
    "PENDING": "attempt_declined→PENDING authorized→AUTHORIZED held→HELD captured→CAPTURED failed→FAILED "
    "cancelled→CANCELLED expired→EXPIRED unexplained→NEEDS_REVIEW",
    "AUTHORIZED": "held→HELD captured→CAPTURED failed→FAILED cancelled→CANCELLED expired→EXPIRED "
    "unexplained→NEEDS_REVIEW",
    "HELD": "captured→CAPTURED failed→FAILED cancelled→CANCELLED hold_lapsed→NEEDS_REVIEW "
    "unexplained→NEEDS_REVIEW accepted→CAPTURED returned→FAILED",
    "CAPTURED": "",
    "FAILED": LATE,
    "CANCELLED": LATE,
    "EXPIRED": LATE,
    "NEEDS_REVIEW": "accepted→CAPTURED returned→FAILED",
}
ATTEMPT = {
    "STARTED": "authorized→AUTHORIZED held→HELD captured→CAPTURED declined→DECLINED abandoned→ABANDONED",
    "AUTHORIZED": "held→HELD captured→CAPTURED declined→DECLINED abandoned→ABANDONED",
    "HELD": "captured→CAPTURED declined→DECLINED",
    "CAPTURED": "",
    "DECLINED": "authorized→AUTHORIZED held→HELD captured→CAPTURED",
    "ABANDONED": "authorized→AUTHORIZED held→HELD captured→CAPTURED",
}


def rows(table: dict[str, str]) -> dict[tuple[str, str], str]:
    cells = [(state, *cell.split("→")) for state, row in table.items() for cell in row.split()]
    return {(state, event): after for state, event, after in cells}


@pytest.mark.parametrize("event", PaymentEvent)
@pytest.mark.parametrize("state", PaymentState)
def test_a_payment_moves_as_the_table_says_and_refuses_the_rest(state: PaymentState, event: PaymentEvent) -> None:
    expected = rows(PAYMENT).get((state.value, event.value))
    assert takes(state, event) == (expected is not None)
    if expected is None:
        with pytest.raises(LifecycleError, match=state.value):
            advance(state, event)
    else:
        assert advance(state, event) is PaymentState(expected)


@pytest.mark.parametrize("event", AttemptEvent)
@pytest.mark.parametrize("state", AttemptState)
def test_an_attempt_moves_as_the_table_says_and_refuses_the_rest(state: AttemptState, event: AttemptEvent) -> None:
    expected = rows(ATTEMPT).get((state.value, event.value))
    assert attempt_takes(state, event) == (expected is not None)
    if expected is None:
        with pytest.raises(LifecycleError, match=state.value):
            advance_attempt(state, event)
    else:
        assert advance_attempt(state, event) is AttemptState(expected)


def test_every_state_has_its_row() -> None:
    assert set(TRANSITIONS) == set(PaymentState)
    assert set(ATTEMPT_TRANSITIONS) == set(AttemptState)


def test_only_captured_is_final() -> None:
    assert [state for state in PaymentState if is_final(state)] == [PaymentState.CAPTURED]


def test_ends_without_money_are_the_three_that_late_news_moves() -> None:
    ends = {state.value for state in PaymentState if has_ended_without_money(state)}
    assert ends == {"FAILED", "CANCELLED", "EXPIRED"}
