"""Which faults may stand behind each other, and why not; and a rule for every pair of them."""

import itertools
from collections.abc import Mapping

import pytest

from simulators.errors import RuleRefused
from simulators.faults import FAULTS
from simulators.faults.rules import read_faults
from simulators.faults.traits import ALL, Aspect, words_of

Given = Mapping[str, object]
Named = Mapping[str, Given]
A_STATUS: Named = {"status": {"code": 503}}
KEPT: Named = {"status": {"code": 503, "body": "kept"}}
SKIPPED: Named = {"status": {"code": 503, "work": "skipped"}}
EMPTY: Named = {"malformed_body": {"how": "empty"}}
LIE: Named = {"tamper": {"amount": "half"}}
LIE_KEPT: Named = {"tamper": {"amount": "half", "proof": "kept"}}
STAMP: Named = {"stale_stamp": {"by_seconds": 60}}
LATE: Named = {"late": {"by_seconds": 60}}
DELAY: Named = {"delay": {"by_seconds": 60}}
SHORTER: Named = {"wrong_length": {"by": -1}}


def fault(name: str) -> Named:
    return {name: {}}


CONTRADICTIONS: list[tuple[list[Named], str]] = [
    ([fault("never_answer"), A_STATUS], "/faults/1/status: never_answer leaves nothing of the answer for status"),
    ([A_STATUS, fault("never_answer")], "/faults/1/never_answer: never_answer undoes what status makes of the status"),
    ([DELAY, fault("reset_before_work")], "reset_before_work undoes what delay makes of when it leaves"),
    ([fault("reset_after_work"), DELAY], "reset_after_work leaves nothing of the answer for delay to strike"),
    ([fault("html_page"), fault("reset_after_work")], "undoes what html_page makes of what the body says"),
    ([fault("never_answer"), fault("never_answer")], "leaves nothing of the answer"),
    ([A_STATUS, A_STATUS], "status undoes what status makes of the status"),
    ([A_STATUS, fault("redirect")], "redirect undoes what status makes of the status"),
    ([fault("rate_limit"), A_STATUS], "status undoes what rate_limit makes of the status"),
    ([fault("html_page"), fault("rate_limit")], "rate_limit undoes what html_page makes of what the body says"),
    ([fault("html_page"), fault("wrong_schema")], "html_page leaves nothing of what the operation answered"),
    ([A_STATUS, fault("wrong_schema")], "status leaves nothing of what the operation answered for wrong_schema"),
    ([fault("wrong_schema"), fault("html_page")], "html_page undoes what wrong_schema makes of what the body says"),
    ([fault("wrong_schema"), SKIPPED], "status undoes what wrong_schema makes of what the body says"),
    ([{"content_type": {"as": "a/b"}}, fault("html_page")], "html_page undoes what content_type makes of the type"),
    ([fault("cut_body"), SHORTER], "wrong_length undoes what cut_body makes of the length of the body"),
    ([EMPTY, fault("slow_drip")], "malformed_body leaves nothing of any body at all for slow_drip to strike"),
    ([fault("slow_drip"), EMPTY], "malformed_body undoes what slow_drip makes of how fast the body comes"),
    ([{"status": {"code": 204}}, fault("html_page")], "status leaves nothing of what the body says for html_page"),
    ([fault("html_page"), {"status": {"code": 304}}], "status undoes what html_page makes of what the body says"),
    ([SKIPPED, fault("early")], "status leaves nothing of the work for early to strike"),
    ([fault("early"), fault("rate_limit")], "rate_limit undoes what early makes of the work"),
    ([fault("drop"), LATE], "drop leaves nothing of the notification for late to strike"),
    ([LATE, fault("drop")], "drop undoes what late makes of when it leaves"),
    ([fault("bad_proof"), LIE], "tamper undoes what bad_proof makes of the proof"),
    ([fault("bad_proof"), STAMP], "stale_stamp undoes what bad_proof makes of the proof"),
    ([fault("other_account"), LIE], "tamper undoes what other_account makes of the proof"),
    ([fault("bad_proof"), fault("other_account")], "other_account undoes what bad_proof makes of the proof"),
    ([fault("reorder"), fault("reorder")], "reorder undoes what reorder makes of the order of notifications"),
    ([{"duplicate": {"copies": 40}}, {"burst": {"copies": 30}}], "/faults: together they make 1200 sends of one"),
]
MAKE_SENSE: list[list[Named]] = [
    [LIE, {"duplicate": {"copies": 3}}, LATE],
    [LIE, LIE_KEPT, STAMP, fault("bad_proof")],
    [fault("bad_proof"), LIE_KEPT],
    [fault("other_account"), LIE_KEPT, fault("burst"), fault("reorder")],
    [{"stale_replay": {"after_seconds": 60}}, LATE, LATE],
    [DELAY, A_STATUS, fault("html_page")],
    [fault("html_page"), A_STATUS],
    [KEPT, fault("wrong_schema")],
    [fault("stale_state"), fault("other_order"), fault("wrong_schema"), fault("cut_body"), fault("slow_drip")],
    [fault("wrong_schema"), A_STATUS],
    [fault("html_page"), {"content_type": {"as": "application/json"}}],
    [fault("early"), DELAY, fault("reset_after_work")],
    [DELAY, DELAY],
    [{"content_type": {"as": "a/b"}}, A_STATUS],
    [fault("rate_limit"), fault("html_page"), fault("slow_drip")],
    [EMPTY, {"wrong_length": {"by": 5}}],
    [
        fault("never_answer"),
        fault("drop"),
    ],
    [fault("drop"), A_STATUS],
]


@pytest.mark.parametrize(("stack", "said"), CONTRADICTIONS)
def test_a_stack_in_which_one_undoes_another_is_refused_with_the_reason(stack: list[Named], said: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        read_faults(stack)
    assert said in str(refused.value)


@pytest.mark.parametrize("stack", MAKE_SENSE)
def test_a_stack_in_which_each_has_its_own_is_taken(stack: list[Named]) -> None:
    assert len(read_faults(stack)) == len(stack)


SETTINGS: dict[str, Given] = {
    "late": {"by_seconds": 1}, "stale_replay": {"after_seconds": 1}, "stale_stamp": {"by_seconds": 1},
    "tamper": {"amount": "half"}, "delay": {"by_seconds": 1}, "status": {"code": 500}, "wrong_length": {"by": 1},
    "content_type": {"as": "a/b"},
}  # fmt: skip


def is_taken(*names: str) -> bool:
    try:
        read_faults([{name: SETTINGS.get(name, {})} for name in names])
    except RuleRefused:
        return False
    return True


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_stands_alone_and_beside_faults_of_the_other_kind(name: str) -> None:
    others = [other.name for other in FAULTS.values() if other.target is not FAULTS[name].target]
    assert is_taken(name)
    assert all(is_taken(name, other) and is_taken(other, name) for other in others)


def test_what_ends_an_answer_stands_before_nothing() -> None:
    answers = [one.name for one in FAULTS.values() if one.target is FAULTS["status"].target]
    for ending, other in itertools.product(("never_answer", "reset_before_work", "reset_after_work"), answers):
        assert not is_taken(ending, other)


def test_aspects_are_named_in_one_order() -> None:
    assert words_of(frozenset({Aspect.PROOF, Aspect.STATUS})) == "the status, the proof"
    assert len(words_of(ALL).split(", ")) == len(Aspect)
