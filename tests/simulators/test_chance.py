"""Draws: repeatable from a seed, independent of each other, and unguessable without one."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from simulators.chance import HEX_UPPER, MIXED, Chance

seeds = st.integers(0, 2**63 - 1)
names = st.text(max_size=12)


@given(seeds, names, names, st.integers(1, 40))
def test_one_seed_draws_the_same_again(seed: int, account: str, purpose: str, length: int) -> None:
    first, second = Chance(seed), Chance(seed)
    drawn = [first.token(account, purpose, length=length) for _ in range(3)]
    assert drawn == [second.token(account, purpose, length=length) for _ in range(3)]
    assert all(len(token) == length and set(token) <= set(MIXED) for token in drawn)


@given(seeds, st.lists(st.sampled_from(["order", "fault", "key"]), max_size=20))
def test_draws_for_other_purposes_change_nothing(seed: int, others: list[str]) -> None:
    chance = Chance(seed)
    for other in others:
        chance.integer("a", other, below=1000)
    assert chance.token("a", "session", length=16) == Chance(seed).token("a", "session", length=16)


@given(seeds, st.integers(1, 10**40))
def test_integers_and_fractions_stay_within_their_bounds(seed: int, below: int) -> None:
    chance = Chance(seed)
    assert 0 <= chance.integer("a", "p", below=below) < below
    assert 0 <= chance.fraction("a", "p") < 1


@given(seeds)
def test_account_purpose_ordinal_and_incarnation_each_make_a_difference(seed: int) -> None:
    chance, again = Chance(seed), Chance(seed, incarnation=1)
    drawn = [chance.token("a", "p", length=20) for _ in range(3)]
    drawn += [chance.token("b", "p", length=20), chance.token("a", "q", length=20), again.token("a", "p", length=20)]
    # Where account and purpose meet must not matter: ("ab", "c") is not ("a", "bc").
    drawn += [chance.token("ab", "c", length=20), chance.token("a", "bc", length=20)]
    assert len(set(drawn)) == len(drawn)


def test_a_seed_that_comes_again_repeats_nothing_until_all_is_forgotten() -> None:
    chance = Chance(1)
    drawn = [chance.token("a", "p", length=8)]
    for seed in (2, 1, 1):
        chance.reseed(seed)
        drawn.append(chance.token("a", "p", length=8))
    assert (len(set(drawn)), chance.seed) == (4, 1)
    chance.start_over()
    assert chance.token("a", "p", length=8) == drawn[0]


def test_without_a_seed_no_two_draws_are_the_same() -> None:
    first, second = Chance(), Chance()
    assert len({chance.token("a", "p", length=32, alphabet=HEX_UPPER) for chance in (first, second, first)}) == 3
    assert 0 <= first.fraction("a", "p") < 1


def test_each_character_is_as_likely_as_another() -> None:
    chance = Chance(5)
    counted = Counter(chance.token("a", "p", length=1, alphabet="abcd") for _ in range(4_000))
    # Six standard deviations of a fair draw: sqrt(4000 / 4 * 3 / 4) is 27.4.
    assert all(abs(count - 1_000) < 165 for count in counted.values())
