"""Two journals become arrows: what pairs, what is lost, what each side alone knew."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.exchanges import Actor, Direction, Outcome, Request, Side, merge_journals
from scenarios.reports.sequence import Arrow, join_journals, target
from tests.scenarios.told import START, Wire, a_change, a_story

SERVER, GATEWAY, MERCHANT = Actor.SERVER, Actor.GATEWAY, Actor.MERCHANT


def arrows_of(wire: Wire) -> tuple[Arrow, ...]:
    return join_journals(merge_journals(wire.exchanges))


def test_a_request_that_both_sides_wrote_down_is_one_arrow() -> None:
    wire = Wire()
    wire.call((SERVER, GATEWAY), "GET /validator?val_id=1", status=201)

    (arrow,) = arrows_of(wire)

    assert (arrow.sender, arrow.receiver, arrow.arrived, arrow.number) == (SERVER, GATEWAY, True, 1)
    assert arrow.answer is not None
    assert arrow.answer.status == 201
    assert len(arrow.records) == 2


def test_full_and_relative_urls_pair() -> None:
    wire = Wire()
    sent = wire.begin((SERVER, GATEWAY), "GET /validator?val_id=1")
    wire.take(sent, request=replace(sent.request, url="/validator?val_id=1"))

    assert len(arrows_of(wire)) == 1


@pytest.mark.parametrize("outcome", [Outcome.NEVER_SENT, Outcome.UNREACHABLE, Outcome.REFUSED_BY_GUARD])
def test_what_never_arrived_pairs_with_nothing_however_alike(outcome: Outcome) -> None:
    wire = Wire()
    lost = wire.begin((GATEWAY, SERVER), "POST /ipn")
    wire.lose(lost, outcome)
    wire.call((GATEWAY, SERVER), "POST /ipn")

    assert [arrow.arrived for arrow in arrows_of(wire)] == [False, True]


def test_what_was_sent_and_never_taken_nor_answered_is_lost() -> None:
    wire = Wire()
    wire.lose(wire.begin((SERVER, GATEWAY), "GET /x"), Outcome.TIMED_OUT)

    (arrow,) = arrows_of(wire)

    assert not arrow.arrived


def test_an_answer_from_where_no_journal_is_kept_is_no_loss() -> None:
    wire = Wire()
    wire.end(wire.begin((SERVER, MERCHANT), "POST /hook"))

    assert arrows_of(wire)[0].arrived


def test_what_only_the_receiver_wrote_down_is_an_arrow_too() -> None:
    wire = Wire()
    wire.end(wire.begin((MERCHANT, SERVER), "POST /payment/init", side=Side.SERVER, direction=Direction.IN))

    (arrow,) = arrows_of(wire)

    assert (arrow.sent, arrow.sender, arrow.arrived) == (None, MERCHANT, True)


def test_faults_of_the_sender_lie_on_the_call_and_those_of_the_receiver_on_the_answer() -> None:
    wire = Wire()
    sent = wire.begin((GATEWAY, SERVER), "POST /ipn", faults=("late 1 h",))
    wire.end(wire.take(sent), sent, faults=("late 1 h", "status 500"))

    (arrow,) = arrows_of(wire)

    assert (arrow.call_faults, arrow.answer_faults) == (("late 1 h",), ("status 500",))


def test_changes_and_notes_of_both_sides_are_kept_once() -> None:
    wire = Wire()
    once, twice = a_change("PENDING", "CAPTURED"), a_change("OPEN", "PAID", resource="gateway_order")
    sent = wire.begin((SERVER, GATEWAY), "GET /x", changes=(once,), note="why")
    wire.end(wire.take(sent), changes=(twice, once))

    (arrow,) = arrows_of(wire)

    assert (arrow.changes, arrow.notes) == ((once, twice), ("why",))


def test_a_request_that_arrived_other_than_it_left_still_pairs() -> None:
    wire = Wire()
    sent = wire.begin((GATEWAY, SERVER), "POST /ipn")
    wire.take(sent, request=replace(sent.request, body="amount=0.01"))

    assert len(arrows_of(wire)) == 1


def test_equal_requests_pair_in_their_order() -> None:
    wire = Wire()
    for status in (200, 500):
        wire.call((GATEWAY, SERVER), "POST /ipn", status=status)

    arrows = arrows_of(wire)

    assert [arrow.taken.answer.status for arrow in arrows if arrow.taken and arrow.taken.answer] == [200, 500]


def test_nothing_pairs_with_what_came_before_it() -> None:
    wire = Wire()
    stray = wire.begin((GATEWAY, SERVER), "POST /ipn", side=Side.SERVER, direction=Direction.IN)
    wire.later(seconds=1).lose(wire.begin((GATEWAY, SERVER), "POST /ipn"), Outcome.RESET)

    assert [arrow.taken for arrow in arrows_of(wire)] == [stray, None]


@given(st.lists(st.tuples(st.sampled_from(["/a", "/b"]), st.booleans(), st.integers(0, 2)), max_size=12))
def test_every_exchange_is_in_exactly_one_arrow(calls: list[tuple[str, bool, int]]) -> None:
    wire = Wire()
    for path, taken, seconds in calls:
        sent = wire.begin((SERVER, GATEWAY), f"GET {path}")
        if taken:
            wire.take(sent)
        wire.later(seconds=seconds)

    arrows = arrows_of(wire)

    records = [(record.side, record.id) for arrow in arrows for record in arrow.records]
    assert sorted(records, key=str) == sorted(((each.side, each.id) for each in wire.exchanges), key=str)
    assert [arrow.number for arrow in arrows] == list(range(1, len(arrows) + 1))
    assert _instants(arrows) == sorted(_instants(arrows))


def _instants(arrows: tuple[Arrow, ...]) -> list[datetime]:
    return [arrow.at for arrow in arrows]


def test_an_arrow_without_a_record_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one side"):
        _ = Arrow(1, None, None).sender


def test_a_target_is_path_and_query_and_never_empty() -> None:
    assert target(Request("GET", "http://gateway.test", (), "")) == "/"
    assert target(Request("GET", "http://gateway.test/a?b=1", (), "")) == "/a?b=1"


def test_a_whole_story_has_one_arrow_for_each_thing_that_was_said() -> None:
    told = [(arrow.sender.value, arrow.receiver.value, arrow.arrived, arrow.forged) for arrow in arrows_of(a_story())]

    assert told == [
        ("merchant", "server", True, False),
        ("server", "gateway", True, False),
        ("stranger", "server", True, True),
        ("gateway", "server", False, False),
        ("gateway", "server", True, False),
        ("server", "gateway", True, False),
        ("server", "provisioning", True, False),
    ]
    assert arrows_of(a_story())[0].at == START
