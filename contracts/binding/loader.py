"""Reads a YAML file into a mapping, by the rules that OpenAPI sets for YAML. Knows nothing of OpenAPI's members."""

import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from contracts.binding.errors import DocumentError

_TEXT = "tag:yaml.org,2002:str"


class _Loader(yaml.CSafeLoader):
    """YAML as OpenAPI 3.1.1 section 4.4 wants it: the JSON schema ruleset of YAML 1.2.

    YAML 1.1, PyYAML's own, reads `no` as false, 2026-01-01 as a date and 12:30 as 750.
    """

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's own protocol)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 (overrides)
        # OpenAPI 3.1.1 section 4.4: keys are strings, so a bare 200 is "200".
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                key.tag = _TEXT
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) < len(node.value):
            raise _twice(node)
        return mapping


def _twice(node: yaml.MappingNode) -> yaml.constructor.ConstructorError:
    names = [key.value for key, _ in node.value]
    second = next(key for index, (key, _) in enumerate(node.value) if key.value in names[:index])
    return yaml.constructor.ConstructorError(None, None, f"{second.value!r} stands here twice", second.start_mark)


for _tag, _pattern, _first in (
    ("null", r"(?:null|~|)\Z", ["n", "~", ""]),
    ("bool", r"(?:true|false)\Z", ["t", "f"]),
    ("int", r"-?(?:0|[1-9][0-9]*)\Z", list("-0123456789")),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z", list("-0123456789")),
):
    for _character in _first:
        _resolvers = _Loader.yaml_implicit_resolvers.setdefault(_character, [])
        _resolvers.append((f"tag:yaml.org,2002:{_tag}", re.compile(_pattern)))


def read_yaml(path: Path) -> Mapping[str, object]:
    """Raises DocumentError naming file, line and column."""
    try:
        with path.open("rb") as stream:
            root = yaml.load(stream, _Loader)  # noqa: S506 (a subclass of the safe loader)
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise DocumentError(f"{path}{_place(error)}: {_problem(error)}") from error
    if not isinstance(root, dict):
        raise DocumentError(f"{path}:1:1: the document must be a mapping")
    return cast("Mapping[str, object]", root)


def _place(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f":{mark.line + 1}:{mark.column + 1}" if mark else ""


def _problem(error: Exception) -> str:
    return getattr(error, "problem", None) or str(error)
