"""The two tables, cell by cell, and the schedule."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.errors import LifecycleError
from reference_server.webhooks.lifecycle import (
    DELIVERY_TRANSITIONS,
    ENDPOINT_TRANSITIONS,
    DeliveryEvent,
    DeliveryState,
    EndpointEvent,
    EndpointState,
    advance_delivery,
    advance_endpoint,
)
from reference_server.webhooks.schedule import GAPS, RETRY_AFTER_MAX, TEST_GAPS, Schedule

BEGUN = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("state", "event"), [*product(DeliveryState, DeliveryEvent)])
def test_a_delivery_moves_by_the_table_alone(state: DeliveryState, event: DeliveryEvent) -> None:
    if event in DELIVERY_TRANSITIONS[state]:
        assert advance_delivery(state, event) is DELIVERY_TRANSITIONS[state][event]
        return
    assert state is not DeliveryState.PENDING
    with pytest.raises(LifecycleError):
        advance_delivery(state, event)


@pytest.mark.parametrize(("state", "event"), [*product(EndpointState, EndpointEvent)])
def test_an_endpoint_moves_by_the_table_alone(state: EndpointState, event: EndpointEvent) -> None:
    if event in ENDPOINT_TRANSITIONS[state]:
        assert advance_endpoint(state, event) is ENDPOINT_TRANSITIONS[state][event]
        return
    with pytest.raises(LifecycleError):
        advance_endpoint(state, event)


def test_whatever_has_ended_can_be_sent_again_and_what_is_removed_cannot_come_back() -> None:
    assert all(DeliveryEvent.RESENT in cells for cells in DELIVERY_TRANSITIONS.values())
    assert ENDPOINT_TRANSITIONS[EndpointState.REMOVED] == {}


@pytest.mark.parametrize("gaps", [GAPS, TEST_GAPS])
def test_the_schedule_ends_after_five_attempts(gaps: tuple[timedelta, ...]) -> None:
    schedule = Schedule(gaps)
    due = [schedule.next_attempt_at(attempts, begun_at=BEGUN, asked=None) for attempts in range(1, 7)]
    assert due == [*(BEGUN + gap for gap in gaps[1:]), None, None]


@given(
    st.integers(1, 4),
    st.floats(0, 1),
    st.none() | st.timedeltas(timedelta(days=-400), timedelta(days=400)),
)
def test_an_attempt_is_never_early_and_never_much_too_late(attempts: int, share: float, wish: timedelta | None) -> None:
    schedule = Schedule(draw_jitter=lambda: share)
    asked = None if wish is None else BEGUN + wish
    due = schedule.next_attempt_at(attempts, begun_at=BEGUN, asked=asked)
    assert due is not None
    assert BEGUN + GAPS[attempts] <= due <= BEGUN + max(GAPS[attempts] * 2, RETRY_AFTER_MAX)
    if asked is not None and wish is not None and wish <= RETRY_AFTER_MAX:
        assert due >= asked
