"""Is the money back? The states of one refund, what moves it, and the one table. Nothing else is known here.

FAILED frees the sum for another refund, so that it is reached only when the gateway surely gives nothing back.
"""

from enum import Enum
from typing import assert_never

from reference_server.errors import LifecycleError


class RefundState(Enum):
    """Where the return of captured money stands."""

    PENDING = "PENDING"
    PROCESSED = "PROCESSED"
    FAILED = "FAILED"
    NEEDS_REVIEW = "NEEDS_REVIEW"


class RefundEvent(Enum):
    """What makes it move."""

    ACCEPTED = "accepted"
    REFUNDED = "refunded"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    UNRESOLVED = "unresolved"
    ASKED_AGAIN = "asked_again"


_S, _E = RefundState, RefundEvent

TRANSITIONS: dict[RefundState, dict[RefundEvent, RefundState]] = {
    _S.PENDING: {
        # The gateway has taken it on; the money is on its way.
        _E.ACCEPTED: _S.PENDING,
        _E.REFUNDED: _S.PROCESSED,
        _E.REFUSED: _S.FAILED,
        _E.CANCELLED: _S.FAILED,
        # The gateway cannot tell, or said no to what it may have done already: a person has to look.
        _E.UNRESOLVED: _S.NEEDS_REVIEW,
    },
    _S.PROCESSED: {},
    _S.FAILED: {},
    _S.NEEDS_REVIEW: {_E.ASKED_AGAIN: _S.PENDING},
}


def advance_refund(state: RefundState, event: RefundEvent) -> RefundState:
    """Return the state after `event`. Raises `LifecycleError` where the table has no such cell."""
    if event not in TRANSITIONS[state]:
        raise LifecycleError(f"a refund that is {state.value} takes no event {event.value}")
    return TRANSITIONS[state][event]


def refund_takes(state: RefundState, event: RefundEvent) -> bool:
    """Say whether the table has a cell for `event`."""
    return event in TRANSITIONS[state]


def binds_money(state: RefundState) -> bool:
    """Say whether the refund's sum is back or may be on its way, so that no other refund may have it."""
    match state:
        case RefundState.PENDING | RefundState.PROCESSED | RefundState.NEEDS_REVIEW:
            return True
        case RefundState.FAILED:
            return False
    assert_never(state)
