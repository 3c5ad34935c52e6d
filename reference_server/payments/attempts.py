"""One try at a payment with one gateway and method: its states, events and table. At most one try pays a payment.

DECLINED and ABANDONED take late news like a payment's ends: the gateway may learn of the money after us.
"""

from enum import Enum

from reference_server.errors import LifecycleError


class AttemptState(Enum):
    """Where one try stands."""

    STARTED = "STARTED"
    AUTHORIZED = "AUTHORIZED"
    HELD = "HELD"
    CAPTURED = "CAPTURED"
    DECLINED = "DECLINED"
    ABANDONED = "ABANDONED"


class AttemptEvent(Enum):
    """What makes a try move."""

    AUTHORIZED = "authorized"
    HELD = "held"
    CAPTURED = "captured"
    DECLINED = "declined"
    ABANDONED = "abandoned"


_S, _E = AttemptState, AttemptEvent

TRANSITIONS: dict[AttemptState, dict[AttemptEvent, AttemptState]] = {
    _S.STARTED: {
        _E.AUTHORIZED: _S.AUTHORIZED,
        _E.HELD: _S.HELD,
        _E.CAPTURED: _S.CAPTURED,
        _E.DECLINED: _S.DECLINED,
        _E.ABANDONED: _S.ABANDONED,
    },
    _S.AUTHORIZED: {
        _E.HELD: _S.HELD,
        _E.CAPTURED: _S.CAPTURED,
        _E.DECLINED: _S.DECLINED,
        _E.ABANDONED: _S.ABANDONED,
    },
    _S.HELD: {_E.CAPTURED: _S.CAPTURED, _E.DECLINED: _S.DECLINED},
    _S.CAPTURED: {},
    _S.DECLINED: {_E.AUTHORIZED: _S.AUTHORIZED, _E.HELD: _S.HELD, _E.CAPTURED: _S.CAPTURED},
    _S.ABANDONED: {_E.AUTHORIZED: _S.AUTHORIZED, _E.HELD: _S.HELD, _E.CAPTURED: _S.CAPTURED},
}


def advance_attempt(state: AttemptState, event: AttemptEvent) -> AttemptState:
    """Return the state after `event`. Raises `LifecycleError` where the table has no such cell."""
    if event not in TRANSITIONS[state]:
        raise LifecycleError(f"a payment attempt that is {state.value} takes no event {event.value}")
    return TRANSITIONS[state][event]


def attempt_takes(state: AttemptState, event: AttemptEvent) -> bool:
    """Say whether the table has a cell for `event`."""
    return event in TRANSITIONS[state]
