"""Where a diagram's parts stand, and that they are drawn as the design says."""

import re
from datetime import timedelta
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from scenarios.exchanges import Actor, Exchange
from scenarios.reports.diagram import draw
from scenarios.reports.flow import Flow, tell_flow
from scenarios.reports.layout import NARROW, WIDE, GapRow, Geometry, MomentRow, TimeRow, lay_out, shorten, wrap
from scenarios.verdicts import Verdict
from tests.scenarios.told import START, Wire, a_change, a_finding, a_story, an_end

SERVER, GATEWAY = Actor.SERVER, Actor.GATEWAY
NAMESPACE = "{http://www.w3.org/2000/svg}"


def flow_of(exchanges: list[Exchange], *, title: str = "the order is provisioned once") -> Flow:
    finding = a_finding(at=START + timedelta(hours=1), title=title)
    return tell_flow(an_end(exchanges, findings=(finding,), verdict=Verdict.BROKEN))


def drawings_of(flow: Flow) -> list[ET.Element]:
    return [parsed(part) for diagram in draw(flow, prefix="s1") for part in (diagram.heads, diagram.body)]


def parsed(drawing: str) -> ET.Element:
    return ET.fromstring(drawing)  # noqa: S314  our own text, and parsing it is the proof that it is well-formed


@pytest.mark.parametrize("geometry", [WIDE, NARROW])
def test_rows_follow_each_other_without_overlap_and_within_the_page(geometry: Geometry) -> None:
    layout = lay_out(flow_of(a_story().exchanges), geometry)

    bottoms = [row.y + row.height for row in layout.rows if isinstance(row, GapRow | MomentRow)]
    tops = [row.y for row in layout.rows if isinstance(row, GapRow | MomentRow)]
    assert all(top >= bottom for bottom, top in zip(bottoms[:-1], tops[1:], strict=True))
    assert bottoms[-1] <= layout.height
    assert all(0 < x < geometry.width for x in layout.columns.values())


def test_each_instant_is_written_once_and_long_gaps_with_their_length() -> None:
    wire = Wire()
    for seconds in (0, 0, 5, 3600):
        wire.later(seconds=seconds).call((SERVER, GATEWAY), "GET /x")

    rows = lay_out(tell_flow(an_end(wire.exchanges)), WIDE).rows

    assert [row.words for row in rows if isinstance(row, TimeRow)] == ["+0 s", "+5 s", "+1 h 5 s"]
    assert [row.words for row in rows if isinstance(row, GapRow)] == ["1 h later"]


def test_drawings_are_well_formed_and_link_every_arrow_to_its_exchange() -> None:
    flow = flow_of(a_story().exchanges)

    _, wide, _, narrow = drawings_of(flow)

    for drawing in (wide, narrow):
        links = {link.get("href") for link in drawing.iter(f"{NAMESPACE}a")}
        assert links == {f"#s1-x{arrow.number}" for arrow in flow.arrows} | {"#s1-f1"}
        assert all(link.get("aria-label") for link in drawing.iter(f"{NAMESPACE}a"))


def classes_of(drawing: ET.Element) -> list[str]:
    return [str(element.get("class")) for element in drawing.iter()]


def test_faults_losses_forgeries_and_breaks_are_drawn_as_the_design_says() -> None:
    _, wide, *_ = drawings_of(flow_of(a_story().exchanges))

    drawn = classes_of(wide)
    assert drawn.count("cross") == 2  # the notification never sent, and the provisioning answer that was lost
    assert drawn.count("badge") == 2
    assert drawn.count("badge forged") == 1
    assert drawn.count("point hollow of-stranger") == 1
    assert drawn.count("tail hollow of-stranger") == 1
    assert drawn.count("tail of-gateway") == 2
    assert drawn.count("finding broken") == 1
    assert drawn.count("break") == 1
    words = " ".join(wide.itertext())
    for told in (
        "⚡ late 1 h",
        "⚡ answer lost after the work",
        "ipn · never sent",
        "payment PENDING → CAPTURED",
        "1 h later",
    ):
        assert told in words


def test_words_are_escaped_and_long_ones_cut_in_their_middle() -> None:
    wire = Wire()
    wire.call((SERVER, GATEWAY), f"GET /<script>{'x' * 300}&end")

    _, wide, _, narrow = drawings_of(tell_flow(an_end(wire.exchanges)))

    for drawing in (wide, narrow):
        label = next(text for text in drawing.iter(f"{NAMESPACE}text") if text.get("class") == "label")
        assert re.fullmatch(r"GET /<script>x*…x+&end", str(label.text))


@pytest.mark.parametrize("geometry", [WIDE, NARROW])
def test_labels_and_notes_stay_on_the_page(geometry: Geometry) -> None:
    wire = Wire()
    cause = "a cause that is much longer than any page is wide " * 4
    sent = wire.begin(
        (SERVER, GATEWAY), "GET /x", changes=(a_change("PENDING", "CAPTURED", cause=cause),), faults=("late " * 50,)
    )
    wire.end(wire.take(sent), sent)

    diagram = next(each for each in draw(flow_of(wire.exchanges), prefix="s1") if each.name == geometry.name)

    root = parsed(diagram.body)
    for box in root.iter(f"{NAMESPACE}rect"):
        left, width = float(str(box.get("x"))), float(str(box.get("width")))
        assert left >= 0
        assert left + width <= geometry.width


def test_heads_are_written_out_also_where_six_stand_on_a_phone() -> None:
    wire = Wire()
    for actor in Actor:
        if actor is not SERVER:
            wire.call((actor, SERVER), "POST /x")

    wide, _, narrow, _ = drawings_of(tell_flow(an_end(wire.exchanges)))

    for heads in (wide, narrow):
        assert [text.text for text in heads.iter(f"{NAMESPACE}text")] == [actor.value for actor in Actor]
        boxes = sorted(
            (float(str(box.get("y"))), float(str(box.get("x"))), float(str(box.get("width"))))
            for box in heads.iter(f"{NAMESPACE}rect")
        )
        beside = [(one, other) for one, other in pairwise(boxes) if one[0] == other[0]]
        assert all(one[1] + one[2] <= other[1] for one, other in beside)


def test_a_finding_is_broken_into_lines_that_fit() -> None:
    title = "word " * 60
    layout = lay_out(flow_of(a_story().exchanges, title=title), NARROW)

    (row,) = [row for row in layout.rows if isinstance(row, MomentRow) and row.lines]

    assert len(row.lines) == 5
    assert all(len(line) <= NARROW.letters(NARROW.width - 40) for line in row.lines)


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("", ("",)),
        ("a b", ("a b",)),
        ("aaaa bbbb", ("aaaa", "bbbb")),
        ("a" * 12, ("aaaaa", "aaaaa", "aa")),
        ("a " * 20, ("a a a", "a a a", "a … a")),
    ],
)
def test_lines_are_wrapped_at_words_and_cut_after_three(words: str, lines: tuple[str, ...]) -> None:
    assert wrap(words, 5) == lines


def test_both_ends_of_what_is_too_long_are_kept() -> None:
    assert shorten("GET /a/very/long/path.php", 11) == "GET /…h.php"[:11]
    assert shorten("short", 5) == "short"
