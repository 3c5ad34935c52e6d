"""Counts of an expectation."""

import pytest

from scenarios.model import Count


@pytest.mark.parametrize(
    ("count", "words", "allowed", "refused"),
    [
        (Count(1, 1), "exactly 1", [1], [0, 2]),
        (Count(0, 0), "exactly 0", [0], [1]),
        (Count(2), "at least 2", [2, 50], [1]),
        (Count(0, 3), "at most 3", [0, 3], [4]),
        (Count(1, 3), "1 to 3", [1, 3], [0, 4]),
    ],
)
def test_a_count_allows_what_its_words_say(count: Count, words: str, allowed: list[int], refused: list[int]) -> None:
    assert str(count) == words
    assert all(count.allows(seen) for seen in allowed)
    assert not any(count.allows(seen) for seen in refused)
