"""Tables of examples: one file's tree becomes a tree for each row, its `<name>`s replaced by the row's values.

Works on trees, so that the schema judges each row as if it were written out. Knows the words `examples`, `for_each`,
`name` and `gateway` of a scenario, and nothing else of it.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from scenarios.mistakes import Mistake, nearest
from scenarios.tree import Pointer, Tree, TreeValue

# A table that takes longer to tell than anybody waits is a mistake.
ROWS_MAX = 500
NAME_LETTERS_MAX = 120

_PLACEHOLDER = re.compile(r"<([A-Za-z][A-Za-z0-9_-]{0,39})>")
_OWN = ("examples", "for_each")


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row as it is, and as it is spelt where it stands in a text."""

    value: TreeValue
    spelling: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` counts from 1 through the file, `line` is where it stands."""

    number: int
    line: int
    cells: Mapping[str, Cell]

    def __str__(self) -> str:
        return ", ".join(f"{name} {cell.spelling}" for name, cell in self.cells.items())


@dataclass(slots=True)
class Unfolded:
    """The tree of one row; `row` is None for a file without a table."""

    tree: Tree
    row: Row | None = None


@dataclass(slots=True)
class _Table:
    """What is asked of each row, and which of its columns the story uses."""

    tree: Tree
    used: set[str] = field(default_factory=set[str])


def unfold(tree: Tree, *, gateways: tuple[str, ...]) -> list[Unfolded]:
    """Return a tree for each row. What is wrong with the table is noted in `tree`, which then comes back alone."""
    root = tree.root
    if not isinstance(root, dict) or not any(word in root for word in _OWN):
        return [Unfolded(tree)]
    rows = list(_rows(tree, root, gateways=gateways))
    if tree.mistakes or not rows:
        return [Unfolded(tree)]
    table = _Table(tree)
    unfolded = [Unfolded(_fill(table, row), row) for row in rows]
    _name_apart(unfolded)
    # A column may stand unused because its name is misspelt where it was meant: that is told first.
    if any(one.tree.mistakes for one in unfolded):
        return unfolded
    for name in [name for name in rows[0].cells if name not in table.used and name != "gateway"]:
        place = tree.keys.get(("examples", 0, name), tree.place_of(("examples",)))
        tree.blame(place, f"the column `{name}` is used nowhere; write <{name}> where its value belongs")
    return [Unfolded(tree)] if tree.mistakes else unfolded


def gather_mistakes(unfolded: list[Unfolded]) -> list[Mistake]:
    """Return the mistakes of all rows: what every row has is told once, what some have with their rows."""
    told: dict[Mistake, list[Row]] = {}
    for one in unfolded:
        for mistake in dict.fromkeys(one.tree.mistakes):
            told.setdefault(mistake, []).extend([one.row] if one.row else [])
    return [
        mistake if len(rows) in {0, len(unfolded)} else _with_row(mistake, rows[0]) for mistake, rows in told.items()
    ]


def _with_row(mistake: Mistake, row: Row) -> Mistake:
    words = f"{mistake.words} (row {row.number}, line {row.line}: {row})"
    return Mistake(mistake.path, mistake.line, mistake.column, words)


def _rows(tree: Tree, root: dict[str, TreeValue], *, gateways: tuple[str, ...]) -> Iterator[Row]:
    examples = list(_examples(tree, root)) if "examples" in root else [(tree.place_of(()).line, dict[str, Cell]())]
    chosen = _gateways(tree, root, gateways) if "for_each" in root else [None]
    if len(examples) * len(chosen) > ROWS_MAX:
        tree.blame(tree.place_of(("examples",)), f"makes more than {ROWS_MAX} scenarios")
        return
    for number, ((line, cells), gateway) in enumerate(itertools.product(examples, chosen), start=1):
        yield Row(number, line, {**cells, **({"gateway": Cell(gateway, gateway)} if gateway else {})})


def _examples(tree: Tree, root: dict[str, TreeValue]) -> Iterator[tuple[int, dict[str, Cell]]]:
    examples = root["examples"]
    if not isinstance(examples, list) or not examples:
        tree.blame(
            tree.place_of(("examples",)), "`examples` takes a list of rows, such as - {copies: 2, amount: 10.00}"
        )
        return
    columns: list[str] = []
    for index, row in enumerate(examples):
        place = tree.place_of(("examples", index))
        if not isinstance(row, dict) or not row:
            tree.blame(place, "a row takes values by name, such as {copies: 2, amount: 10.00}")
            continue
        columns = columns or list(row)
        for name in [name for name in columns if name not in row]:
            tree.blame(place, f"row {index + 1} has no `{name}`, which the first row has")
        for name in [name for name in row if name not in columns]:
            place = tree.keys["examples", index, name]
            tree.blame(place, f"row {index + 1} has `{name}`, which the first row has not{nearest(name, columns)}")
        yield place.line, {name: _cell(tree, ("examples", index, name), value) for name, value in row.items()}


def _cell(tree: Tree, pointer: Pointer, value: TreeValue) -> Cell:
    if isinstance(value, dict | list):
        tree.blame(tree.place_of(pointer), f"`{pointer[-1]}` takes text, a number, true or false")
    return Cell(value, tree.spellings.get(pointer, ""))


def _gateways(tree: Tree, root: dict[str, TreeValue], known: tuple[str, ...]) -> list[str | None]:
    """`for_each: gateway` is every gateway; `for_each: {gateway: [sslcommerz]}` those that are named."""
    place = tree.place_of(("for_each",))
    if "gateway" in root:
        tree.blame(tree.keys[("gateway",)], "`for_each` says which gateways; leave `gateway` out")
    wanted = root["for_each"]
    if wanted == "gateway":
        return list(known)
    named = wanted.get("gateway") if isinstance(wanted, dict) and len(wanted) == 1 else None
    if not isinstance(named, list) or not named:
        tree.blame(place, f"`for_each` takes gateway, or {{gateway: [{', '.join(known)}]}}")
        return []
    return [str(one) for one in named]


def _fill(table: _Table, row: Row) -> Tree:
    """Write the story out with a row's values; places stay those of the story."""
    template = table.tree
    tree = Tree(template.path, places=template.places, keys=template.keys, spellings=dict(template.spellings))
    tree.unread = template.unread
    root = template.root if isinstance(template.root, dict) else {}
    filled = _Filling(table, tree, row).replace({word: one for word, one in root.items() if word not in _OWN}, ())
    tree.root = filled
    if isinstance(filled, dict) and "gateway" in row.cells and "for_each" in root:
        filled["gateway"] = row.cells["gateway"].value
        tree.spellings["gateway",] = row.cells["gateway"].spelling
        tree.places = {**template.places, ("gateway",): template.place_of(("for_each",))}
    return tree


@dataclass(frozen=True, slots=True)
class _Filling:
    """Puts a row's values into a story, and notes in the row's tree what cannot be put."""

    table: _Table
    tree: Tree
    row: Row

    def replace(self, value: TreeValue, pointer: Pointer) -> TreeValue:
        if isinstance(value, dict):
            return {name: self.replace(one, (*pointer, name)) for name, one in value.items()}
        if isinstance(value, list):
            return [self.replace(one, (*pointer, index)) for index, one in enumerate(value)]
        return self._replace_text(value, pointer) if isinstance(value, str) and "<" in value else value

    def _replace_text(self, text: str, pointer: Pointer) -> TreeValue:
        cells = self.row.cells
        for name in _PLACEHOLDER.findall(text):
            if name not in cells:
                words = f"<{name}> is no column of the table{nearest(name, cells) or '.'} Possible: {', '.join(cells)}."
                self.tree.blame(self.tree.place_of(pointer), words)
            self.table.used.add(name)
        whole = _PLACEHOLDER.fullmatch(text)
        if whole and whole[1] in cells:
            self.tree.spellings[pointer] = cells[whole[1]].spelling
            return cells[whole[1]].value
        filled = _PLACEHOLDER.sub(lambda found: cells[found[1]].spelling if found[1] in cells else found[0], text)
        self.tree.spellings[pointer] = filled
        return filled


def _name_apart(unfolded: list[Unfolded]) -> None:
    """Give each row a name of its own: the story's, and where that is the same for several, the row's values."""
    names = [_name_of(one.tree) for one in unfolded]
    for one, name in zip(unfolded, names, strict=True):
        if names.count(name) > 1 and isinstance(one.tree.root, dict) and one.row is not None:
            apart = f"{name} ({one.row})"
            short = (
                apart if len(apart) <= NAME_LETTERS_MAX else f"{apart[: NAME_LETTERS_MAX - 12]}… row {one.row.number}"
            )
            one.tree.root["name"] = short


def _name_of(tree: Tree) -> str:
    name = tree.root.get("name") if isinstance(tree.root, dict) else None
    return name if isinstance(name, str) else ""


__all__ = ["Row", "Unfolded", "gather_mistakes", "unfold"]
