"""What this room takes from the environment it runs in; nobody else in it asks."""

import os

# A setting of the user's shell must not change a story: only what a process needs to run at all is handed on.
_HANDED_ON = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "LD_LIBRARY_PATH",
)  # fmt: skip


def handed_on() -> dict[str, str]:
    """Return the environment variables that a process of ours inherits."""
    return {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
