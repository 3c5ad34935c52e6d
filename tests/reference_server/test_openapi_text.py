"""Descriptions say what was written: a comma in YAML's flow style cuts one, and makes a member of what follows it."""

from pathlib import Path
from typing import cast

import pytest

from contracts.binding import Document
from reference_server.documents import OPENAPI

CONTROL = Path(OPENAPI).parent / "contracts" / "control.yaml"
# Where null is a value.
VALUES = {"example", "examples", "value", "default", "enum", "const"}


def cut(node: object, where: str = "") -> list[str]:
    """Return where a member stands that nobody meant."""
    if isinstance(node, list):
        return [found for one in cast("list[object]", node) for found in cut(one, where)]
    if not isinstance(node, dict):
        return []
    members = cast("dict[str, object]", node)
    inner = [found for name, one in members.items() if name not in VALUES for found in cut(one, f"{where}/{name}")]
    return [f"{where}/{name}" for name, one in members.items() if one is None and name not in VALUES] + inner


@pytest.mark.parametrize("document", [OPENAPI, CONTROL], ids=["openapi", "control"])
def test_no_description_is_cut_at_a_comma(document: Path) -> None:
    assert cut(Document.load(document).root) == []
