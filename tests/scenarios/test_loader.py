"""What an author is told about mistakes, and which files are found."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scenarios.loader import LoadError, load
from tests.scenarios.files import HEAD, with_steps, write

OPEN = 'open_payment: {amount: "100.00"}'


def mistakes_of(*paths: Path | str) -> list[str]:
    with pytest.raises(LoadError) as refused:
        load(paths)
    return str(refused.value).splitlines()


def mistakes_in(tmp_path: Path, text: str) -> list[str]:
    path = write(tmp_path / "story.yaml", text)
    return [line.removeprefix(f"{path}:") for line in mistakes_of(path)]


WRONG_HEADS = {
    "description: no": "3:14: found no, which YAML reads as false unless it is quoted; text was due",
    "description: 3": "3:14: found 3; text was due",
    "description:": "3:13: found nothing; text was due",
    'description: ""': "3:14: found an empty text; text was due",
    "descripton: x": "3:1: `descripton` is not known here; did you mean `description`? Possible: description,",
    "version: 2\ndescription: x": "3:10: found 2; 1 was due",
    "description: x\nstart: 2026-01-01": "4:8: found '2026-01-01'; an instant such as 2026-01-01T00:00:00Z was due",
    "description: x\nseed: -1": "4:7: found -1; a whole number from 0 was due",
    "description: x\nseed: 010": "4:7: found 010, which YAML reads in a way of its own; write it plainly",
    "description: x\nserver: own proces": "4:9: found 'own proces'; did you mean `own process`? Possible: here,",
    "description: x\ntags: [late, late]": "4:7: found a list; a list in which each stands once was due",
    "description: x\nsettings: {sslcomerz: {}}": "4:12: `sslcomerz` is not known here; did you mean `sslcommerz`?",
    "description: x\nhorizon: 40000d": "4:10: found '40000d'; a duration such as 1h, 10m, 5s, 2d or 1h30m was due",
    "description: x\nfinally: {}": "4:10: found an empty group; a list of expectations was due",
    f"description: {'x' * 2001}": "3:14: found 'xxx",
}


@pytest.mark.parametrize(("lines", "words"), WRONG_HEADS.items())
def test_a_mistake_in_the_head_says_place_found_and_possible(tmp_path: Path, lines: str, words: str) -> None:
    head = HEAD.replace("description: What it guards.", lines)
    head = head.replace("version: 1\n", "# no version\n") if "version" in lines else head

    assert any(line.startswith(words) for line in mistakes_in(tmp_path, with_steps(OPEN, head=head)))


WRONG_STEPS = {
    "pya": "6:5: found 'pya'; did you mean `pay`? Possible: pay, decline, cancel,",
    "advance": "6:5: `advance` cannot stand alone; write `advance: …` with a duration such as 1h,",
    "open_payment": "6:5: `open_payment` cannot stand alone; write `open_payment: …` with amount",
    "expect": "6:5: `expect` cannot stand alone; write `expect: …` with a group of named values",
    "3": "6:5: found 3; a step was due",
    "{}": "6:5: found an empty group; at least one of advance, ask_status,",
    "{opn_payment: {}}": "6:6: `opn_payment` is not known here; did you mean `open_payment`?",
    "open_payment: {amount: ten}": "6:28: found 'ten'; an amount such as 1500.00 was due",
    "open_payment: {}": "6:19: `amount` is missing in `open_payment`",
    "open_payment: {amount: 1, currency: taka}": "6:41: found 'taka'; a currency code such as BDT was due",
    "pay: {risk_level: 2}": "6:23: found 2; 0 or 1 was due",
    "pay: {returns: maybe}": "6:20: found 'maybe'; true or false was due",
    "advance: 3 weeks": "6:14: found '3 weeks'; a duration such as 1h,",
    "advance: 90": "6:14: found 90; a duration such as 1h,",
    "quiesce: {a: 1}": "6:14: found `a`; this step takes nothing",
    "expect: {provisioned: -1}": "6:27: found -1; a whole number from 0 was due",
    "expect: {provisioned: {atleast: 1}}": "6:28: `atleast` is not known here; did you mean `at_least`?",
    "expect: {status: SUCESS}": "6:22: found 'SUCESS'; did you mean `SUCCESS`? Possible: PENDING,",
    "expect: {status: [a]}": "6:22: found a list. Possible: PENDING,",
    "expect: {status: pay}": "6:22: found 'pay'. Possible: PENDING,",
    "expect: {answer: 99}": "6:22: found 99; an HTTP status from 100 to 599 was due",
    "expect: {notifications: {}}": "6:29: found an empty group; at least one of answered, refused, sent was due",
    "expect: {within: 1d}": "6:13: claims nothing. Possible: answer, fulfilment,",
    "expect: {provisioned: {at_least: 2, at_most: 1}}": "6:27: at least 2 and at most 1 cannot both hold",
    "inject_fault: {faults: []}": "6:28: found an empty list; at least 1 was due",
    "inject_fault: {faults: [Late]}": "6:29: found 'Late'",
    "inject_fault: {faults: [late: 1h]}": "6:35: found '1h'; the fault's settings was due",
    "inject_fault: {faults: [late], when: {after: soon}}": "6:50: found 'soon'; an instant such as",
    "inject_fault: {faults: [late], when: {nth: 0}}": "6:48: found 0; a whole number from 1 was due",
    "inject_fault: {faults: [late], when: {order: licence}}": "6:50: no payment is named",
    "forge_notification: {proof: wrong}": "6:33: found 'wrong'; did you mean `wrong_key`?",
    "forge_return": "6:5: `forge_return` cannot stand alone; write `forge_return: …` with to",
    "forge_return: {to: ipn}": "6:24: found 'ipn'. Possible: success, fail, cancel.",
    "forge_return: {to: fail, taken_from: {order: licence, fields: [a]}}": "6:50: no payment is named",
    "forge_return: {to: fail, taken_from: {order: licence}}": "6:42: `fields` is missing in `taken_from`",
    "pay: {order: licence}": "6:18: no payment is named `licence`. None is open by then.",
    "kill_server": "6:5: `kill_server` needs a server that can be killed: say `server: own process`",
}


@pytest.mark.parametrize(("step", "words"), WRONG_STEPS.items())
def test_a_mistake_in_a_step_says_place_found_and_possible(tmp_path: Path, step: str, words: str) -> None:
    assert any(line.startswith(words) for line in mistakes_in(tmp_path, with_steps(step)))


def test_arguments_that_are_not_indented_are_told_so(tmp_path: Path) -> None:
    told = mistakes_in(tmp_path, with_steps("open_payment:\n    amount: 100"))

    assert (
        "6:5: found `open_payment`, `amount` side by side where one was due; indent what belongs to `open_payment`"
        in told
    )


def test_a_payment_is_known_by_the_name_it_was_opened_under(tmp_path: Path) -> None:
    steps = with_steps(
        'open_payment: {as: first, amount: "1"}',
        "pay: {order: frist}",
        tail="finally:\n  - {order: second, state: CAPTURED}\n",
    )

    assert mistakes_in(tmp_path, steps) == [
        "7:18: no payment is named `frist`; did you mean `first`? Open by then: first.",
        "9:13: no payment is named `second`. Open by then: first.",
    ]


def test_two_payments_of_one_name_are_refused(tmp_path: Path) -> None:
    told = mistakes_in(tmp_path, with_steps(OPEN, OPEN, 'open_payment: {as: order, amount: "1"}'))

    assert [line.partition(" ")[0] for line in told] == ["7:5:", "8:24:"]
    assert all("a payment named `order` is open already" in line for line in told)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (["start_server"], "7:5: the server runs already"),
        (["kill_server", "kill_server"], "8:5: the server is killed already"),
    ],
)
def test_a_server_is_killed_and_started_in_turns(tmp_path: Path, steps: list[str], words: str) -> None:
    assert mistakes_in(tmp_path, with_steps(*steps, head=f"{HEAD}server: own process\n")) == [words]


def test_all_mistakes_of_all_files_are_told_at_once_in_order(tmp_path: Path) -> None:
    write(tmp_path / "b.yaml", with_steps("pya", "advance: x"))
    write(tmp_path / "a.yaml", "a: [")

    told = mistakes_of(tmp_path)

    assert [line.split(":")[0].rpartition("/")[2] for line in told] == ["a.yaml", "b.yaml", "b.yaml"]


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    first = write(tmp_path / "a.yaml", with_steps(OPEN))
    second = write(tmp_path / "b.yaml", with_steps(OPEN))

    assert mistakes_of(first, second) == [
        f"{second}:1:1: the name 'A story' belongs to {first} already; reports need one of its own"
    ]


def _the_folder(path: Path) -> list[str]:
    return [str(path)]


def _a_glob(path: Path) -> list[str]:
    return [f"{path}/**/*.y*ml"]


def _each_file_and_the_folder(path: Path) -> list[str]:
    return [str(path / "a.yaml"), str(path)]


@pytest.mark.parametrize("named", [_the_folder, _a_glob, _each_file_and_the_folder])
def test_folders_globs_and_files_are_read_each_file_once_and_sorted(
    tmp_path: Path, named: Callable[[Path], list[str]]
) -> None:
    for name in ("a.yaml", "deeper/b.yml"):
        write(tmp_path / name, with_steps(OPEN, head=HEAD.replace("A story", name)))
    write(tmp_path / "notes.txt", "not a scenario")

    assert [scenario.name for scenario in load(named(tmp_path))] == ["a.yaml", "deeper/b.yml"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("missing.yaml", "no such file or directory"),
        ("*.yaml", "no file matches"),
        ("", "holds no scenario: no file that ends in .yaml or .yml"),
    ],
)
def test_a_path_that_names_no_scenario_is_a_mistake(tmp_path: Path, path: str, words: str) -> None:
    assert mistakes_of(tmp_path / path)[0].endswith(words)


def test_a_root_that_is_no_group_is_a_mistake(tmp_path: Path) -> None:
    assert mistakes_in(tmp_path, "- 1\n") == ["1:1: found a list; a Gatewright scenario was due"]
