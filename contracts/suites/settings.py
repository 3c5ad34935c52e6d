"""What this room takes from the environment it runs in; nobody else in it asks."""

import os

# A setting of the user's shell must not change what a side answers: only what a program needs to run is handed on.
_HANDED_ON = (
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "PATH",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPATH",
    "SYSTEMROOT",
    "TMPDIR",
    "VIRTUAL_ENV",
)


def handed_on() -> dict[str, str]:
    """Return the environment variables that a program of ours inherits."""
    return {name: os.environ[name] for name in _HANDED_ON if name in os.environ}


def other_merchant() -> dict[str, str]:
    """Return the credentials of another merchant than the one under test; nothing where none is told.

    GATEWRIGHT_OTHER_KEY and GATEWRIGHT_OTHER_SECRET, for runs of plain Schemathesis.
    """
    key, secret = os.environ.get("GATEWRIGHT_OTHER_KEY"), os.environ.get("GATEWRIGHT_OTHER_SECRET")
    return {"X-Api-Key": key, "X-Api-Secret": secret} if key and secret else {}
