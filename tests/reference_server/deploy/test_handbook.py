"""OPERATING.md names only settings and commands that exist, and tells how PostgreSQL and Redis are set up."""

import re
from pathlib import Path

import pytest

import reference_server
from gatewright import COMMANDS
from reference_server.settings import Settings

HANDBOOK = (Path(reference_server.__file__).parent / "OPERATING.md").read_text("utf-8")
SETTINGS = {name.upper() for name in Settings.model_fields}
# In backticks, with an underscore: what else is in capitals there is no setting.
NAMED = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`", HANDBOOK))
# Read before the settings are, since it names the file that they come from.
BEFORE = {"ENV_FILE"}


def test_every_setting_that_it_names_exists() -> None:
    unknown = NAMED - SETTINGS - BEFORE
    assert unknown == set()


def test_every_command_that_it_names_exists() -> None:
    told = set(re.findall(r"`gatewright ([a-z]+)", HANDBOOK))
    unknown = told - set(COMMANDS)
    assert unknown == set()
    assert {"serve", "worker", "migrate", "doctor"} <= told


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "REDIS_HOST", "ENVIRONMENT", "METRICS_TOKEN"])
def test_what_an_installation_is_told_to_set_stands_there(name: str) -> None:
    assert f"`{name}" in HANDBOOK


def test_what_redis_carries_and_what_its_absence_costs_is_told() -> None:
    (row,) = [line for line in HANDBOOK.splitlines() if "`REDIS_URL`" in line]
    assert "may go away" in row
    assert "`RedisAway`" in HANDBOOK
