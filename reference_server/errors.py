"""Everything that can go wrong on this side, with the blame in the type. How a refusal is worded is `problems.py`.

    ServerError
    ├── MerchantError           whoever called us broke a rule; they can mend it
    │   ├── UnauthenticatedError    no such key, or not its secret
    │   ├── InvalidError            a value that the document allows and a rule does not
    │   ├── MissingError            there is no such thing
    │   ├── ConflictError           it is taken, or not in the state for that
    │   ├── ForbiddenError          not from there
    │   │   └── UnencryptedError        not without encryption
    │   ├── KeyReusedError          its idempotency key named another request
    │   └── LaterError              not now
    │       ├── KeyInUseError           the first request under its idempotency key is still under way
    │       └── RateLimitedError        more often than it may
    ├── NotificationError       a notification that is not to be believed
    │   └── ForgedError             its proof is wrong, or it is about something else
    ├── GatewayError            the gateway broke a promise, or said no
    │   ├── GatewayRefusedError     it said no, and why
    │   ├── GatewayNonsenseError    its answer cannot be read
    │   ├── GatewayUnreachableError its answer never came; what it did is unknown
    │   └── GatewayTimedOutError    its answer did not come in time; what it did is unknown
    └── OurError                we are not able, or have a bug
        ├── NotReadyError           not started yet, or stopping
        ├── SettingsError           started with settings that cannot be
        └── LifecycleError          an event was applied that the table refuses

A refusal to a merchant never shows more than `message` and `extensions`.
"""


class ServerError(Exception):
    """Anything that this side raises on purpose. `extensions` are further members of the problem document."""

    def __init__(self, message: str, **extensions: object) -> None:
        super().__init__(message)
        self.message = message
        self.extensions = extensions


class MerchantError(ServerError):
    """Whoever called us broke a rule."""


class UnauthenticatedError(MerchantError):
    """No such key, or not its secret; never says which."""


class InvalidError(MerchantError):
    """A value that the document allows and a rule of ours does not; `pointer` is where in the body, or in `place`."""

    def __init__(self, message: str, *, pointer: str, rule: str, place: str = "body") -> None:
        super().__init__(message)
        self.pointer = pointer
        self.rule = rule
        self.place = place


class MissingError(MerchantError):
    """There is no such thing."""


class ConflictError(MerchantError):
    """It is taken, or not in a state for that."""


class ForbiddenError(MerchantError):
    """Not from there."""


class UnencryptedError(ForbiddenError):
    """Not without encryption."""


class KeyReusedError(MerchantError):
    """Its idempotency key named another request."""


class LaterError(MerchantError):
    """Not now; the same may be asked again after so many seconds."""

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class KeyInUseError(LaterError):
    """The first request under its idempotency key is still under way."""


class RateLimitedError(LaterError):
    """It asks more often than it may."""


class NotificationError(ServerError):
    """A notification that is not to be believed."""


class ForgedError(NotificationError):
    """Its proof is wrong or it is about something else; `note` says for the journal how that was found."""

    def __init__(self, message: str, *, note: str) -> None:
        super().__init__(message)
        self.note = note


class GatewayError(ServerError):
    """The gateway broke a promise, or said no."""


class GatewayRefusedError(GatewayError):
    """It said no; the message is its own reason."""


class GatewayNonsenseError(GatewayError):
    """Its answer cannot be read."""


class GatewayUnreachableError(GatewayError):
    """Its answer never came. What it did is unknown."""


class GatewayTimedOutError(GatewayError):
    """Its answer did not come in time. What it did is unknown."""


class OurError(ServerError):
    """We are not able, or have a bug."""


class NotReadyError(OurError):
    """Not started yet, or stopping."""


class SettingsError(OurError):
    """Started with settings that cannot be."""


class InUseError(SettingsError):
    """Another process has what only one may have."""


class LifecycleError(OurError):
    """An event was applied that the table refuses."""
