"""What is sealed opens for the same request under the same secret, and for nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.errors import ConflictError
from reference_server.idempotency.sealing import Seal

SECRET = b"sec_0k4m2v8r1c9x7b3n5z6q"
ASKED = ("mer_1", "createEndpoint", "k-1")


@given(st.binary(max_size=2_000))
def test_what_is_sealed_is_opened_byte_for_byte_and_shows_nothing(body: bytes) -> None:
    sealed = Seal(SECRET, ASKED).close(body)
    assert Seal(SECRET, ASKED).open(sealed) == body
    assert len(body) < 8 or body not in sealed


def test_two_of_one_body_are_not_alike() -> None:
    seal = Seal(SECRET, ASKED)
    assert seal.close(b"{}") != seal.close(b"{}")


OTHERS = [
    Seal(SECRET + b"x", ASKED),
    Seal(b"", ASKED),
    Seal(SECRET, ("mer_2", "createEndpoint", "k-1")),
    Seal(SECRET, ("mer_1", "createEndpoint k-1", "")),
    Seal(SECRET, ("mer_1", "createEndpoint", "k-2")),
]


@pytest.mark.parametrize("other", OTHERS)
def test_no_other_request_opens_it(other: Seal) -> None:
    with pytest.raises(ConflictError):
        other.open(Seal(SECRET, ASKED).close(b"{}"))


@given(st.integers(0, 29), st.integers(1, 255))
def test_what_was_altered_is_not_opened(place: int, bits: int) -> None:
    sealed = bytearray(Seal(SECRET, ASKED).close(b"{}"))
    sealed[place] ^= bits
    with pytest.raises(ConflictError):
        Seal(SECRET, ASKED).open(bytes(sealed))


def test_a_seal_is_never_shown_with_its_secret() -> None:
    assert SECRET.decode() not in repr(Seal(SECRET, ASKED))
