"""A profile is read whole, and every mistake in one has its line."""

import json
import re
from pathlib import Path

import pytest

from scenarios.conformance.merchant import Standing
from scenarios.conformance.profile import find_member, load_profile
from scenarios.conformance.profile_mistakes import SCHEMA
from scenarios.conformance.starter import write_starter
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
    (
        PROFILE.replace("path: /orders", "path: orders"),
        "shop.yaml:9:9",
        "found 'orders/{order}'; a text that begins with / was due",
    ),
    (PROFILE + "colour: green\n", "shop.yaml:12:1", "colour"),
    (PROFILE + "refund: {path: /r, bdy: {}}\n", "shop.yaml:12:20", "did you mean `body`?"),
    (PROFILE.replace("pending: [NEW]", "paying: [NEW]"), "shop.yaml:11:31", "paying"),
    ("- version\n", "shop.yaml:1:1", "found a list; a group of named values was due"),
    ("hello\n", "shop.yaml:1:1", "found 'hello'; a group of named values was due"),
    ("~\n", "shop.yaml:1:1", "a group of named values was due"),
    ("", "shop.yaml", "is empty; a profile was due"),
    ("version: 1\n", "shop.yaml:1:1", "`look` is missing in the profile: How an order stands"),
    (
        PROFILE.replace("  state: /state\n", ""),
        "shop.yaml:9:3",
        "`state` is missing in `look`: JSON pointer to the state",
    ),
    (PROFILE.replace("order: /order/id", "order: order"), "shop.yaml:7:10", "found 'order'; a text that begins with /"),
    (PROFILE.replace("version: 1", "version: 2"), "shop.yaml:1:10", "found 2; 1 was due"),
    (PROFILE.replace("paid: [PAID, DONE]", "paid: []"), "shop.yaml:11:17", "found an empty list; at least one was due"),
    (PROFILE + "gateway: paypal\n", "shop.yaml:12:10", "found 'paypal'; sslcommerz was due"),
    (PROFILE + "settle_seconds: 900\n", "shop.yaml:12:17", "found 900; a number from 0 to 600 was due"),
    (PROFILE.replace("http://127.0.0.1:8000", "localhost"), "shop.yaml:3:11", "an address that begins with http://"),
    (PROFILE.replace('"{store_id}"', "7"), "shop.yaml:4:22", "found 7; text was due"),
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


def test_the_starter_is_a_profile_that_names_every_member(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"

    write_starter(path)

    text, members = path.read_text(encoding="utf-8"), json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"]
    assert load_profile(path).secret == "SHOP_STORE_PASSWD"
    assert [name for name in members if name not in text and name != "gateway"] == []


def test_the_readme_tells_every_member_and_every_placeholder() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    told = (SCHEMA.parent / "README.md").read_text(encoding="utf-8")

    members = schema["properties"]
    names = {*members, *(f"{one}.{name}" for one in ("process", "buy", "look") for name in members[one]["properties"])}
    places = set(re.findall(r"\{[a-z_]+\}", members["environment"]["description"]))
    assert {name for name in names if f"| `{name}` |" not in told} == set()
    assert {place for place in places if f"`{place}`" not in told} == set()


def test_the_smallest_profile_of_the_readme_can_be_read(tmp_path: Path) -> None:
    told = (SCHEMA.parent / "README.md").read_text(encoding="utf-8")

    assert load_profile(written(tmp_path, told.partition("```yaml\n")[2].partition("```")[0])).order == "/order"


@pytest.mark.parametrize(
    ("pointer", "found"),
    [("/a/0/b", 7), ("/a/1", None), ("/a/x", None), ("/c", None), ("/a/0/b/c", None), ("", {"a": [{"b": 7}]})],
)
def test_a_pointer_leads_to_a_member_or_to_nothing(pointer: str, found: object) -> None:
    assert find_member({"a": [{"b": 7}]}, pointer) == found
