"""Breaks one module in one small way at a time, in a copy of the checkout, and says which breaks no test notices.

  .venv/bin/python tests/process/mutants.py reference_server/money.py tests/reference_server/test_money.py --most 20

A break that nobody notices is a test to write, or makes no difference to anybody: a person has to look at each. The
same seed breaks the same places.
"""

import argparse
import ast
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
LEFT_BEHIND = shutil.ignore_patterns(".git", ".venv", "__pycache__", "node_modules")
# Past it a break counts as noticed: it hung what it broke.
SECONDS_MAX = 600
OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
DROPPED = (ast.Expr, ast.AugAssign, ast.Raise, ast.Delete)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to break a tree; `take` does it."""

    line: int
    words: str
    take: Callable[[], object]


def ways_of(tree: ast.AST) -> Iterator[Way]:
    """Yield every way to break a tree, in an order that follows from its text."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(ops=[op]) if type(op) in OPPOSITES:
                yield Way(node.lineno, "compare otherwise", partial(setattr, node, "ops", [OPPOSITES[type(op)]()]))
            case ast.BoolOp():
                op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
                yield Way(node.lineno, "and for or", partial(setattr, node, "op", op))
                for place, value in enumerate(node.values):
                    yield Way(value.lineno, f"without {ast.unparse(value)}", partial(node.values.pop, place))
            case ast.If() | ast.IfExp():
                yield Way(node.lineno, "the other branch", partial(setattr, node, "test", negated(node.test)))
            case ast.Constant(value=bool(value)):
                yield Way(node.lineno, f"not {value}", partial(setattr, node, "value", not value))
            case ast.Constant(value=int(value)):
                yield Way(node.lineno, f"{value} + 1", partial(setattr, node, "value", value + 1))
            case ast.Call():
                for place, keyword in enumerate(node.keywords):
                    yield Way(node.lineno, f"without {keyword.arg}=", partial(node.keywords.pop, place))
            case _:
                yield from dropped_from(node)


def negated(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def dropped_from(node: ast.AST) -> Iterator[Way]:
    """Yield a way for each statement that a function, or a block in one, can do without."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.With | ast.AsyncWith | ast.For | ast.Try):
        return
    for place, statement in enumerate(node.body):
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if isinstance(statement, DROPPED) and not is_text:
            words = f"without {ast.unparse(statement)}".partition("\n")[0]
            yield Way(statement.lineno, words, partial(node.body.__setitem__, place, ast.Pass()))


def broken(source: str, number: int) -> str:
    tree = ast.parse(source)
    list(ways_of(tree))[number].take()
    return ast.unparse(ast.fix_missing_locations(tree))


def drawn(ways: Sequence[Way], *, most: int, seed: int) -> list[int]:
    """Return the places of so many ways, in the order of the module's lines."""
    by_lot = sorted(range(len(ways)), key=lambda number: sha256(f"{seed} {number}".encode()).digest())
    return sorted(by_lot[:most], key=lambda number: (ways[number].line, number))


def is_green(copy: Path, tests: Sequence[str]) -> bool:
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    try:
        return not subprocess.run(command, cwd=copy, capture_output=True, check=False, timeout=SECONDS_MAX).returncode
    except subprocess.TimeoutExpired:
        return False


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("module", help="the file to break, relative to the checkout")
    parser.add_argument("tests", nargs="+", help="the tests that ought to notice")
    parser.add_argument("--most", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--checkout", type=Path, default=CHECKOUT)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(asked.checkout, copy, ignore=LEFT_BEHIND)
        module = copy / asked.module
        source = module.read_text("utf-8")
        if not is_green(copy, asked.tests):
            sys.stderr.write("mutants: the tests fail without any break\n")
            return 2
        ways = list(ways_of(ast.parse(source)))
        numbers = drawn(ways, most=asked.most, seed=asked.seed)
        unnoticed = 0
        for number in numbers:
            module.write_text(broken(source, number), "utf-8")
            if is_green(copy, asked.tests):
                unnoticed += 1
                sys.stdout.write(f"unnoticed: {asked.module}:{ways[number].line}: {ways[number].words}\n")
        sys.stdout.write(f"{len(numbers) - unnoticed} of {len(numbers)} breaks noticed, of {len(ways)} possible\n")
        return 0


if __name__ == "__main__":
    sys.exit(main())
