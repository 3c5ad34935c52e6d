"""A profile is read whole, and every mistake in one has its line."""

from pathlib import Path

import pytest

from scenarios.conformance.merchant import Standing
from scenarios.conformance.profile import find_member, load_profile
from scenarios.mistakes import LoadError
from tests.scenarios.conformance.arranged import PROFILE, written

SHOPS = Path(__file__).parents[2] / "conformance" / "shops"


def test_a_profile_says_how_to_buy_and_which_words_mean_what(tmp_path: Path) -> None:
    profile = load_profile(written(tmp_path))

    assert (profile.buy.method, profile.buy.path, profile.order) == ("POST", "/buy", "/order/id")
    assert profile.standings == {
        "PAID": Standing.PAID,
        "DONE": Standing.PAID,
        "NEW": Standing.PENDING,
        "SENT": Standing.PAID,
    }
    assert profile.delivered == {"SENT"}
    assert profile.starting is None


MISTAKES = [
    (PROFILE.replace("  path: /buy\n", "  pth: /buy\n"), "shop.yaml:6:3", "did you mean `path`?"),
    (PROFILE.replace("name: A shop\n", ""), "shop.yaml:1:1", "name"),
    (PROFILE.replace("path: /orders", "path: orders"), "shop.yaml:9:9", "^/"),
    (PROFILE + "colour: green\n", "shop.yaml:12:1", "colour"),
    (PROFILE + "refund: {path: /r, bdy: {}}\n", "shop.yaml:12:20", "did you mean `body`?"),
    (PROFILE.replace("pending: [NEW]", "paying: [NEW]"), "shop.yaml:11:31", "paying"),
    ("- version\n", "shop.yaml:1:1", "object"),
]


@pytest.mark.parametrize(("text", "place", "words"), MISTAKES)
def test_a_mistake_in_a_profile_is_told_with_its_line(tmp_path: Path, text: str, place: str, words: str) -> None:
    with pytest.raises(LoadError) as found:
        load_profile(written(tmp_path, text))

    assert place in str(found.value)
    assert words in str(found.value)


@pytest.mark.parametrize("name", ["flask_plain.yaml", "flask_mended.yaml"])
def test_the_profiles_that_come_along_can_be_read(name: str) -> None:
    profile = load_profile(SHOPS / name)

    assert profile.starting is not None
    assert profile.delivers_to_the_sink


@pytest.mark.parametrize(
    ("pointer", "found"),
    [("/a/0/b", 7), ("/a/1", None), ("/a/x", None), ("/c", None), ("/a/0/b/c", None), ("", {"a": [{"b": 7}]})],
)
def test_a_pointer_leads_to_a_member_or_to_nothing(pointer: str, found: object) -> None:
    assert find_member({"a": [{"b": 7}]}, pointer) == found
