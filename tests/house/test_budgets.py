"""Code stays within its budgets."""

import pytest

from tests.house import budgets
from tests.house.project import ROOT, Rule, findings_of, keep, project_of

RULES: list[Rule] = [
    budgets.long_functions,
    budgets.long_files,
    budgets.wide_functions,
    budgets.deep_functions,
    budgets.too_many_fixtures,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_code_is_within_its_budget(rule: Rule) -> None:
    keep(rule)


def body(lines: int) -> str:
    return "\n".join("    x = 1" for _ in range(lines))


DEEP = "def f():\n for a in b:\n  if a:\n   with a:\n    while a:\n     pass"
FIXTURE = "@pytest.fixture\ndef f{}():\n    pass\n"

BAD = [
    (budgets.long_functions, "def f():\n" + body(40)),
    (budgets.long_functions, "async def test_x():\n" + body(30)),
    (budgets.long_files, "x = 1\n" * 401),
    (budgets.wide_functions, "def f(a, *, b, c, d, e, f): ..."),
    (budgets.wide_functions, "def f(a, b, c, d, e): ..."),
    (budgets.deep_functions, DEEP),
    (budgets.too_many_fixtures, "".join(FIXTURE.format(n) for n in range(16))),
]


@pytest.mark.parametrize(("rule", "text"), BAD)
def test_a_broken_budget_is_found(rule: Rule, text: str) -> None:
    assert findings_of(rule, project_of({"tests/test_x.py": text}))


WIDE = [
    "def f(a, b, c): ...",
    "class A:\n    def f(self, a, b, c): ...",
    "def f(a: int, b: str, c: int): ...",
    "def f(words, label, x, y): ...",
]


@pytest.mark.parametrize("text", WIDE)
def test_a_call_in_a_room_names_its_third_value(text: str) -> None:
    assert findings_of(budgets.wide_functions, project_of({"simulators/outbox.py": text}))


def test_what_everybody_says_in_one_order_is_one_meaning() -> None:
    text = "def f(words, x, y): ..."

    assert findings_of(budgets.wide_functions, project_of({"simulators/outbox.py": text})) == []


GOOD = [
    "def f():\n" + body(39),
    "async def test_x():\n" + body(29),
    "async def app(scope, receive, send): ...",
    "def f(a: int, b: str, c: bytes): ...",
    "@app.command('run')\ndef f(a, b, c, d, e, f): ...",
    "class A:\n    def __exit__(self, kind, error, trace): ...\n    def f(self, a, b, *, c): ...",
    "def test_x(tmp_path, capsys, kind): ...",
    "def f():\n if a:\n  pass\n elif b:\n  pass\n elif c:\n  pass\n elif d:\n  pass",
]


@pytest.mark.parametrize("text", GOOD)
def test_what_is_within_the_budget_is_let_be(text: str) -> None:
    assert [found for rule in RULES for found in findings_of(rule, project_of({"tests/test_x.py": text}))] == []


def test_a_raised_limit_names_something_that_exists() -> None:
    assert [name for name in [*budgets.RAISED, *budgets.WIDER] if not (ROOT / name.partition(":")[0]).exists()] == []
