"""Has a webhook reached its endpoint, and may an endpoint be sent to? The two machines and their tables."""

from enum import Enum

from reference_server.errors import LifecycleError


class DeliveryState(Enum):
    """Where the duty to bring one webhook to one endpoint stands."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    EXHAUSTED = "EXHAUSTED"


class DeliveryEvent(Enum):
    """What makes a delivery move."""

    ACKNOWLEDGED = "acknowledged"
    ATTEMPT_FAILED = "attempt_failed"
    SCHEDULE_ENDED = "schedule_ended"
    ENDPOINT_LOST = "endpoint_lost"
    RESENT = "resent"


class EndpointState(Enum):
    """Whether webhooks are sent to an endpoint."""

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"
    REMOVED = "REMOVED"


class EndpointEvent(Enum):
    """What makes an endpoint move; the first two are the receiver's own doing."""

    GONE = "gone"
    FAILING = "failing"
    SWITCHED_OFF = "switched_off"
    SWITCHED_ON = "switched_on"
    REMOVED = "removed"


_D, _DE = DeliveryState, DeliveryEvent
_E, _EE = EndpointState, EndpointEvent

DELIVERY_TRANSITIONS: dict[DeliveryState, dict[DeliveryEvent, DeliveryState]] = {
    _D.PENDING: {
        _DE.ACKNOWLEDGED: _D.DELIVERED,
        _DE.ATTEMPT_FAILED: _D.PENDING,
        _DE.SCHEDULE_ENDED: _D.EXHAUSTED,
        _DE.ENDPOINT_LOST: _D.EXHAUSTED,
        # The merchant need not wait for the next attempt.
        _DE.RESENT: _D.PENDING,
    },
    _D.DELIVERED: {_DE.RESENT: _D.PENDING},
    _D.EXHAUSTED: {_DE.RESENT: _D.PENDING},
}

ENDPOINT_TRANSITIONS: dict[EndpointState, dict[EndpointEvent, EndpointState]] = {
    _E.ENABLED: {
        _EE.GONE: _E.DISABLED,
        _EE.FAILING: _E.DISABLED,
        _EE.SWITCHED_OFF: _E.DISABLED,
        _EE.SWITCHED_ON: _E.ENABLED,
        _EE.REMOVED: _E.REMOVED,
    },
    _E.DISABLED: {
        _EE.SWITCHED_OFF: _E.DISABLED,
        _EE.SWITCHED_ON: _E.ENABLED,
        _EE.REMOVED: _E.REMOVED,
    },
    _E.REMOVED: {},
}


def advance_delivery(state: DeliveryState, event: DeliveryEvent) -> DeliveryState:
    """Return the state after `event`. Raises `LifecycleError` where the table has no such cell."""
    if event not in DELIVERY_TRANSITIONS[state]:
        raise LifecycleError(f"a delivery that is {state.value} takes no event {event.value}")
    return DELIVERY_TRANSITIONS[state][event]


def advance_endpoint(state: EndpointState, event: EndpointEvent) -> EndpointState:
    """Return the state after `event`. Raises `LifecycleError` where the table has no such cell."""
    if event not in ENDPOINT_TRANSITIONS[state]:
        raise LifecycleError(f"an endpoint that is {state.value} takes no event {event.value}")
    return ENDPOINT_TRANSITIONS[state][event]
