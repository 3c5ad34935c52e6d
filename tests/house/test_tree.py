"""Files lie where a newcomer looks for them, are called what they are, and name no machine."""

import pytest

from tests.house import tree, words
from tests.house.project import Rule, findings_of, keep, project_of

RULES: list[Rule] = [
    words.drawers,
    words.vague_names,
    words.names_that_are_no_sentence,
    words.silent_suppressions,
    words.silent_skips,
    tree.strangers_at_the_top,
    tree.packages_under_tests,
    tree.traces_of_a_registry,
    tree.traces_of_a_machine,
    tree.shapeless_gateways,
    tree.unequal_gateways,
    tree.mirrors_of_nothing,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_tree_is_in_order(rule: Rule) -> None:
    keep(rule)


SILENCED = "x = 1  # no" + "qa: S101"
IGNORED = "x = 1  # type: " + "ignore[misc]"
INDEX = "https://pypi" + ".org/x"
MACHINE = "cd /wo" + "rk/main"
WHOLE = {f"simulators/gateways/phonepe/{name}.py": "" for name in tree.GATEWAY_SHAPE}

BAD = [
    (words.drawers, {"simulators/utils.py": ""}),
    (words.drawers, {"contracts/common/x.yaml": ""}),
    (words.vague_names, {"simulators/outbox.py": "async def handle_send(): ..."}),
    (words.vague_names, {"simulators/outbox.py": "class SendManager: ..."}),
    (words.names_that_are_no_sentence, {"tests/test_x.py": "def test_capture(): ..."}),
    (words.names_that_are_no_sentence, {"tests/test_x.py": "def test_it_should_do_that(): ..."}),
    (words.silent_suppressions, {"simulators/outbox.py": SILENCED}),
    (words.silent_suppressions, {"simulators/outbox.py": IGNORED}),
    (words.silent_skips, {"tests/test_x.py": "import pytest\n@pytest.mark.xfail\ndef test_x(): ..."}),
    (words.silent_skips, {"tests/test_x.py": "import pytest\n@pytest.mark.skipif(True)\ndef test_x(): ..."}),
    (tree.strangers_at_the_top, {"docs/index.md": ""}),
    (tree.strangers_at_the_top, {"setup.py": ""}),
    (tree.packages_under_tests, {"tests/house/__init__.py": ""}),
    (tree.traces_of_a_registry, {"requirements.lock": INDEX}),
    (tree.traces_of_a_machine, {"README.md": MACHINE}),
    (tree.shapeless_gateways, {"simulators/gateways/phonepe/api.py": ""}),
    (tree.shapeless_gateways, WHOLE | {"simulators/gateways/phonepe/signing.py": ""}),
    (tree.unequal_gateways, WHOLE),
    (tree.mirrors_of_nothing, {"tests/simulators/faults/test_late.py": "", "simulators/app.py": ""}),
]


@pytest.mark.parametrize(("rule", "files"), BAD)
def test_disorder_in_the_tree_is_found(rule: Rule, files: dict[str, str]) -> None:
    assert findings_of(rule, project_of(files))


GOOD = {
    "README.md": "GET /payment/tmp/x, ./work/x and https://example.com/home/x are no folders of a machine",
    "simulators/outbox.py": SILENCED + "  # it is a constant of the protocol",
    "simulators/faults/late.py": "class Late:\n    def apply(self): ...",
    "tests/simulators/faults/test_late.py": "import pytest\n@pytest.mark.skipif(True, reason='no Chromium')\n"
    "def test_late_send_is_late(): ...",
}


def test_an_orderly_tree_is_let_be() -> None:
    assert [found for rule in RULES for found in findings_of(rule, project_of(GOOD))] == []
