"""Whoever is refused has changed nothing: every state and every sum stands as before."""

from collections.abc import Iterator, Mapping

from contracts.checks.asking import Told
from contracts.checks.truth import Broken

# Whatever is looked at before and after, by name.
Books = Mapping[str, object]


def refusal_changes_nothing(told: Told, *, before: Books, after: Books) -> Iterator[Broken]:
    """Compare the books around a refusal."""
    if told.status < 400 or before == after:
        return
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was != now:
            yield Broken("refusal changes nothing", f"{name} as before: {was}", f"{now}, after {told.shortly()}")
