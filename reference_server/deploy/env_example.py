"""Writes `.env.example` from settings.py: every setting with its meaning and default, in that file's order and words.

`python -m reference_server.deploy.env_example` writes it anew; with `--check` the exit code 1 says that it is stale.
"""

import ast
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import cast

from pydantic import SecretStr

from reference_server import settings
from reference_server.settings import Settings

EXAMPLE = Path(__file__).with_name(".env.example")
_HEAD = """\
# Every setting of the reference server, with its default. Written by `python -m reference_server.deploy.env_example`
# from reference_server/settings.py: change it there.
#
# Copy it to a file of your own, take the # off what you set, and name that file in ENV_FILE. A container, systemd or
# Render sets the same names; the environment goes before the file, an option of `gatewright serve` before both.
# An empty value is an unset one. Secrets belong in here and never into git.
"""


def render_example() -> str:
    """Return what `.env.example` says."""
    source = Path(settings.__file__).read_text("utf-8")
    return _HEAD + "".join(_blocks(source))


def _blocks(source: str) -> Iterator[str]:
    lines = source.splitlines()
    for field in _fields_of(source):
        above = _comment_above(lines, field.lineno)
        name = cast("ast.Name", field.target).id
        is_beside_another = not above and lines[field.lineno - 2].strip() != ""
        yield "" if is_beside_another else "\n"
        yield "".join(f"# {line}\n" for line in above)
        yield f"#{name.upper()}={_written(Settings.model_fields[name].get_default(call_default_factory=True))}\n"


def _fields_of(source: str) -> Iterator[ast.AnnAssign]:
    classes = (node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    return (node for node in next(classes).body if isinstance(node, ast.AnnAssign))


def _comment_above(lines: list[str], number: int) -> list[str]:
    above: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line.strip().startswith("# "):
            break
        above.insert(0, line.strip().removeprefix("# "))
    return above


def _written(value: object) -> str:
    match value:
        case None | SecretStr():
            return ""
        case bool():
            return str(value).lower()
        case Enum():
            return str(value.value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case dict() | list() | tuple():
            return json.dumps(value) if value else ""
        case _:
            return str(value)


def main(arguments: list[str]) -> int:
    """Write the file, or with --check compare it."""
    wanted = render_example()
    if arguments == ["--check"]:
        return int(not EXAMPLE.is_file() or EXAMPLE.read_text("utf-8") != wanted)
    EXAMPLE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
