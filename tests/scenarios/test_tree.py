"""YAML with places: its traps, its bombs, its syntax."""

from decimal import Decimal
from pathlib import Path

import pytest

from scenarios.tree import Place, Tree, read_tree


def tree_of(tmp_path: Path, text: str | bytes) -> Tree:
    path = tmp_path / "story.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_tree(path)


def words_of(tree: Tree) -> list[str]:
    return [f"{mistake.line}:{mistake.column} {mistake.words}" for mistake in tree.mistakes]


def test_values_are_read_with_their_places_and_spellings(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, 'a: 12.50\nb:\n  - no\n  - "no"\n  - 2026-01-01\n  -\n')

    assert tree.root == {"a": Decimal("12.50"), "b": [False, "no", "2026-01-01", None]}
    assert tree.places["b", 1] == Place(4, 5)
    assert tree.keys["b",] == Place(2, 1)
    assert tree.spellings["b", 0] == "no"
    assert tree.mistakes == []


@pytest.mark.parametrize("number", ["010", "0x1F", "1_000", "1:30", ".5", "1.", ".inf", "1.0e+3", "9" * 20, "!!int x"])
def test_a_number_that_yaml_reads_in_its_own_way_is_refused(tmp_path: Path, number: str) -> None:
    tree = tree_of(tmp_path, f"a: {number}")

    assert len(tree.mistakes) == 1
    assert "reads in a way of its own" in tree.mistakes[0].words
    assert ("a",) in tree.unread


def test_places_of_what_is_missing_are_those_around_it(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, "a:\n  b: 1\n")

    assert tree.place_of(("a", "c", 3)) == Place(2, 3)
    assert Tree(Path("none")).place_of(("a",)) == Place(1, 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1", "2:1 is not YAML: did not find expected ',' or ']'"),
        ("a:\n\tb: 1", "2:1 is not YAML: found character that cannot start any token (YAML is indented with spaces"),
        ("a: 1\n---\nb: 2", "2:1 is not YAML: but found another document"),
        ("a: \x00", "1:1 is not YAML: "),
        ("", "0:0 is empty"),
        ("# only a comment", "0:0 is empty"),
        ("a: 1\nb: 2\na: 3", "3:1 `a` is said twice; first in line 1"),
        ("? [1]\n: 2", "1:3 a key must be a word"),
        ("a: !!python/name:os.system x", "1:4 found x, which YAML reads in a way of its own"),
        ("a: &a [*a]", "1:4 unfolds into more than"),
        ("a: *b", "1:4 is not YAML: found undefined alias"),
    ],
)
def test_a_broken_file_is_told_with_line_and_column(tmp_path: Path, text: str, words: str) -> None:
    assert words_of(tree_of(tmp_path, text))[0].startswith(words)


def test_what_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    assert words_of(tree_of(tmp_path, b"a: 1\nb: \xff"))[0].startswith("2:1 is not UTF-8")


@pytest.mark.parametrize("nested", ["[" * 100_000, "- " * 50_000 + "a", "{a: " * 50_000, "? " * 50_000])
def test_endless_nesting_is_refused_before_it_can_end_the_process(tmp_path: Path, nested: str) -> None:
    assert "lies deeper than 32 levels" in words_of(tree_of(tmp_path, nested))[0]


def test_aliases_that_unfold_into_billions_are_cut_short(tmp_path: Path) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{one}: &{one} [{', '.join([f'*{before}'] * 10)}]" for before, one in zip("abcdefgh", "bcdefghi", strict=True)
    ]

    assert "unfolds into more than 20000 values" in words_of(tree_of(tmp_path, "\n".join(lines)))[0]


def test_a_file_too_large_or_out_of_reach_is_told_as_a_whole(tmp_path: Path) -> None:
    assert words_of(tree_of(tmp_path, "#" * 300_000)) == ["0:0 is larger than 256 KiB"]
    assert words_of(read_tree(tmp_path))[0].startswith("0:0 cannot be read: ")
