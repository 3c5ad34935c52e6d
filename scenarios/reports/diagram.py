"""Draws a placed sequence diagram as SVG. Colours and faces are the page's: only classes are named here."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from scenarios.exchanges import Actor, Kind
from scenarios.reports.flow import Answered, Broken, Changed, Flow, Sent
from scenarios.reports.layout import (
    BADGE_HEIGHT,
    LABEL_HEIGHT,
    LINE_HEIGHT,
    NARROW,
    TOP,
    WIDE,
    GapRow,
    Geometry,
    Layout,
    MomentRow,
    TimeRow,
    lay_out,
    shorten,
)
from scenarios.reports.sequence import Arrow
from scenarios.reports.svg import element, path, text
from scenarios.reports.words import answer_words, call_words, change_words, moment_words

HEAD_HEIGHT = 40.0
HEAD_STEP = 34.0
# "provisioning" in the heads' face, with its frame.
HEAD_WIDTH_MIN = 86.0
BADGE_LETTER = 6.4


@dataclass(frozen=True, slots=True)
class Diagram:
    """One drawing: the heads apart, so that they can stay in view, and the body."""

    name: str
    heads: Markup
    body: Markup


def draw(flow: Flow, *, prefix: str) -> tuple[Diagram, ...]:
    """Draw a flow for wide and for narrow pages. `prefix` begins every id that the drawing links to or carries."""
    return tuple(_draw(flow, geometry, prefix) for geometry in (WIDE, NARROW))


def exchange_id(prefix: str, arrow: Arrow) -> str:
    """Return the id under which an arrow's exchange is found."""
    return f"{prefix}-x{arrow.number}"


def finding_id(prefix: str, number: int) -> str:
    """Return the id of a finding's words."""
    return f"{prefix}-f{number}"


def _draw(flow: Flow, geometry: Geometry, prefix: str) -> Diagram:
    layout = lay_out(flow, geometry)
    pen = _Pen(layout, prefix)
    body = _frame(
        geometry, layout.height, Markup().join(pen.draw()), label="Sequence diagram; the list below tells the same"
    )
    return Diagram(geometry.name, _heads(layout), body)


def _frame(geometry: Geometry, height: float, inside: Markup, *, label: str | None = None) -> Markup:
    return element(
        "svg",
        inside,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {geometry.width:g} {height:g}",
        width=geometry.width,
        height=height,
        role="group" if label else None,
        aria_label=label,
        aria_hidden=None if label else "true",
    )


def _heads(layout: Layout) -> Markup:
    """Heads stand side by side; where the page is too narrow for that, every other one stands lower."""
    columns, page = layout.columns, layout.geometry.width
    step = (page - layout.geometry.margin) / max(1, len(columns))
    lines = 1 if step >= HEAD_WIDTH_MIN + 4 else 2
    width = min(150.0, step - 8) if lines == 1 else HEAD_WIDTH_MIN
    height = HEAD_HEIGHT + (lines - 1) * HEAD_STEP
    parts: list[Markup] = []
    for index, (actor, x) in enumerate(columns.items()):
        middle = max(width / 2 + 2, min(x, page - width / 2 - 2))
        parts.append(_head(actor, x, box=(middle - width / 2, 6 + index % lines * HEAD_STEP, width), height=height))
    return _frame(layout.geometry, height, Markup().join(parts))


def _head(actor: Actor, x: float, *, box: tuple[float, float, float], height: float) -> Markup:
    left, top, width = box
    line = path("M", x, top + 28, "V", height, class_="lifeline")
    frame = element("rect", x=left, y=top, width=width, height=28, rx=6, class_="head")
    words = text(actor.value, left + width / 2, top + 19, class_="head-words", anchor="middle")
    return element("g", line, frame, words, class_=f"of-{actor.value}")


