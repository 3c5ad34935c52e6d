"""`.env.example`: every setting with its default, never stale."""

import re
from pathlib import Path

import pytest

from reference_server.deploy.env_example import EXAMPLE, main, render_example
from reference_server.settings import Settings, read_settings

# What the customer's documents call by these names (000, 001, 004).
CUSTOMERS = {"PORT", "FRONTEND_URL", "NODE_ENV", "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_DB"}
SETTING = re.compile(r"^#([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)


def test_the_example_is_that_of_the_settings() -> None:
    assert main(["--check"]) == 0, "write it anew: python -m reference_server.deploy.env_example"


def test_every_setting_stands_there_once_and_is_explained_or_beside_one_that_is() -> None:
    named = [name for name, _ in SETTING.findall(EXAMPLE.read_text("utf-8"))]
    assert named == [name.upper() for name in Settings.model_fields]
    assert set(named) >= CUSTOMERS


def test_the_example_without_its_marks_is_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tmp_path / "settings"
    whole.write_text(SETTING.sub(r"\1=\2", render_example()))
    monkeypatch.setenv("ENV_FILE", str(whole))
    read = read_settings()
    assert read.model_dump() == Settings().model_dump()


def test_a_secret_has_no_default() -> None:
    shown = dict(SETTING.findall(render_example()))
    secret = [name for name in shown if re.search(r"SECRET|PASSW|TOKEN", name)]
    assert [name for name in secret if shown[name]] == []
    assert "METRICS_TOKEN" in secret
