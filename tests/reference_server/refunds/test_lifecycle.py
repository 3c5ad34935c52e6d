"""The table of refunds, as a product owner reads it."""

import pytest

from reference_server.errors import LifecycleError
from reference_server.refunds.lifecycle import (
    TRANSITIONS,
    RefundEvent,
    RefundState,
    advance_refund,
    binds_money,
    refund_takes,
)

TABLE = {
    ("PENDING", "accepted"): "PENDING",
    ("PENDING", "refunded"): "PROCESSED",
    ("PENDING", "refused"): "FAILED",
    ("PENDING", "cancelled"): "FAILED",
    ("PENDING", "unresolved"): "NEEDS_REVIEW",
    ("NEEDS_REVIEW", "asked_again"): "PENDING",
}


@pytest.mark.parametrize("event", RefundEvent)
@pytest.mark.parametrize("state", RefundState)
def test_a_refund_moves_as_the_table_says_and_refuses_the_rest(state: RefundState, event: RefundEvent) -> None:
    expected = TABLE.get((state.value, event.value))
    assert refund_takes(state, event) == (expected is not None)
    if expected is None:
        with pytest.raises(LifecycleError, match=state.value):
            advance_refund(state, event)
    else:
        assert advance_refund(state, event) is RefundState(expected)


def test_only_a_refund_that_surely_failed_frees_its_money() -> None:
    assert {state.value for state in RefundState if not binds_money(state)} == {"FAILED"}
    assert set(TRANSITIONS) == set(RefundState)
