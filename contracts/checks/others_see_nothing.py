"""What is one merchant's looks to every other as if it were not there: the same answer, byte for byte (L01)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from contracts.checks.asking import Ask, Asked, Told, objects_of
from contracts.checks.replay_is_identical import KEY
from contracts.checks.truth import Broken

_PROMISE = "others see nothing"
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789")
_TURNED = {ord(one): other for row in _ALPHABETS for one, other in zip(row, row[1:] + row[:1], strict=True)}


def others_see_nothing(
    asked: Asked, told: Told, ask: Ask, *, other: Mapping[str, str], ids: Sequence[str]
) -> Iterator[Broken]:
    """Ask as another merchant for what was told to its owner. `ids` are those that the path names."""
    if not told.is_success:
        return
    as_other = asked.with_headers(other).without_header(KEY)
    seen = ask(as_other)
    if not ids:
        yield from _find_shown(told, seen)
        return
    absent = ask(replace(as_other, url=_of_nothing(as_other.url, ids)))
    if seen != absent:
        yield Broken(_PROMISE, f"as for what is not there: {absent.shortly()}", seen.shortly())


def _find_shown(told: Told, seen: Told) -> Iterator[Broken]:
    ours, theirs = ({str(one["id"]) for one in objects_of(answer.body) if "id" in one} for answer in (told, seen))
    for shared in sorted(ours & theirs):
        yield Broken(_PROMISE, f"{shared} shown to its owner alone", seen.shortly())


def _of_nothing(url: str, ids: Sequence[str]) -> str:
    """Turn what was drawn of each id into what nobody drew: of the same form, and nobody's."""
    parts = urlsplit(url)
    path = parts.path
    for one in ids:
        prefix, drawn = one.rpartition("_")[::2]
        turned = drawn.translate(_TURNED)
        # In the path alone: an id of one digit stands in many an address too.
        path = path.replace(one, f"{prefix}_{turned}" if prefix else turned)
    return parts._replace(path=path).geturl()
