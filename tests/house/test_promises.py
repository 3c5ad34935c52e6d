"""No promise of the customer's documents is forgotten."""

import pytest

from tests.house import promises
from tests.house.project import findings_of, keep, project_of

BOOK = """
[work]
pages = "The pages."
[documents]
"000" = "A document"
[[promise]]
document = "000"
line = 1
says = "It works"
"""


def test_every_promise_is_kept_planned_or_refused() -> None:
    keep(promises.unkept_promises)


@pytest.mark.parametrize(
    "fate",
    [
        "",
        'later = "dreams"',
        'refused = "no"',
        'kept_by = ["tests/test_gone.py"]',
        'kept_by = ["tests/test_x.py::test_that_is_gone"]',
        'later = "pages"\nkept_by = ["tests/test_x.py"]',
        'later = "pages"\n[[promise]]\ndocument = "000"\nline = 1\nsays = "It works"\nlater = "pages"',
    ],
)
def test_a_promise_without_an_honest_fate_is_found(fate: str) -> None:
    assert findings_of(promises.unkept_promises, project_with(fate))


@pytest.mark.parametrize(
    "fate",
    [
        'later = "pages"',
        'kept_by = ["tests/test_x.py"]',
        'kept_by = ["tests/test_x.py::test_it_works_well[1-a]"]',
        'refused = "The customer fixed Python; see line 2."',
    ],
)
def test_a_promise_with_one_fate_is_let_be(fate: str) -> None:
    assert findings_of(promises.unkept_promises, project_with(fate)) == []


def project_with(fate: str) -> promises.Project:
    files = {str(promises.PROMISES): BOOK + fate, "tests/test_x.py": "async def test_it_works_well(): ..."}
    return project_of(files)
