"""What the played merchant was asked to provision: every call counted, every key one effect however often it came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from simulators.errors import NotPossible

EFFECTS_MAX: Final = 10_000


@dataclass(slots=True)
class Effect:
    """One provisioning key. `done` is 1 when the work was done; calls that were cut off before it still count."""

    key: str
    order: str
    at: datetime
    contents: Mapping[str, object]
    calls: int = 0
    done: int = 0
    licence: str = ""


class Effects:
    """The effects of one account, oldest first; of so many keys at most."""

    def __init__(self, *, keys_max: int = EFFECTS_MAX) -> None:
        self._keys_max = keys_max
        self._by_key: dict[str, Effect] = {}

    def called(self, effect: Effect) -> Effect:
        """Count a call with the effect's key and return the effect that this key has had from the first.

        Raises `NotPossible` for one key more than an account holds.
        """
        if effect.key not in self._by_key and len(self._by_key) >= self._keys_max:
            raise NotPossible(f"an account holds at most {self._keys_max} provisioning keys; reset it")
        known = self._by_key.setdefault(effect.key, effect)
        known.calls += 1
        return known

    def all(self) -> tuple[Effect, ...]:
        """Return every effect."""
        return tuple(self._by_key.values())

    def clear(self) -> None:
        """Forget them."""
        self._by_key.clear()
