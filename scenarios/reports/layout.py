"""Where everything of a sequence diagram stands: a column per actor, a row per moment, instants apart, gaps cut.

Pure arithmetic; `diagram.py` draws what is placed here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from scenarios.durations import render_duration
from scenarios.exchanges import Actor
from scenarios.reports.flow import Answered, Broken, Changed, Flow, Moment, Sent, instants
from scenarios.reports.words import offset

# A gap that a reader would otherwise take for a step of the same conversation.
GAP_MIN = timedelta(seconds=10)

TOP = 4.0
LABEL_HEIGHT = 21.0
BADGE_HEIGHT = 20.0
NOTE_PADDING = 8.0
LINE_HEIGHT = 15.0


@dataclass(frozen=True, slots=True)
class Geometry:
    """The page a diagram is drawn for; all in CSS pixels. Times stand in the margin; without one, above their rows.

    A label is cut to the stretch between its two lifelines, but not below `label_letters_min`.
    """

    name: str
    width: float
    margin: float
    letter: float
    label_letters_min: int

    def columns(self, actors: tuple[Actor, ...]) -> dict[Actor, float]:
        """Return the middle of each actor's lifeline."""
        step = (self.width - self.margin) / max(1, len(actors))
        return {actor: self.margin + step * (index + 0.5) for index, actor in enumerate(actors)}

    def letters(self, width: float) -> int:
        """Return how many letters of the wire's face fit."""
        return max(8, int(width / self.letter))


WIDE = Geometry("wide", width=960, margin=112, letter=7.25, label_letters_min=16)
NARROW = Geometry("narrow", width=332, margin=0, letter=6.7, label_letters_min=30)


@dataclass(frozen=True, slots=True)
class TimeRow:
    """The instant of the rows that follow."""

    y: float
    words: str


@dataclass(frozen=True, slots=True)
class GapRow:
    """A stretch in which nothing happens."""

    y: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class MomentRow:
    """A moment; `y` is the row's top. `lines` are its words, cut to fit."""

    y: float
    height: float
    moment: Moment
    lines: tuple[str, ...] = ()


Row: TypeAlias = TimeRow | GapRow | MomentRow


@dataclass(frozen=True, slots=True)
class Layout:
    """A placed diagram."""

    geometry: Geometry
    columns: dict[Actor, float]
    rows: tuple[Row, ...]
    height: float


def lay_out(flow: Flow, geometry: Geometry) -> Layout:
    """Place a flow's moments."""
    placing = _Placing(geometry)
    rows = tuple(placing.place(flow))
    return Layout(geometry, geometry.columns(flow.actors), rows, placing.y + 12)


class _Placing:
    """Runs down the page."""

    def __init__(self, geometry: Geometry) -> None:
        self.y = TOP
        self._geometry = geometry

    def place(self, flow: Flow) -> Iterator[Row]:
        before = flow.start
        for at, moments in instants(flow.moments):
            if at - before >= GAP_MIN:
                yield GapRow(self.y, 32, f"{render_duration(at - before)} later")
                self.y += 32
            before = at
            yield TimeRow(self.y, offset(at, flow.start))
            # In a margin the time stands beside its first row; without one it needs a row of its own.
            self.y += 6 if self._geometry.margin else 22
            for moment in moments:
                row = self._row(moment)
                yield row
                self.y += row.height
            self.y += 6

    def _row(self, moment: Moment) -> MomentRow:
        match moment:
            case Sent(arrow=arrow):
                badges = len(arrow.call_faults) + arrow.forged
                return MomentRow(self.y, LABEL_HEIGHT + 9 + badges * BADGE_HEIGHT, moment)
            case Answered(arrow=arrow):
                return MomentRow(self.y, LABEL_HEIGHT + 7 + len(arrow.answer_faults) * BADGE_HEIGHT, moment)
            case Changed(change=change):
                lines = 2 if change.cause else 1
                return MomentRow(self.y, lines * LINE_HEIGHT + 14, moment)
            case Broken(finding=finding):
                room = self._geometry.letters(self._geometry.width - self._geometry.margin - 40)
                lines = (
                    *wrap(finding.title, room),
                    *wrap(f"expected {finding.expected}", room),
                    *wrap(f"seen {finding.seen}", room),
                )
                return MomentRow(self.y, len(lines) * LINE_HEIGHT + 2 * NOTE_PADDING + 8, moment, lines)


def wrap(words: str, room: int) -> tuple[str, ...]:
    """Break words into lines of at most `room` letters; a longer word is broken within, three lines are the most."""
    lines: list[str] = [""]
    for word in words.split():
        rest = word
        while rest:
            glue = " " if lines[-1] else ""
            if len(lines[-1]) + len(glue) + len(rest) <= room:
                lines[-1] += glue + rest
                rest = ""
            elif lines[-1]:
                lines.append("")
            else:
                lines[-1], rest = rest[:room], rest[room:]
    return tuple(lines) if len(lines) <= 3 else (*lines[:2], shorten(" ".join(lines[2:]), room))


def shorten(words: str, room: int) -> str:
    """Cut words in their middle: both ends of a path say more than its centre."""
    if len(words) <= room:
        return words
    head = (room - 1) // 2
    return f"{words[:head]}…{words[len(words) - (room - 1 - head) :]}"
