"""What goes wrong in the simulators because somebody asked for what cannot be.

    SimulatorsError
    ├── SettingsError     a setting, of the side or of an account's gateway, is none
    ├── AccountTaken      an account of that name is there already
    ├── NoSuchAccount     nobody has that name
    ├── NoSuchThing       the account has no such order, session or fault rule
    ├── NotPossible       the thing is there, and is past what was asked of it
    └── RuleRefused       a fault rule that names an unknown fault, or that can never match

Refusals in a gateway's own voice are no errors: each gateway folder words them in its `errors.py`.
"""


class SimulatorsError(Exception):
    """The text says what was wrong and what would be right; the control plane hands it on as it is."""


class SettingsError(SimulatorsError):
    """Names the setting."""


class AccountTaken(SimulatorsError):
    """Names the account."""


class NoSuchAccount(SimulatorsError):
    """Names the account and those that exist."""


class NoSuchThing(SimulatorsError):
    """Names what was looked for."""


class NotPossible(SimulatorsError):
    """Names the state that stands in the way."""


class RuleRefused(SimulatorsError):
    """Names every mistake of the rule, with what is possible; each begins with a JSON pointer into the rule."""

    def __init__(self, mistakes: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{pointer}: {message}" for pointer, message in mistakes))
        self.mistakes = mistakes
