"""Finds what lies at a path: whole paths in a dict, templates segment by segment. Knows no operation."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from contracts.binding.errors import DocumentError
from contracts.binding.fields import unquote_percent
from contracts.binding.unreadable import Unreadable

Target = TypeVar("Target")


@dataclass(slots=True)
class _Branch(Generic[Target]):
    """What may follow one segment of a path."""

    fixed: "dict[str, _Branch[Target]]" = field(default_factory=dict[str, "_Branch[Target]"])
    variables: "list[tuple[_Variable, _Branch[Target]]]" = field(
        default_factory=list["tuple[_Variable, _Branch[Target]]"]
    )
    target: Target | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Variable:
    """One segment with a variable in it: `{id}`, or `{id}` between fixed texts, as in `{id}.json`."""

    before: str
    after: str

    def capture(self, segment: str) -> str | None:
        end = len(segment) - len(self.after)
        if len(self.before) < end and segment.startswith(self.before) and segment.endswith(self.after):
            return segment[len(self.before) : end]
        return None


@dataclass(frozen=True, slots=True)
class Match(Generic[Target]):
    """`captured` still percent-encoded, by name."""

    target: Target
    captured: dict[str, list[str]]


@dataclass(slots=True)
class Routes(Generic[Target]):
    """Paths and templates with what lies at each. `a%2Fb` is one segment; an empty segment fills no variable."""

    _whole: dict[bytes, Match[Target]] = field(default_factory=dict[bytes, Match[Target]])
    _root: _Branch[Target] = field(default_factory=_Branch[Target])

    def add(self, template: str, target: Target) -> None:
        """Raises DocumentError for a template that the kit cannot keep, or that says the same as another."""
        branch = self._root
        names: list[str] = []
        for segment in template.split("/"):
            if "{" not in segment:
                branch = branch.fixed.setdefault(segment, _Branch())
                continue
            name, variable = _variable(template, segment)
            names.append(name)
            branch = _open_branch(branch, variable)
        if branch.target is not None:
            raise DocumentError(f"{template} stands for the same paths as another template")
        branch.target, branch.names = target, tuple(names)
        if not names:
            self._whole[template.encode()] = Match(target, {})

    def find(self, raw_path: bytes) -> Match[Target] | None:
        """What lies at `raw_path`; None where nothing does, or where the path is not UTF-8."""
        whole = self._whole.get(raw_path)
        if whole:
            return whole
        try:
            path = raw_path.decode()
            unquote_percent(path)
        except (UnicodeDecodeError, Unreadable):
            return None
        return _descend(self._root, path.split("/"), ())


def _variable(template: str, segment: str) -> tuple[str, _Variable]:
    before, _, rest = segment.partition("{")
    name, closing, after = rest.partition("}")
    if not name or not closing or "{" in after:
        raise DocumentError(f"{template}: the kit reads one variable a segment, written {{name}}")
    return name, _Variable(before, after)


def _open_branch(branch: _Branch[Target], variable: _Variable) -> _Branch[Target]:
    for known, following in branch.variables:
        if known == variable:
            return following
    following: _Branch[Target] = _Branch()
    branch.variables.append((variable, following))
    # The most fixed text first: OpenAPI 3.1.1 section 4.8.8.1 prefers what is concrete.
    branch.variables.sort(key=lambda pair: -len(pair[0].before) - len(pair[0].after))
    return following


def _descend(branch: _Branch[Target], segments: list[str], captured: tuple[str, ...]) -> Match[Target] | None:
    """Recurses once a segment of the template, so no deeper than the longest template of the document."""
    if not segments:
        if branch.target is None:
            return None
        return Match(branch.target, {name: [text] for name, text in zip(branch.names, captured, strict=True)})
    segment, *rest = segments
    following = branch.fixed.get(unquote_percent(segment))
    found = _descend(following, rest, captured) if following else None
    if found:
        return found
    for variable, beyond in branch.variables:
        text = variable.capture(segment)
        found = _descend(beyond, rest, (*captured, text)) if text is not None else None
        if found:
            return found
    return None
