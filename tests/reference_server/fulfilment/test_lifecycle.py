"""The table of fulfilment, as a product owner reads it."""

import pytest

from reference_server.errors import LifecycleError
from reference_server.fulfilment.lifecycle import (
    TRANSITIONS,
    FulfilmentEvent,
    FulfilmentState,
    advance_fulfilment,
    fulfilment_takes,
    is_still_owed,
)

TABLE = {
    ("OWED", "delivered"): "DONE",
    ("OWED", "call_failed"): "RETRYING",
    ("OWED", "waived"): "WAIVED",
    ("RETRYING", "delivered"): "DONE",
    ("RETRYING", "call_failed"): "RETRYING",
    ("RETRYING", "exhausted"): "NEEDS_REVIEW",
    ("RETRYING", "waived"): "WAIVED",
    ("NEEDS_REVIEW", "delivered"): "DONE",
    ("NEEDS_REVIEW", "retried"): "RETRYING",
    ("NEEDS_REVIEW", "waived"): "WAIVED",
}


@pytest.mark.parametrize("event", FulfilmentEvent)
@pytest.mark.parametrize("state", FulfilmentState)
def test_a_fulfilment_moves_as_the_table_says_and_refuses_the_rest(
    state: FulfilmentState, event: FulfilmentEvent
) -> None:
    expected = TABLE.get((state.value, event.value))
    assert fulfilment_takes(state, event) == (expected is not None)
    if expected is None:
        with pytest.raises(LifecycleError, match=state.value):
            advance_fulfilment(state, event)
    else:
        assert advance_fulfilment(state, event) is FulfilmentState(expected)


def test_the_call_is_owed_until_it_is_done_or_given_up() -> None:
    assert {state.value for state in FulfilmentState if is_still_owed(state)} == {"OWED", "RETRYING"}
    assert set(TRANSITIONS) == set(FulfilmentState)
