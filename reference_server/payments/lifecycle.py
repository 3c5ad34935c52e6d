"""Has the money come? The states of a payment, what moves it, and the one table. Nothing else is known here.

A pair that is not in the table is a refusal. Ends without money take late news, because a gateway may know
of the money after we gave up (failure catalogue D02); CAPTURED takes nothing, so that no later word undoes it (D01).
"""

from enum import Enum
from typing import assert_never

from reference_server.errors import LifecycleError


class PaymentState(Enum):
    """Where a merchant's intent to collect one amount stands."""

    PENDING = "PENDING"
    AUTHORIZED = "AUTHORIZED"
    HELD = "HELD"
    CAPTURED = "CAPTURED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    NEEDS_REVIEW = "NEEDS_REVIEW"


class PaymentEvent(Enum):
    """What makes a payment move."""

    ATTEMPT_DECLINED = "attempt_declined"
    AUTHORIZED = "authorized"
    HELD = "held"
    CAPTURED = "captured"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNEXPLAINED = "unexplained"
    HOLD_LAPSED = "hold_lapsed"
    ACCEPTED = "accepted"
    RETURNED = "returned"


_S, _E = PaymentState, PaymentEvent

_LATE_NEWS = {
    _E.AUTHORIZED: _S.AUTHORIZED,
    _E.HELD: _S.HELD,
    _E.CAPTURED: _S.CAPTURED,
    _E.UNEXPLAINED: _S.NEEDS_REVIEW,
}

TRANSITIONS: dict[PaymentState, dict[PaymentEvent, PaymentState]] = {
    _S.PENDING: {
        # Attempts are left: the payment waits for the next one.
        _E.ATTEMPT_DECLINED: _S.PENDING,
        _E.AUTHORIZED: _S.AUTHORIZED,
        _E.HELD: _S.HELD,
        _E.CAPTURED: _S.CAPTURED,
        _E.FAILED: _S.FAILED,
        _E.CANCELLED: _S.CANCELLED,
        _E.EXPIRED: _S.EXPIRED,
        _E.UNEXPLAINED: _S.NEEDS_REVIEW,
    },
    _S.AUTHORIZED: {
        _E.HELD: _S.HELD,
        _E.CAPTURED: _S.CAPTURED,
        _E.FAILED: _S.FAILED,
        # The gateway confirmed the void.
        _E.CANCELLED: _S.CANCELLED,
        _E.EXPIRED: _S.EXPIRED,
        # Captured, and not so much as was asked for.
        _E.UNEXPLAINED: _S.NEEDS_REVIEW,
    },
    _S.HELD: {
        _E.CAPTURED: _S.CAPTURED,
        _E.FAILED: _S.FAILED,
        _E.CANCELLED: _S.CANCELLED,
        _E.HOLD_LAPSED: _S.NEEDS_REVIEW,
        # Other money came beside it that cannot be explained.
        _E.UNEXPLAINED: _S.NEEDS_REVIEW,
        # A person need not wait for the gateway.
        _E.ACCEPTED: _S.CAPTURED,
        _E.RETURNED: _S.FAILED,
    },
    _S.CAPTURED: {},
    _S.FAILED: dict(_LATE_NEWS),
    _S.CANCELLED: dict(_LATE_NEWS),
    _S.EXPIRED: dict(_LATE_NEWS),
    _S.NEEDS_REVIEW: {
        # Both are a person's decision.
        _E.ACCEPTED: _S.CAPTURED,
        _E.RETURNED: _S.FAILED,
    },
}


def advance(state: PaymentState, event: PaymentEvent) -> PaymentState:
    """Return the state after `event`. Raises `LifecycleError` where the table has no such cell."""
    if event not in TRANSITIONS[state]:
        raise LifecycleError(f"a payment that is {state.value} takes no event {event.value}")
    return TRANSITIONS[state][event]


def takes(state: PaymentState, event: PaymentEvent) -> bool:
    """Say whether the table has a cell for `event`."""
    return event in TRANSITIONS[state]


def is_final(state: PaymentState) -> bool:
    """Say whether nothing can move the payment any more."""
    return not TRANSITIONS[state]


def is_in_review(state: PaymentState) -> bool:
    """Say whether money is there, or may be, that somebody has to decide on."""
    return state in {PaymentState.HELD, PaymentState.NEEDS_REVIEW}


def has_ended_without_money(state: PaymentState) -> bool:
    """Say whether the payment ended and no money is known of, so that only late news can move it."""
    match state:
        case PaymentState.FAILED | PaymentState.CANCELLED | PaymentState.EXPIRED:
            return True
        case PaymentState.PENDING | PaymentState.AUTHORIZED | PaymentState.HELD:
            return False
        case PaymentState.CAPTURED | PaymentState.NEEDS_REVIEW:
            return False
    assert_never(state)
