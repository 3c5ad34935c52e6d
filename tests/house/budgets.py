"""How long, how wide and how deep code may be. A raised limit stands in RAISED with its reason."""

import ast
import itertools
from collections.abc import Iterator

from tests.house.project import Finding, Project, Source

FUNCTION_LINES = 40
TEST_LINES = 30
FILE_LINES = 400
ARGUMENTS = 5
POSITIONAL_ARGUMENTS = 2
NESTING = 3
FIXTURES = 15

# Path or path:function → lines allowed, with the reason behind it.
RAISED: dict[str, int] = {
    # Generated from openapi.yaml, in its order; nobody writes in it.
    "reference_server/models.py": 1_200,
    # A record of what was made at once, a table after the other; nobody ever changes it.
    "reference_server/migrations/versions/r0001_first_tables.py": 700,
}

# Path:function → arguments allowed.
WIDER = {
    "contracts/binding/bind.py:bind": 6,  # the kit's one door: a document, its handlers, and four choices with defaults
}

Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)


def functions_of(source: Source) -> Iterator[Function]:
    return (node for node in ast.walk(source.tree) if isinstance(node, Function))


def long_functions(project: Project) -> Iterator[Finding]:
    for source in project.sources:
        for function in functions_of(source):
            is_test = source.is_test and function.name.startswith("test_")
            limit = RAISED.get(f"{source.path}:{function.name}", TEST_LINES if is_test else FUNCTION_LINES)
            lines = lines_of(function)
            if lines > limit:
                cure = "leave the branching here and move pure leaves below; a test that tells a whole story is several"
                yield Finding(source.at(function), f"{function.name} has {lines} lines, the stop is {limit}", cure)


def lines_of(function: Function) -> int:
    """Count from `def` to the last line; of a command only the body, since its signature is what its user reads."""
    first = function.body[0].lineno if "command" in decorators_of(function) else function.lineno
    return (function.end_lineno or first) - first + 1


def long_files(project: Project) -> Iterator[Finding]:
    for source in project.sources:
        lines = len(source.text.splitlines())
        limit = RAISED.get(str(source.path), FILE_LINES)
        if lines > limit:
            cure = "one concept, one file: move the second concept out under its own name"
            yield Finding(str(source.path), f"has {lines} lines, the stop is {limit}", cure)


def wide_functions(project: Project) -> Iterator[Finding]:
    for source in project.sources:
        for function in functions_of(source):
            positional, names = positional_of(function), all_arguments_of(function)
            limit = WIDER.get(f"{source.path}:{function.name}", ARGUMENTS)
            if len(names) > limit and "command" not in decorators_of(function):  # there they are a user's options
                cure = "arguments that travel together are a frozen dataclass"
                yield Finding(
                    source.at(function), f"{function.name} takes {len(names)} arguments, the stop is {limit}", cure
                )
            meanings = len(positional) - said_in_pairs(positional)
            if meanings > allowed_positional(function, source) and not forced(function, positional):
                cure = "put a * behind the second argument: a call should say what its third value means"
                yield Finding(source.at(function), f"{function.name}: {', '.join(positional)} are positional", cure)


def positional_of(function: Function) -> list[str]:
    names = [argument.arg for argument in [*function.args.posonlyargs, *function.args.args]]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def all_arguments_of(function: Function) -> list[str]:
    return [*positional_of(function), *(argument.arg for argument in function.args.kwonlyargs)]


# Everybody says these two in this order, so that they are one meaning: coordinates, a span, a request line, a change.
PAIRS = {("x", "y"), ("middle", "y"), ("middle", "top"), ("begin", "end"), ("method", "path"), ("before", "after")}


def said_in_pairs(positional: list[str]) -> int:
    return sum(pair in PAIRS for pair in itertools.pairwise(positional))


def allowed_positional(function: Function, source: Source) -> int:
    """Return 2; 3 where each argument has a type of its own, so that pyright sees two of them changed over; 4 in tests.

    There a builder is called from the few lines around it, whose sentences a row of keywords would break.
    """
    if source.room == "tests":
        return POSITIONAL_ARGUMENTS + 2
    types = [ast.unparse(argument.annotation) for argument in function.args.args if argument.annotation]
    return POSITIONAL_ARGUMENTS + (len(types) == len(set(types)) == POSITIONAL_ARGUMENTS + 1)


ASGI = ["scope", "receive", "send"]
# Passed by name, so that nobody ever writes such a call; or fixed by the method that is overridden.
FORCED_BY = {"override", "fixture", "given", "rule", "command"}


def forced(function: Function, positional: list[str]) -> bool:
    """Return whether somebody else fixed the order: ASGI, a special method, an overridden one, pytest, Hypothesis."""
    special = function.name.startswith("__") and function.name not in ("__init__", "__call__")
    by_others = function.name.startswith("test_") or bool(decorators_of(function) & FORCED_BY)
    return positional == ASGI or special or by_others


def decorators_of(function: Function) -> set[str]:
    return {name_of(decorator) for decorator in function.decorator_list}


def name_of(decorator: ast.expr) -> str:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def deep_functions(project: Project) -> Iterator[Finding]:
    for source in project.sources:
        for function in functions_of(source):
            depth = depth_of(function.body)
            if depth > NESTING:
                cure = "return early, or give the inner loop a name of its own"
                yield Finding(source.at(function), f"{function.name} nests {depth} deep, the stop is {NESTING}", cure)


def depth_of(body: list[ast.stmt]) -> int:
    return max((depth_of_statement(statement) for statement in body), default=0)


def depth_of_statement(statement: ast.stmt) -> int:
    if not isinstance(statement, BLOCKS):
        return 0
    if isinstance(statement, ast.If) and len(statement.orelse) == 1 and isinstance(statement.orelse[0], ast.If):
        # elif stands beside its if, not inside
        return max(1 + depth_of(statement.body), depth_of_statement(statement.orelse[0]))
    return 1 + max(depth_of(body) for body in bodies_of(statement))


def bodies_of(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    yield getattr(statement, "body", [])
    yield getattr(statement, "orelse", [])
    yield getattr(statement, "finalbody", [])
    for branch in [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]:
        yield branch.body


def too_many_fixtures(project: Project) -> Iterator[Finding]:
    found = [
        source.at(function)
        for source in project.in_rooms("tests")
        for function in functions_of(source)
        if "fixture" in decorators_of(function)
    ]
    if len(found) > FIXTURES:
        cure = "build values with a function (`a_payment()`); a fixture is for what must be torn down"
        yield Finding(", ".join(found), f"{len(found)} fixtures, the stop is {FIXTURES}", cure)
