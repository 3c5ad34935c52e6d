"""The page holds everything, loads nothing, and escapes what came over the wire."""

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from scenarios.events import ScenarioEnded
from scenarios.exchanges import Answer
from scenarios.reports.html_report import HtmlReport
from tests.scenarios.reports.run import feed, three_ends

VOID = {"meta", "link", "input", "br"}


class Page(HTMLParser):
    """Reads a page: its elements, ids, links and words; `unbalanced` says where tags do not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.words = ""
        self.fetched: list[str] = []
        self.unbalanced: list[str] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.ids += [str(named["id"])] if "id" in named else []
        self.links |= {str(named["href"])} if tag == "a" else set()
        self.fetched += [str(value) for name, value in attrs if name in {"src", "srcset", "action", "data"}]
        self.fetched += [str(named["href"])] if tag == "link" else []
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.unbalanced.append(f"{tag} at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"


def page_of(tmp_path: Path, *ends: ScenarioEnded, seed: int | None = None) -> Page:
    path = tmp_path / "report.html"
    feed(HtmlReport(path), ends=ends or three_ends(), seed=seed)
    return Page(path.read_text(encoding="utf-8"))


def test_the_page_is_one_file_that_fetches_nothing(tmp_path: Path) -> None:
    page = page_of(tmp_path)

    assert page.fetched == ["data:,"]
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest", page.text)
    assert "default-src 'none'" in page.text


def test_every_tag_closes_every_id_is_one_and_every_link_leads_somewhere(tmp_path: Path) -> None:
    page = page_of(tmp_path)

    assert page.unbalanced == []
    assert [name for name, count in Counter(page.ids).items() if count > 1] == []
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert {f"s2-x{number}" for number in range(1, 8)} <= set(page.ids)


def test_the_top_says_counts_seed_virtual_span_and_wall_time(tmp_path: Path) -> None:
    top = " ".join(page_of(tmp_path, seed=7).words.split())

    assert "1 broken · Gatewright" in top
    assert "run of 3 scenarios ● 1 kept ▲ 1 broken ◆ 1 could not tell" in top
    assert "Seed 7 · 14 d of virtual time · 1.50 s on the wall" in top


def test_a_failure_is_a_card_with_expected_seen_and_the_command(tmp_path: Path) -> None:
    words = " ".join(page_of(tmp_path).words.split())

    assert "▲ the order is provisioned once expected exactly 1 seen 2 <b>effects</b> & a \\x00" in words
    assert "Asked in library/bad.yaml:7 , at +1 h ." in words
    assert "Repeat it: gatewright run --seed 1 library/late.yaml" in words
    assert "Both journals around it" in words


def test_the_story_is_told_as_a_list_with_headers_and_bodies(tmp_path: Path) -> None:
    page = page_of(tmp_path)

    assert page.text.count('<ol class="story">') == 2
    assert "gateway notifies server: ipn (late 1 h)" in page.words
    assert "content-type: application/x-www-form-urlencoded" in page.words
    assert '{"state": "PENDING"}' in page.words
    assert "No answer: connection reset." in page.words
    assert "base string: amount=1" in page.words


def test_what_came_over_the_wire_cannot_become_part_of_the_page(tmp_path: Path) -> None:
    end, *_ = three_ends()
    first = end.exchanges[0]
    hostile = "</pre><script>alert(1)</script>\"'\x00"
    spoilt = replace(
        first,
        request=replace(first.request, url=f"/{hostile}", headers=((hostile, hostile),), body=hostile),
        answer=Answer(299, ((hostile, hostile),), hostile),
        faults=(hostile,),
        note=hostile,
    )

    page = page_of(tmp_path, replace(end, exchanges=(spoilt,)))

    assert page.unbalanced == []
    assert "<script>alert" not in page.text
    assert "\x00" not in page.text


def test_what_a_fault_changed_is_shown_as_a_difference(tmp_path: Path) -> None:
    end, *_ = three_ends()
    exchanges = tuple(
        replace(one, answer=replace(one.answer, body="cut")) if one.answer and one.direction.value == "out" else one
        for one in end.exchanges
    )

    words = page_of(tmp_path, replace(end, exchanges=exchanges)).words

    assert "What became of the answer body on its way" in words
    assert "+cut" in words


def test_a_run_in_which_all_was_kept_shows_no_failures(tmp_path: Path) -> None:
    page = page_of(tmp_path, three_ends()[0])

    assert "What did not hold" not in page.words
    assert "all kept · Gatewright" in page.words
    assert "Each scenario with its own seed" in page.words


def test_a_run_that_could_not_be_told_says_so_in_its_title(tmp_path: Path) -> None:
    page = page_of(tmp_path, three_ends()[2])

    assert "could not tell · Gatewright" in page.words
    assert "Nothing went over the wire." in page.words
