"""Nobody goes past the seams of time, chance and environment."""

import pytest

from tests.house import calls
from tests.house.project import findings_of, keep, project_of


def test_time_chance_and_environment_come_through_their_seams() -> None:
    keep(calls.calls_past_a_seam)


def test_no_test_patches_our_code() -> None:
    keep(calls.patches)


BAD = [
    "import time\nprint(time.time())",
    "from time import sleep as rest\nrest(1)",
    "import asyncio as a\nasync def wait():\n    await a.sleep(0.1)",
    "from datetime import datetime\nnow = datetime.now()",
    "import datetime as dt\nnow = dt.datetime.utcnow()",
    "from dataclasses import field\nfrom uuid import uuid4\nid = field(default_factory=uuid4)",
    "import random\nx = random.Random(3)",
    "from secrets import token_hex\nx = token_hex()",
    "import os\nhome = os.environ['HOME']",
    "import asyncio\nasync def limit():\n    async with asyncio.timeout(5):\n        pass",
]


@pytest.mark.parametrize("text", BAD)
def test_a_banned_call_is_found_whatever_it_was_imported_as(text: str) -> None:
    assert findings_of(calls.calls_past_a_seam, project_of({"simulators/outbox.py": text}))


GOOD = [
    ("simulators/clock.py", "import time\nprint(time.time())"),
    ("scenarios/settings.py", "import os\nx = os.environ.get('A')"),
    ("simulators/outbox.py", "import asyncio\nasync def turn():\n    await asyncio.sleep(0)"),
    ("simulators/outbox.py", "from datetime import datetime\nstart = datetime.fromisoformat('2026-01-01')"),
    ("simulators/outbox.py", "import random_names\nrandom_names.draw()"),
]


@pytest.mark.parametrize(("path", "text"), GOOD)
def test_a_seam_and_its_neighbours_are_let_be(path: str, text: str) -> None:
    assert findings_of(calls.calls_past_a_seam, project_of({path: text})) == []


@pytest.mark.parametrize(
    "text",
    ["from unittest.mock import patch\npatch('a.b')", "def test_x(monkeypatch):\n    monkeypatch.setattr('a', 1)"],
)
def test_a_patch_is_found(text: str) -> None:
    assert findings_of(calls.patches, project_of({"tests/test_x.py": text}))