class _Pen:
    """Draws one layout."""

    def __init__(self, layout: Layout, prefix: str) -> None:
        self._layout = layout
        self._columns = layout.columns
        self._geometry = layout.geometry
        self._prefix = prefix

    def draw(self) -> Iterator[Markup]:
        yield from self._lifelines()
        for row in self._layout.rows:
            match row:
                case TimeRow():
                    yield from self._time(row)
                case GapRow():
                    yield from self._gap(row)
                case MomentRow():
                    yield self._moment(row)

    def _lifelines(self) -> Iterator[Markup]:
        """Lifelines are whole where time runs and dotted where it was cut out."""
        gaps = [row for row in self._layout.rows if isinstance(row, GapRow)]
        for actor, x in self._columns.items():
            y = 0.0
            for gap in gaps:
                yield path("M", x, y, "V", gap.y, class_=f"lifeline of-{actor.value}")
                yield path("M", x, gap.y, "V", gap.y + gap.height, class_=f"lifeline cut of-{actor.value}")
                y = gap.y + gap.height
            yield path("M", x, y, "V", self._layout.height, class_=f"lifeline of-{actor.value}")

    def _time(self, row: TimeRow) -> Iterator[Markup]:
        if row.y > TOP:
            yield path("M", 0, row.y, "H", self._geometry.width, class_="instant")
        yield text(row.words, 4, row.y + 16, class_="when")

    def _gap(self, row: GapRow) -> Iterator[Markup]:
        middle = row.y + row.height / 2
        yield path("M", 10, row.y + 5, "l", 6, 4, "l", -12, 7, "l", 12, 6, "l", -6, 4, class_="break")
        yield text(row.words, 24, middle + 4, class_="gap-words")

    def _moment(self, row: MomentRow) -> Markup:
        moment = row.moment
        match moment:
            case Sent(arrow=arrow):
                return self._linked(arrow, moment_words(moment), self._call(row, arrow))
            case Answered(arrow=arrow):
                return self._linked(arrow, moment_words(moment), self._answer(row, arrow))
            case Changed():
                return self._linked(moment.arrow, moment_words(moment), self._change(row, moment))
            case Broken():
                return self._finding(row, moment)

    def _linked(self, arrow: Arrow, words: str, drawn: Iterator[Markup]) -> Markup:
        href = f"#{exchange_id(self._prefix, arrow)}"
        title = element("title", escape(words))
        return element("a", title, *drawn, href=href, class_="exchange", aria_label=words)

    def _call(self, row: MomentRow, arrow: Arrow) -> Iterator[Markup]:
        begin, end = self._columns[arrow.sender], self._columns[arrow.receiver]
        y = row.y + LABEL_HEIGHT
        yield element("rect", x=min(begin, end), y=row.y, width=abs(end - begin), height=row.height, class_="target")
        words = call_words(arrow) if arrow.arrived else f"{call_words(arrow)} · {answer_words(arrow)}"
        yield self._label(words, (begin, end), y - 8, class_="label")
        yield from _shaft(arrow, begin, end, y=y)
        badges = [*arrow.call_faults, *(["forged"] if arrow.forged else [])]
        yield from self._badges(badges, (begin + end) / 2, y + 5)

    def _answer(self, row: MomentRow, arrow: Arrow) -> Iterator[Markup]:
        begin, end = self._columns[arrow.receiver], self._columns[arrow.sender]
        y = row.y + LABEL_HEIGHT
        hue = f"of-{arrow.receiver.value}"
        yield element("rect", x=min(begin, end), y=row.y, width=abs(end - begin), height=row.height, class_="target")
        yield self._label(answer_words(arrow), (begin, end), y - 8, class_="label soft")
        if arrow.answer is None:
            middle = begin + (end - begin) * 0.5
            yield path("M", begin, y, "H", middle, class_=f"shaft answer {hue}")
            yield _cross(middle, y)
        else:
            yield path("M", begin, y, "H", end, class_=f"shaft answer {hue}")
            yield _point(begin, end, y, class_=f"point open {hue}")
        yield from self._badges(list(arrow.answer_faults), (begin + end) / 2, y + 5)

    def _change(self, row: MomentRow, moment: Changed) -> Iterator[Markup]:
        room = self._geometry.letters(self._geometry.width - self._geometry.margin - 24)
        lines = [shorten(change_words(moment.change), room)]
        if moment.change.cause:
            lines.append(shorten(moment.change.cause, room))
        width = max(len(line) for line in lines) * self._geometry.letter + 20
        x = self._fit(self._columns.get(moment.actor, self._geometry.width / 2), width)
        height = len(lines) * LINE_HEIGHT + 8
        yield element("rect", x=x - width / 2, y=row.y + 2, width=width, height=height, rx=6, class_="state")
        for index, line in enumerate(lines):
            class_ = "state-words soft" if index else "state-words"
            yield text(line, x, row.y + 17 + index * LINE_HEIGHT, class_=class_, anchor="middle")

    def _finding(self, row: MomentRow, moment: Broken) -> Markup:
        left = self._geometry.margin + 4
        width = self._geometry.width - left - 4
        verdict = moment.verdict
        class_ = f"finding {verdict.value}"
        box = element("rect", x=left, y=row.y + 2, width=width, height=row.height - 8, rx=6, class_=class_)
        mark = text(verdict.mark, left + 10, row.y + 21, class_=f"finding-mark {verdict.value}-words")
        lines = [
            text(line, left + 28, row.y + 21 + index * LINE_HEIGHT, class_=f"finding-words {verdict.value}-words")
            for index, line in enumerate(row.lines)
        ]
        href = f"#{finding_id(self._prefix, moment.number)}"
        title = element("title", escape(moment_words(moment)))
        return element("a", title, box, mark, *lines, href=href, class_="broken-here", aria_label=moment_words(moment))

    def _label(self, words: str, ends: tuple[float, float], y: float, *, class_: str) -> Markup:
        """Write on an arrow, between its ends: beyond them stand other lifelines. The whole is in the arrow's title."""
        between = self._geometry.letters(abs(ends[1] - ends[0]) - 12)
        on_page = self._geometry.letters(self._geometry.width - self._geometry.margin - 8)
        words = shorten(words, min(on_page, max(between, self._geometry.label_letters_min)))
        x = self._fit(sum(ends) / 2, len(words) * self._geometry.letter)
        return text(words, x, y, class_=class_, anchor="middle")

    def _badges(self, words: list[str], middle: float, top: float) -> Iterator[Markup]:
        room = self._geometry.letters(self._geometry.width - self._geometry.margin - 40)
        for index, fault in enumerate(words):
            forged = fault == "forged"
            line = shorten(fault if forged else f"⚡ {fault}", room)
            width = len(line) * BADGE_LETTER + 16
            x = self._fit(middle, width)
            y = top + index * BADGE_HEIGHT
            kind = " forged" if forged else ""
            yield element("rect", x=x - width / 2, y=y, width=width, height=17, rx=6, class_=f"badge{kind}")
            yield text(line, x, y + 12.5, class_=f"badge-words{kind}", anchor="middle")

    def _fit(self, middle: float, width: float) -> float:
        """Move a middle so that what is centred on it stays on the page."""
        left = self._geometry.margin + width / 2 + 2
        right = self._geometry.width - width / 2 - 2
        return max(left, min(middle, right))


