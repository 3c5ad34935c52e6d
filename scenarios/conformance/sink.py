"""What the harness's delivery sink refused of a merchant's calls, in the sink's own words."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from scenarios.conformance.words import counted

OPERATION = "provision"
# The longest that the sink's words are quoted.
_QUOTED_MAX = 240


@dataclass(frozen=True, slots=True)
class Refused:
    """One call that the sink refused."""

    status: int
    words: str


def list_refused(exchanges: Iterable[Mapping[str, Any]]) -> tuple[Refused, ...]:
    """Return the refusals among the journal's calls of the sink; a fault that a case injects is no refusal."""
    answers = [one["answer"] for one in exchanges if one["operation"] == OPERATION and one["answer"]]
    return tuple(Refused(one["status"], _read_words(one["body"])) for one in answers if 400 <= one["status"] < 500)


def tell_refused(refused: Iterable[Refused]) -> str:
    """Tell all refusals on one line; nothing where there were none."""
    kinds = Counter(refused)
    if not kinds:
        return ""
    told = [f"{counted(number, 'call')} refused {one.status}: {one.words}" for one, number in kinds.most_common()]
    if len(kinds) > 1:
        return f"the delivery sink refused your shop's calls: {'; '.join(told)}"[:1_000]
    one, number = next(iter(kinds.items()))
    each = "each refused" if number > 1 else "refused"
    return f"your shop called the delivery sink {counted(number, 'time')}, {each} {one.status}: {one.words}"


def _read_words(body: str) -> str:
    try:
        told: object = json.loads(body)
    except ValueError:
        return body[:_QUOTED_MAX]
    if not isinstance(told, dict):
        return body[:_QUOTED_MAX]
    problem = cast("dict[str, object]", told)
    said = [str(problem[name]) for name in ("title", "detail") if problem.get(name)]
    violations = problem.get("violations")
    if isinstance(violations, list) and violations:
        said.append(json.dumps(violations[0], ensure_ascii=False))
    return ": ".join(said)[:_QUOTED_MAX] or body[:_QUOTED_MAX]
