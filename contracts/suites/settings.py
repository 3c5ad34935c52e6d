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
