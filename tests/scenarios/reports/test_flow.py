"""The order of what a diagram shows, and the words for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scenarios.exchanges import Actor, Kind, Outcome
from scenarios.reports.flow import Broken, instants, tell_flow
from scenarios.reports.sequence import Arrow
from scenarios.reports.words import answer_words, change_words, differences, moment_words, printable, status_words
from scenarios.verdicts import Verdict
from tests.scenarios.told import START, Wire, a_change, a_finding, a_story, an_end

SERVER, GATEWAY = Actor.SERVER, Actor.GATEWAY


def words_of(wire: Wire) -> list[str]:
    return [moment_words(moment) for moment in tell_flow(an_end(wire.exchanges)).moments]


def test_a_story_is_told_in_the_order_in_which_it_happened() -> None:
    assert words_of(a_story()) == [
        "merchant calls server: POST /payment/init",
        "server calls gateway: POST /gwprocess/v4/api.php",
        "gateway answers server: 200 OK",
        "server: payment PENDING, because the merchant asked",
        "server answers merchant: 200 OK",
        "stranger notifies server: ipn (forged)",
        "server answers stranger: 400 Bad Request",
        "gateway notifies server: ipn, lost: never sent",
        "gateway notifies server: ipn (late 1 h)",
        "server calls gateway: GET /validator",
        "gateway answers server: 200 OK",
        "server: payment PENDING → CAPTURED, because confirmed",
        "server answers gateway: 200 OK",
        "server calls provisioning: POST /story/provision",
        "provisioning answers server: connection reset (answer lost after the work)",
    ]


def test_actors_stand_in_one_order_and_only_those_who_spoke() -> None:
    wire = Wire()
    wire.call((GATEWAY, SERVER), "POST /ipn")

    assert tell_flow(an_end(wire.exchanges)).actors == (SERVER, GATEWAY)


def test_what_the_asker_changes_comes_after_the_answer() -> None:
    wire = Wire()
    sent = wire.begin((SERVER, GATEWAY), "GET /query", changes=(a_change("PENDING", "CAPTURED"),))
    wire.end(wire.take(sent), sent)

    assert words_of(wire)[-2:] == ["gateway answers server: 200 OK", "server: payment PENDING → CAPTURED"]


def test_what_is_still_open_has_no_way_back() -> None:
    wire = Wire()
    wire.take(wire.begin((SERVER, GATEWAY), "GET /query"))

    assert words_of(wire) == ["server calls gateway: GET /query"]


def test_a_finding_stands_at_its_instant_after_all_else_of_it() -> None:
    wire = Wire()
    wire.call((SERVER, GATEWAY), "GET /1")
    wire.later(hours=1).call((SERVER, GATEWAY), "GET /2")
    findings = (a_finding(at=START), a_finding(at=START, place=0), a_finding())

    flow = tell_flow(an_end(wire.exchanges, findings=findings, verdict=Verdict.BROKEN))

    assert [moment.number if isinstance(moment, Broken) else "" for moment in flow.moments] == ["", 2, "", 1, "", "", 3]
    assert flow.moments[-1].at == START + timedelta(days=7)
    assert moment_words(flow.moments[1]) == "Broken: the order is provisioned once. Expected exactly 1; seen 2"


def test_moments_of_one_instant_are_one_group() -> None:
    wire = Wire()
    wire.call((SERVER, GATEWAY), "GET /1")
    wire.later(hours=1).call((SERVER, GATEWAY), "GET /2")

    groups = list(instants(tell_flow(an_end(wire.exchanges)).moments))

    assert [(at - START, len(moments)) for at, moments in groups] == [(timedelta(), 2), (timedelta(hours=1), 2)]
    assert list(instants([])) == []


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.TIMED_OUT, "no answer in 5 s"),
        (Outcome.HUNG_UP, "caller hung up"),
        (Outcome.UNREACHABLE, "nobody there"),
        (Outcome.REFUSED_BY_GUARD, "refused by the guard"),
    ],
)
def test_a_missing_answer_says_why(outcome: Outcome, words: str) -> None:
    wire = Wire()
    sent = wire.begin((SERVER, GATEWAY), "GET /x")
    wire.later(seconds=5).lose(sent, outcome)

    assert answer_words(Arrow(1, wire.exchanges[0], None)) == words


@pytest.mark.parametrize(
    ("kind", "verb"), [(Kind.RETURN, "comes back to"), (Kind.PAGE, "visits"), (Kind.PROVISIONING, "calls")]
)
def test_each_kind_of_exchange_has_its_verb(kind: Kind, verb: str) -> None:
    wire = Wire()
    wire.take(wire.begin((Actor.SHOPPER, SERVER), "POST /x", kind=kind))

    assert words_of(wire) == [f"shopper {verb} server: POST /x"]


def test_an_unknown_status_stands_alone() -> None:
    assert status_words(299) == "299"


def test_a_change_reads_as_before_and_after() -> None:
    assert change_words(a_change("OPEN", "PAID", resource="gateway_order")) == "gateway order OPEN → PAID"


def test_what_arrived_other_than_it_was_sent_is_shown_field_by_field() -> None:
    wire = Wire()
    sent = wire.begin((GATEWAY, SERVER), "POST /ipn")
    sent = replace(sent, request=replace(sent.request, body="a=1&amount=10.00&z=2"))
    taken = wire.take(sent, request=replace(sent.request, body="a=1&amount=0.01&z=2"))
    wire.end(taken, status=500, body="{}")
    wire.exchanges.append(replace(sent, answer=None))

    ((what, diff),) = differences(Arrow(1, sent, wire.exchanges[1]))

    assert what == "request body"
    assert "-&amount=10.00" in diff.split("\n")
    assert "+&amount=0.01" in diff.split("\n")


def test_an_answer_that_was_spoilt_on_its_way_is_shown_as_made_and_as_it_came() -> None:
    wire = Wire()
    sent = wire.begin((SERVER, GATEWAY), "GET /x")
    taken = wire.take(sent)
    wire.end(taken, body='{"status":"VALID"}')
    wire.end(sent, status=502, body='{"sta')

    assert [what for what, _ in differences(Arrow(1, wire.exchanges[0], wire.exchanges[1]))] == [
        "answer status",
        "answer body",
    ]


def test_sides_that_agree_or_a_side_alone_differ_in_nothing() -> None:
    wire = Wire()
    wire.call((SERVER, GATEWAY), "GET /x")
    sent, taken = wire.exchanges

    assert list(differences(Arrow(1, sent, taken))) == []
    assert list(differences(Arrow(1, sent, None))) == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\n\tb", "a\n\tb"),
        ("\x00", "\\x00"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x85", "\\x85"),
        ("\ud800", "\\ud800"),
        ("\uffff", "\\uffff"),
    ],
)
def test_control_characters_are_written_as_escapes(text: str, written: str) -> None:
    assert printable(text) == written