def _shaft(arrow: Arrow, begin: float, end: float, *, y: float) -> Iterator[Markup]:
    hue = f"of-{arrow.sender.value}"
    if arrow.kind is Kind.NOTIFICATION:
        yield element("circle", cx=begin, cy=y, r=4.5, class_=f"tail hollow {hue}" if arrow.forged else f"tail {hue}")
    if not arrow.arrived:
        middle = begin + (end - begin) * 0.55
        yield path("M", begin, y, "H", middle, class_=f"shaft {hue}")
        yield _cross(middle, y)
        return
    if arrow.forged:
        side = 1 if end > begin else -1
        yield path("M", begin + 4.5 * side, y - 2.5, "H", end - 11 * side, class_=f"shaft thin {hue}")
        yield path("M", begin + 4.5 * side, y + 2.5, "H", end - 11 * side, class_=f"shaft thin {hue}")
        yield _point(begin, end, y, class_=f"point hollow {hue}")
        return
    yield path("M", begin, y, "H", end, class_=f"shaft {hue}")
    yield _point(begin, end, y, class_=f"point {hue}")


def _point(begin: float, end: float, y: float, *, class_: str) -> Markup:
    side = 1 if end > begin else -1
    closed = [] if " open " in class_ else ["Z"]
    return path(
        "M", end - 11 * side, y - 5.5, "L", end - 1 * side, y, "L", end - 11 * side, y + 5.5, *closed, class_=class_
    )


def _cross(x: float, y: float) -> Markup:
    return path("M", x - 6, y - 6, "l", 12, 12, "m", 0, -12, "l", -12, 12, class_="cross")
