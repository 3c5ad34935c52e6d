"""What a flaw is: one named mistake of a merchant's code, the decisions that it makes, and the cases that accuse it."""

from dataclasses import dataclass

from simulators.merchant.played.decisions import Decisions


@dataclass(frozen=True, slots=True)
class Flaw:
    """`cases` of the failure catalogue must find it; `source` says where such code was seen, as the catalogue cites."""

    name: str
    summary: str
    cases: tuple[str, ...]
    source: str
    decisions: type[Decisions]
