"""Draws: repeatable with a seed, independent of each other, and unpredictable without one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.chance import Chance


def draw(chance: Chance, account: str = "a", purpose: str = "id") -> str:
    return chance.token(account, purpose, length=20)


def test_one_seed_draws_the_same_again() -> None:
    one, other = Chance(7), Chance(7)
    assert [draw(one) for _ in range(5)] == [draw(other) for _ in range(5)]


@pytest.mark.parametrize("other", [Chance(8), Chance(7, incarnation=1), Chance(None)])
def test_another_seed_another_incarnation_and_no_seed_draw_something_else(other: Chance) -> None:
    assert draw(Chance(7)) != draw(other)


def test_each_draw_is_another_and_so_is_each_account_and_purpose() -> None:
    chance = Chance(7)
    drawn = [draw(chance), draw(chance), draw(chance, "b"), draw(chance, "a", "other"), draw(chance, "ai", "d")]
    assert len(set(drawn)) == 5


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y"])), max_size=12))
def test_draws_of_others_change_nothing(others: list[tuple[str, str]]) -> None:
    chance = Chance(7)
    for account, purpose in others:
        draw(chance, account, purpose)
    assert draw(chance, "mine", "x") == draw(Chance(7), "mine", "x")


def test_a_new_seed_is_drawn_from_for_all_or_for_one_account() -> None:
    chance = Chance(1)
    first = (draw(chance, "a"), draw(chance, "b"))
    chance.reseed(2, account="a")
    assert draw(chance, "a") == draw(Chance(2), "a")
    assert draw(chance, "b") != first[1]
    chance.reseed(3)
    assert (draw(chance, "a"), draw(chance, "b")) == (draw(Chance(3), "a"), draw(Chance(3), "b"))


@pytest.mark.parametrize("account", [None, "a"])
def test_a_seed_that_is_set_again_draws_nothing_twice(account: str | None) -> None:
    chance = Chance(1)
    drawn = [draw(chance, "a")]
    for seed in (1, 2, 1, 2):
        chance.reseed(seed, account=account)
        drawn.append(draw(chance, "a"))
    assert len(set(drawn)) == len(drawn)


def test_what_is_forgotten_is_drawn_again_for_all_or_for_one_account() -> None:
    chance = Chance(1)
    first = (draw(chance, "a"), draw(chance, "b"))
    chance.forget(account="a")
    assert (draw(chance, "a"), draw(chance, "b") == first[1]) == (first[0], False)
    chance.forget()
    assert (draw(chance, "a"), draw(chance, "b")) == first


@given(st.integers(0, 2**63 - 1) | st.none(), st.integers(1, 2**80))
def test_an_integer_stays_below_its_bound(seed: int | None, below: int) -> None:
    assert 0 <= Chance(seed).integer("a", "n", below=below) < below


def test_a_fraction_lies_between_nought_and_one() -> None:
    chance = Chance(3)
    drawn = [chance.fraction("a", "p") for _ in range(200)]
    assert 0 <= min(drawn) < 0.1
    assert 0.9 < max(drawn) < 1


def test_a_token_is_of_its_alphabet_and_length() -> None:
    token = Chance(3).token("a", "p", length=300, alphabet="01")
    assert (len(token), set(token)) == (300, {"0", "1"})
