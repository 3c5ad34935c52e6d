"""Every id and choice that the simulators draw. With a seed a run repeats itself; without one the system draws.

A draw is a keyed hash of (seed, account, purpose, ordinal, incarnation), where the ordinal counts the draws of one
purpose: with no stream to share, one draw more elsewhere changes nothing here, and shrinking a story works.
"""

import secrets
from collections import Counter
from hashlib import blake2b

DIGITS = "0123456789"
LOWER = "abcdefghijklmnopqrstuvwxyz"
HEX_UPPER = DIGITS + "ABCDEF"
MIXED = DIGITS + LOWER.upper() + LOWER

_BLOCK_BYTES = 64
# So many bits more than asked for make the bias of a remainder smaller than anybody could ever measure.
_SPARE_BYTES = 8


class Chance:
    """The draws of one account. `incarnation` counts starts on one store; a simulator keeps none, so it stays 0."""

    def __init__(self, seed: int | None = None, *, incarnation: int = 0) -> None:
        self.seed = seed
        self.incarnation = incarnation
        self._drawn: Counter[tuple[int | None, str, str]] = Counter()

    def reseed(self, seed: int | None) -> None:
        """Draw from `seed` from now on; where it was drawn from before, its draws go on, so that no id comes twice."""
        self.seed = seed

    def start_over(self) -> None:
        """Draw as if nothing had been drawn yet: for a world that has forgotten every id it gave out."""
        self._drawn.clear()

    def token(self, account: str, purpose: str, *, length: int, alphabet: str = MIXED) -> str:
        """Draw `length` characters of `alphabet`, each as likely as another."""
        left = self.integer(account, purpose, below=len(alphabet) ** length)
        drawn: list[str] = []
        for _ in range(length):
            left, place = divmod(left, len(alphabet))
            drawn.append(alphabet[place])
        return "".join(drawn)

    def integer(self, account: str, purpose: str, *, below: int) -> int:
        """Draw from 0 to `below` - 1, each as likely as another."""
        if self.seed is None:
            return secrets.randbelow(below)
        size = (below.bit_length() + 7) // 8 + _SPARE_BYTES
        return int.from_bytes(self._hash(account, purpose, size=size)) % below

    def fraction(self, account: str, purpose: str) -> float:
        """Draw from 0 (included) to 1 (excluded)."""
        return self.integer(account, purpose, below=1 << 53) / (1 << 53)

    def _hash(self, account: str, purpose: str, *, size: int) -> bytes:
        self._drawn[self.seed, account, purpose] += 1
        ordinal = self._drawn[self.seed, account, purpose]
        # Lengths before the texts: no two different keys may read the same.
        told = f"{len(account)}:{account}{len(purpose)}:{purpose}{ordinal}:{self.incarnation}"
        key = str(self.seed).encode()
        blocks = (
            blake2b(f"{told}:{block}".encode(), key=key, digest_size=_BLOCK_BYTES).digest()
            for block in range(-(-size // _BLOCK_BYTES))
        )
        return b"".join(blocks)[:size]
