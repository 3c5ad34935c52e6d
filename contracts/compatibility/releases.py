"""The documents of releases, kept as they went out: `contracts/releases/<version>.yaml`, never edited."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from contracts.binding.loader import read_yaml
from contracts.compatibility.compare import compare
from contracts.compatibility.schemas import Break

FOLDER = Path(__file__).parents[1] / "releases"


@dataclass(frozen=True, slots=True)
class Release:
    """One document that merchants have written code against."""

    version: tuple[int, ...]
    document: Mapping[str, Any]

    @property
    def name(self) -> str:
        return ".".join(str(part) for part in self.version)

    def breaks(self, newer: Mapping[str, Any]) -> Iterator[Break]:
        """Yield what a newer document breaks; nothing where its version says that it does.

        Semantic Versioning 2.0.0, items 4 and 8: the major number says so, and below 1.0 the minor one.
        """
        if _promise_of(version_of(newer)) == _promise_of(self.version):
            yield from compare(self.document, newer)


def newest_release(folder: Path = FOLDER) -> Release:
    """Return the newest document kept. Raises `FileNotFoundError` where none is."""
    versions = {tuple(int(part) for part in path.stem.split(".")): path for path in folder.glob("*.yaml")}
    if not versions:
        raise FileNotFoundError(f"{folder} keeps no document of a release")
    newest = max(versions)
    return Release(newest, cast("Mapping[str, Any]", read_yaml(versions[newest])))


def version_of(document: Mapping[str, Any]) -> tuple[int, ...]:
    """Read the version that a document gives itself."""
    return tuple(int(part) for part in str(document["info"]["version"]).split("."))


def _promise_of(version: tuple[int, ...]) -> tuple[int, ...]:
    return version[:2] if version[0] == 0 else version[:1]
