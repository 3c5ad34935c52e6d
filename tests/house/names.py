"""What a name stands for: the full dotted name behind an import, an alias or an attribute."""

import ast
from collections.abc import Iterator, Mapping

from tests.house.project import Source


def imports_of(source: Source) -> Iterator[tuple[ast.stmt, str]]:
    """Yield every imported dotted name with its statement: `from a import b` gives `a.b`, relative ones resolved."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, source)
            yield from ((node, f"{base}.{alias.name}") for alias in node.names)


def absolute(node: ast.ImportFrom, source: Source) -> str:
    if not node.level:
        return node.module or ""
    package = source.path.parent.parts
    above = package[: len(package) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def aliases_of(source: Source) -> Mapping[str, str]:
    """Return what each imported local name stands for."""
    found: dict[str, str] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                head = alias.name.partition(".")[0]
                found[alias.asname or head] = alias.name if alias.asname else head
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, source)
            found |= {alias.asname or alias.name: f"{base}.{alias.name}" for alias in node.names}
    return found


def uses_of(source: Source) -> Iterator[tuple[ast.expr, str]]:
    """Yield every read of an imported name or of an attribute below one, by its full dotted name."""
    aliases = aliases_of(source)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            name = dotted(node)
            head, dot, rest = name.partition(".")
            if head in aliases:
                yield node, f"{aliases[head]}{dot}{rest}"


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for a chain of names; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""
