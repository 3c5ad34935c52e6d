"""Every id and choice that this side draws. With a seed a run repeats itself; without one the operating system draws.

A draw is a keyed hash of (seed, account, purpose, ordinal, incarnation): there is no shared stream, so that
one draw more or less, or requests in another order, change nothing else.
"""

import secrets
from collections import Counter
from functools import cache
from hashlib import blake2b

ALPHABET_ID = "0123456789abcdefghijkmnopqrstuvwxyz"
_WORD_BITS = 64


def fraction_of(key: str, purpose: str) -> float:
    """Return the draw from 0 (included) to 1 (excluded) that follows from an id: the same in every process, for ever.

    An id is itself drawn, by the seed where there is one, so that this needs neither a seed nor an ordinal.
    """
    drawn = blake2b(f"{purpose}\x1f{key}".encode(), digest_size=7).digest()
    # The 53 bits that a float holds exactly.
    return (int.from_bytes(drawn) >> 3) / 2**53


@cache
def _pairs_of(alphabet: str) -> list[str]:
    """Return what two characters may be, in the order of the numbers that they are: each step of a draw gives two."""
    return [first + second for second in alphabet for first in alphabet]


class Chance:
    """Draws for this process. `incarnation` counts its starts on one store, so that a restart never repeats an id."""

    def __init__(self, seed: int | None = None, *, incarnation: int = 0) -> None:
        self._seed = seed
        self._account_seeds: dict[str, int] = {}
        self._ordinals: Counter[tuple[int, str, str]] = Counter()
        self.incarnation = incarnation

    def reseed(self, seed: int, *, account: str | None = None) -> None:
        """Draw from `seed` from now on; with `account`, for that account alone.

        A seed that was drawn from before goes on where it stood: what it named then may still be in the store.
        """
        if account is None:
            self._seed = seed
            self._account_seeds.clear()
        else:
            self._account_seeds[account] = seed

    def forget(self, *, account: str | None = None) -> None:
        """Draw from every seed as if nothing had been drawn yet: only where all that was named is gone."""
        for key in [key for key in self._ordinals if account in {None, key[1]}]:
            del self._ordinals[key]

    def token(self, account: str, purpose: str, *, length: int, alphabet: str = ALPHABET_ID) -> str:
        """Draw `length` characters of `alphabet`."""
        number = self.integer(account, purpose, below=len(alphabet) ** length)
        pairs, parts = _pairs_of(alphabet), list[str]()
        for _ in range(0, length, 2):
            number, index = divmod(number, len(pairs))
            parts.append(pairs[index])
        return "".join(parts)[:length]

    def integer(self, account: str, purpose: str, *, below: int) -> int:
        """Draw from 0 to `below` - 1, each as likely as another."""
        seed = self._account_seeds.get(account, self._seed)
        if seed is None:
            return secrets.randbelow(below)
        # 64 bits more than needed leave a bias that no run could ever see.
        size = (below.bit_length() + _WORD_BITS) // 8 + 1
        return int.from_bytes(self._bytes(seed, (account, purpose), size=size)) % below

    def fraction(self, account: str, purpose: str) -> float:
        """Draw from 0 (included) to 1 (excluded)."""
        return self.integer(account, purpose, below=2**53) / 2**53

    def _bytes(self, seed: int, key: tuple[str, str], *, size: int) -> bytes:
        self._ordinals[seed, *key] += 1
        told = "\x1f".join((*key, str(self._ordinals[seed, *key]), str(self.incarnation)))
        drawn = bytearray()
        while len(drawn) < size:
            block = f"{told}\x1f{len(drawn)}".encode()
            drawn += blake2b(block, key=str(seed).encode()[:64], digest_size=64).digest()
        return bytes(drawn[:size])
