"""Sealing what is kept of answers that show a secret: a copy of the database opens none of them.

The key follows from the API secret that the request showed, of which the store has a digest alone, and from what was
asked; so a sealed answer is given again only to whoever shows the same secret again.
"""

from dataclasses import dataclass, field

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from reference_server.chance import Chance
from reference_server.errors import ConflictError

# NIST SP 800-38D section 8.2.2: 96 bits, drawn; here one key seals hardly ever more than one answer.
_NONCE_BYTES = 12
_KEY_BYTES = 32
# Never from a seed, which would draw the same for two answers under one key.
_DRAWS = Chance()


@dataclass(frozen=True, slots=True)
class Seal:
    """One request's: `asked` tells it from every other under the same secret."""

    api_secret: bytes = field(repr=False)
    asked: tuple[str, ...]

    def close(self, body: bytes) -> bytes:
        """Return what may be stored."""
        nonce = _DRAWS.integer("", "nonce", below=1 << 8 * _NONCE_BYTES).to_bytes(_NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, body, None)

    def open(self, sealed: bytes) -> bytes:
        """Return the body. Raises `ConflictError` where it was sealed under another secret."""
        try:
            return self._cipher().decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except InvalidTag:
            told = (
                "the first answer under this Idempotency-Key shows a secret, and is given again only to the "
                "X-Api-Secret that asked for it; show that one, or ask with a new key"
            )
            raise ConflictError(told) from None

    def _cipher(self) -> AESGCM:
        info = msgspec.json.encode(["kept answer", *self.asked])
        return AESGCM(HKDF(SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(self.api_secret))
