"""The rooms import each other as the design allows."""

import pytest

from tests.house import imports, libraries
from tests.house.project import Rule, findings_of, keep, project_of

RULES: list[Rule] = [
    imports.foreign_rooms,
    imports.arrows_to_the_right,
    imports.circles,
    imports.strange_features,
    imports.strange_gateways,
    libraries.libraries_away_from_home,
    libraries.more_than_the_standard_library,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_import_goes_where_it_must_not(rule: Rule) -> None:
    keep(rule)


BAD = [
    (imports.foreign_rooms, {"reference_server/app.py": "import simulators.clock"}),
    (imports.foreign_rooms, {"simulators/app.py": "from contracts import checks"}),
    (imports.foreign_rooms, {"contracts/binding/bind.py": "import reference_server"}),
    (imports.foreign_rooms, {"scenarios/runner.py": "from simulators.app import create_app"}),
    (imports.foreign_rooms, {"scenarios/world.py": "from simulators.outbox import Outbox"}),
    (imports.foreign_rooms, {"tests/process/test_up.py": "import scenarios"}),
    (imports.foreign_rooms, {"gatewright.py": "import scenarios.cli"}),
    (
        imports.arrows_to_the_right,
        {"simulators/clock.py": "from simulators.app import create_app", "simulators/app.py": ""},
    ),
    (
        imports.arrows_to_the_right,
        {
            "reference_server/payments/lifecycle.py": "from . import apply",
            "reference_server/payments/apply.py": "",
            "reference_server/payments/__init__.py": "",
        },
    ),
    (
        imports.arrows_to_the_right,
        {"simulators/journal.py": "import simulators.app", "simulators/app.py": ""},
    ),
    (imports.circles, {"contracts/a.py": "from contracts.b import x", "contracts/b.py": "import contracts.a"}),
    (
        imports.strange_features,
        {
            "reference_server/refunds/apply.py": "from reference_server.payments.schedule import GAPS",
            "reference_server/payments/schedule.py": "",
        },
    ),
    (
        imports.strange_gateways,
        {
            "simulators/gateways/razorpay/api.py": "import simulators.gateways.cashfree.wire",
            "simulators/gateways/cashfree/wire.py": "",
        },
    ),
    (
        imports.strange_gateways,
        {
            "reference_server/payments/apply.py": "from reference_server.gateways.sslcommerz import wire",
            "reference_server/gateways/sslcommerz/wire.py": "",
        },
    ),
    (libraries.libraries_away_from_home, {"reference_server/payments/apply.py": "import httpx"}),
    (libraries.libraries_away_from_home, {"simulators/outbox.py": "from sqlalchemy import select"}),
    (libraries.more_than_the_standard_library, {"simulators/pytest_plugin.py": "import httpx"}),
    (libraries.more_than_the_standard_library, {"dev.py": "import rich"}),
]


@pytest.mark.parametrize(("rule", "files"), BAD)
def test_a_forbidden_import_is_found(rule: Rule, files: dict[str, str]) -> None:
    assert findings_of(rule, project_of(files))


GOOD = [
    {"reference_server/app.py": "from contracts.binding import bind"},
    {"scenarios/world.py": "from simulators.app import create_app"},
    {
        "reference_server/control/app.py": "import reference_server.payments.apply",
        "reference_server/payments/apply.py": "",
    },
    {"reference_server/gateways/sslcommerz/api.py": "import httpx\nfrom reference_server import money"},
    {"tests/contracts/test_binding.py": "from contracts.binding import bind"},
]


@pytest.mark.parametrize("files", GOOD)
def test_an_allowed_import_is_let_be(files: dict[str, str]) -> None:
    assert [found for rule in RULES for found in findings_of(rule, project_of(files))] == []
