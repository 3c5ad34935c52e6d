"""Tables of examples: each row a scenario of its own, and mistakes that name file, line and row."""

from pathlib import Path

import pytest

from scenarios.loader import LoadError, load
from scenarios.model import Expectation, InjectFault, OpenPayment, Scenario
from tests.scenarios.files import write

HEAD = "version: 1\nname: {name}\ndescription: What it guards.\n"
STEPS = """\
steps:
  - inject_fault: {when: {event: ipn}, faults: [duplicate: {copies: <copies>, at_once: <at_once>}]}
  - open_payment: {amount: <amount>}
  - pay
finally:
  - {notifications: {sent: <copies>}}
"""
EXAMPLES = """\
examples:
  - {copies: 2, amount: "10.00", at_once: false}
  - {copies: 50, amount: 20.50, at_once: true}
"""


def a_table(name: str = "The IPN comes <copies> times", *, examples: str = EXAMPLES, steps: str = STEPS) -> str:
    return f"{HEAD.format(name=name)}gateway: sslcommerz\n{examples}{steps}"


def loaded(folder: Path, text: str) -> list[Scenario]:
    return load([write(folder / "table.yaml", text)])


def mistakes_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(LoadError) as raised:
        loaded(folder, text)
    return [str(mistake).removeprefix(f"{folder}/table.yaml:") for mistake in raised.value.mistakes]


def test_each_row_is_a_scenario_with_its_values_in_place_numbers_and_all(tmp_path: Path) -> None:
    two, fifty = loaded(tmp_path, a_table())

    assert [two.name, fifty.name] == ["The IPN comes 2 times", "The IPN comes 50 times"]
    assert (two.row, fifty.row) == (1, 2)
    armed, opened = fifty.steps[0].arguments, fifty.steps[1].arguments
    assert isinstance(armed, InjectFault)
    assert armed.faults[0].settings == {"copies": 50, "at_once": True}
    assert isinstance(opened, OpenPayment)
    assert opened.amount == "20.50"
    last: Expectation = fifty.finally_[0]
    assert last.notifications is not None
    assert str(last.notifications.sent) == "exactly 50"


def test_rows_of_one_name_are_told_apart_by_their_values(tmp_path: Path) -> None:
    names = [one.name for one in loaded(tmp_path, a_table("The IPN comes often"))]

    assert names == [
        "The IPN comes often (copies 2, amount 10.00, at_once false)",
        "The IPN comes often (copies 50, amount 20.50, at_once true)",
    ]


@pytest.mark.parametrize("for_each", ["gateway", "{gateway: [sslcommerz]}"])
def test_for_each_gateway_takes_the_place_of_gateway(tmp_path: Path, for_each: str) -> None:
    text = HEAD.format(name="With <gateway>") + f"for_each: {for_each}\nsteps: [pay]\n"

    assert [(one.name, one.gateway) for one in loaded(tmp_path, text)] == [("With sslcommerz", "sslcommerz")]


def test_a_file_without_a_table_may_hold_angles(tmp_path: Path) -> None:
    text = HEAD.format(name="Less < is <more>") + "gateway: sslcommerz\nsteps: [pay]\n"

    (scenario,) = loaded(tmp_path, text)

    assert (scenario.name, scenario.row) == ("Less < is <more>", None)


def test_a_mistake_of_one_row_names_line_and_row(tmp_path: Path) -> None:
    text = a_table(examples=EXAMPLES.replace("copies: 50", "copies: many"))

    row = "(row 2, line 7: copies many, amount 20.50, at_once true)"
    assert mistakes_of(tmp_path, text) == [
        f"9:69: found 'many'; a whole number from 2 to 1000 was due {row}",
        f"13:28: found 'many'; a whole number from 0, or at_least and at_most was due {row}",
    ]


def test_a_mistake_of_every_row_is_told_once(tmp_path: Path) -> None:
    text = a_table(steps=STEPS.replace("amount: <amount>", "amount: <amount>, sum: 1"))

    (told,) = mistakes_of(tmp_path, text)

    assert told.startswith("10:")
    assert "`sum` is not known here" in told
    assert "row" not in told


@pytest.mark.parametrize(
    ("examples", "steps", "words"),
    [
        ("examples: []\n", STEPS, "`examples` takes a list of rows"),
        ("examples: [2]\n", STEPS, "a row takes values by name"),
        (EXAMPLES.replace(', amount: "10.00"', ""), STEPS, "row 2 has `amount`, which the first row has not"),
        (EXAMPLES.replace(", amount: 20.50", ""), STEPS, "row 2 has no `amount`"),
        (EXAMPLES, STEPS.replace("<amount>", "<amont>"), "<amont> is no column of the table; did you mean `amount`?"),
        (EXAMPLES, STEPS.replace("<amount>", "1.00"), "the column `amount` is used nowhere"),
        (EXAMPLES.replace("copies: 2,", "copies: [2],"), STEPS, "`copies` takes text, a number, true or false"),
        ("for_each: gateway\n" + EXAMPLES, STEPS, "leave `gateway` out"),
        ("examples:\n" + '  - {copies: 2, amount: "1", at_once: true}\n' * 501, STEPS, "more than 500 scenarios"),
    ],
)
def test_a_table_that_is_wrong_says_how(tmp_path: Path, examples: str, steps: str, words: str) -> None:
    assert any(words in told for told in mistakes_of(tmp_path, a_table(examples=examples, steps=steps)))


def test_rows_that_end_up_with_one_name_are_refused(tmp_path: Path) -> None:
    row = '  - {copies: 2, amount: "10.00", at_once: false}\n'

    assert "belongs to" in mistakes_of(tmp_path, a_table("Twice", examples=f"examples:\n{row}{row}"))[0]
