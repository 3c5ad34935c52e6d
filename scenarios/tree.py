"""A YAML file as plain values, with the place and the spelling of each. Knows nothing of scenarios.

YAML 1.1 reads `no` as false, `010` as eight and `1:30` as ninety. Numbers in such spellings are refused here; for other
values the spelling is kept, so that whoever expected text can say what YAML made of it.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias, cast

import yaml

from scenarios.mistakes import Mistake

Pointer: TypeAlias = tuple[str | int, ...]
TreeValue: TypeAlias = "dict[str, TreeValue] | list[TreeValue] | str | int | Decimal | bool | None"

FILE_BYTES_MAX = 262_144
# Aliases can make a small file unfold into billions of values; a long story has some thousand.
VALUES_MAX = 20_000
DEPTH_MAX = 32

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,18})\.[0-9]{1,18}", re.ASCII)
_TRUE = ("true", "yes", "on", "y")


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column, from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Tree:
    """What a file says: its root value, and by pointer where each value and key stands and how a scalar is spelt.

    `unread` are the places of scalars that were refused: the mistake is noted, the None in their stead means nothing.
    """

    path: Path
    root: TreeValue = None
    places: dict[Pointer, Place] = field(default_factory=dict[Pointer, Place])
    keys: dict[Pointer, Place] = field(default_factory=dict[Pointer, Place])
    spellings: dict[Pointer, str] = field(default_factory=dict[Pointer, str])
    unread: set[Pointer] = field(default_factory=set[Pointer])
    mistakes: list[Mistake] = field(default_factory=list[Mistake])

    def place_of(self, pointer: Pointer) -> Place:
        """Return where the value stands, or the nearest value around it."""
        while pointer not in self.places and pointer:
            pointer = pointer[:-1]
        return self.places.get(pointer, Place(1, 1))

    def blame(self, place: Place, words: str) -> None:
        """Note a mistake at a place."""
        self.mistakes.append(Mistake(self.path, place.line, place.column, words))


def read_tree(path: Path, *, due: str = "a scenario") -> Tree:
    """Read a YAML file that ought to hold what is `due`. Raises nothing for a bad file.

    What is wrong with it stands in the tree's `mistakes`.
    """
    tree = Tree(path)
    text = _read_text(path, tree)
    if text is None:
        return tree
    node = _compose(text, tree)
    if node is None and not tree.mistakes:
        tree.mistakes.append(Mistake(tree.path, 0, 0, f"is empty; {due} was due"))
    if node is not None:
        tree.root = _Reader(tree).read(node, ())
    return tree


def _read_text(path: Path, tree: Tree) -> str | None:
    try:
        with path.open("rb") as opened:
            raw = opened.read(FILE_BYTES_MAX + 1)
    except OSError as refused:
        tree.mistakes.append(Mistake(path, 0, 0, f"cannot be read: {refused.strerror}"))
        return None
    if len(raw) > FILE_BYTES_MAX:
        tree.mistakes.append(Mistake(path, 0, 0, f"is larger than {FILE_BYTES_MAX // 1024} KiB"))
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError as broken:
        line = raw.count(b"\n", 0, broken.start) + 1
        tree.blame(Place(line, 1), "is not UTF-8 here; save the file as UTF-8")
        return None


def _compose(text: str, tree: Tree) -> yaml.Node | None:
    try:
        if _is_too_deep(text, tree):
            return None
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as broken:
        mark = broken.problem_mark or broken.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        tree.blame(place, f"is not YAML: {broken.problem or broken.context}{_tab_hint(text, place)}")
        return None
    except yaml.YAMLError as broken:
        tree.blame(Place(1, 1), f"is not YAML: {' '.join(str(broken).split())}")
        return None
    return node


def _is_too_deep(text: str, tree: Tree) -> bool:
    """Count levels on the stream of events: composing recurses in C, where ten thousand levels end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_MAX:
                tree.blame(_start(event), f"lies deeper than {DEPTH_MAX} levels")
                return True
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return False


def _tab_hint(text: str, place: Place) -> str:
    lines = text.split("\n")
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    return " (YAML is indented with spaces, never tabs)" if "\t" in line else ""


class _Reader:
    """Turns nodes into values."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._values = 0
        self._overflowed = False

    def read(self, node: yaml.Node, pointer: Pointer) -> TreeValue:
        place = _start(node)
        self._tree.places.setdefault(pointer, place)
        self._values += 1
        # An alias within its own anchor has no end; the stream of events shows no such depth.
        if self._values > VALUES_MAX or len(pointer) > DEPTH_MAX:
            if not self._overflowed:
                self._tree.blame(place, f"unfolds into more than {VALUES_MAX} values or {DEPTH_MAX} levels")
            self._overflowed = True
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, pointer)
        if isinstance(node, yaml.SequenceNode):
            items = cast("list[yaml.Node]", node.value)
            return [self.read(item, (*pointer, index)) for index, item in enumerate(items[: VALUES_MAX + 1])]
        return self._scalar(cast("yaml.ScalarNode", node), pointer)

    def _mapping(self, node: yaml.MappingNode, pointer: Pointer) -> TreeValue:
        members: dict[str, TreeValue] = {}
        pairs = cast("list[tuple[yaml.Node, yaml.Node]]", node.value)
        for key, value in pairs:
            place = _start(key)
            if not isinstance(key, yaml.ScalarNode):
                self._tree.blame(place, "a key must be a word")
                continue
            word = cast("str", key.value)
            if word in members:
                first = self._tree.keys[*pointer, word].line
                self._tree.blame(place, f"`{word}` is said twice; first in line {first}")
                continue
            self._tree.keys[*pointer, word] = place
            members[word] = self.read(value, (*pointer, word))
        return members

    def _scalar(self, node: yaml.ScalarNode, pointer: Pointer) -> TreeValue:
        text = cast("str", node.value)
        self._tree.spellings[pointer] = text
        value, understood = _read_scalar(node.tag.removeprefix("tag:yaml.org,2002:"), text)
        if not understood:
            self._tree.unread.add(pointer)
            self._tree.blame(_start(node), f"found {text}, which YAML reads in a way of its own; {_cure(text)}")
        return value


def _read_scalar(tag: str, text: str) -> tuple[TreeValue, bool]:
    match tag:
        # An instant stays text: the schema says which form it must have.
        case "str" | "timestamp":
            return text, True
        case "int" if _INTEGER.fullmatch(text):
            return int(text), True
        case "float" if _DECIMAL.fullmatch(text):
            return Decimal(text), True
        case "bool":
            return text.lower() in _TRUE, True
        case "null":
            return None, True
        case _:
            return None, False


def _cure(text: str) -> str:
    return f'write it plainly, or as text: "{text}"'


def _start(node: yaml.Node | yaml.Event) -> Place:
    mark = node.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
