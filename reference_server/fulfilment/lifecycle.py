"""Have we delivered? One machine per order that is to be provisioned; it starts when the money is proven."""

from enum import Enum
from typing import assert_never

from reference_server.errors import LifecycleError


class FulfilmentState(Enum):
    """Where the delivery of a paid order stands."""

    OWED = "OWED"
    RETRYING = "RETRYING"
    NEEDS_REVIEW = "NEEDS_REVIEW"
    DONE = "DONE"
    WAIVED = "WAIVED"


class FulfilmentEvent(Enum):
    """What makes it move."""

    DELIVERED = "delivered"
    CALL_FAILED = "call_failed"
    EXHAUSTED = "exhausted"
    WAIVED = "waived"
    RETRIED = "retried"


_S, _E = FulfilmentState, FulfilmentEvent

TRANSITIONS: dict[FulfilmentState, dict[FulfilmentEvent, FulfilmentState]] = {
    _S.OWED: {_E.DELIVERED: _S.DONE, _E.CALL_FAILED: _S.RETRYING, _E.WAIVED: _S.WAIVED},
    _S.RETRYING: {
        _E.DELIVERED: _S.DONE,
        _E.CALL_FAILED: _S.RETRYING,
        _E.EXHAUSTED: _S.NEEDS_REVIEW,
        _E.WAIVED: _S.WAIVED,
    },
    # A person looks; what they find out is one of these.
    _S.NEEDS_REVIEW: {_E.DELIVERED: _S.DONE, _E.RETRIED: _S.RETRYING, _E.WAIVED: _S.WAIVED},
    _S.DONE: {},
    _S.WAIVED: {},
}


def advance_fulfilment(state: FulfilmentState, event: FulfilmentEvent) -> FulfilmentState:
    """Return the state after `event`. Raises `LifecycleError` where the table has no such cell."""
    if event not in TRANSITIONS[state]:
        raise LifecycleError(f"a fulfilment that is {state.value} takes no event {event.value}")
    return TRANSITIONS[state][event]


def fulfilment_takes(state: FulfilmentState, event: FulfilmentEvent) -> bool:
    """Say whether the table has a cell for `event`."""
    return event in TRANSITIONS[state]


def is_still_owed(state: FulfilmentState) -> bool:
    """Say whether the provisioning call is still to be made."""
    match state:
        case FulfilmentState.OWED | FulfilmentState.RETRYING:
            return True
        case FulfilmentState.NEEDS_REVIEW | FulfilmentState.DONE | FulfilmentState.WAIVED:
            return False
    assert_never(state)
