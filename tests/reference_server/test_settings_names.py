"""The customer's names for settings, the file that ENV_FILE names, and which values no log may show."""

from pathlib import Path

import pytest

from reference_server.errors import SettingsError
from reference_server.settings import Environment, LogFormat, LogLevel, Settings, read_settings

PRODUCTION, DEVELOPMENT = Environment.PRODUCTION, Environment.DEVELOPMENT


@pytest.mark.parametrize(
    ("node_env", "environment", "meant"),
    [
        ("production", "", PRODUCTION),
        ("Production ", "", PRODUCTION),
        ("development", "", DEVELOPMENT),
        ("test", "", DEVELOPMENT),
        ("", "production", PRODUCTION),
        ("production", "development", DEVELOPMENT),
        ("development", "production", PRODUCTION),
    ],
)
def test_node_env_is_another_name_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, node_env: str, environment: str, meant: Environment
) -> None:
    monkeypatch.setenv("NODE_ENV", node_env)
    monkeypatch.setenv("ENVIRONMENT", environment)
    assert read_settings().environment is meant


def test_node_env_of_production_refuses_what_is_for_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_ENV", "production")
    with pytest.raises(SettingsError, match="CONTROL"):
        read_settings(control=True)


def test_a_file_is_read_under_the_environment_and_what_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    named = tmp_path / "settings"
    named.write_text(
        "PORT=9001\nLOG_FORMAT=text\nLOG_LEVEL=debug\n# a comment\nREDIS_HOST=cache.example\nOF_OTHERS=1\n"
    )
    monkeypatch.setenv("ENV_FILE", str(named))
    monkeypatch.setenv("LOG_LEVEL", "error")
    monkeypatch.setenv("REDIS_DB", "3")
    settings = read_settings(port=9002)
    assert (settings.port, settings.log_format, settings.log_level) == (9002, LogFormat.TEXT, LogLevel.ERROR)
    assert settings.redis_address == "redis://cache.example:6379/3"


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENV_FILE", "nowhere.env")
    with pytest.raises(SettingsError, match=r"nowhere\.env"):
        read_settings()


def test_a_token_that_can_be_guessed_is_refused_and_not_shown() -> None:
    with pytest.raises(SettingsError, match="METRICS_TOKEN") as refused:
        read_settings(metrics_token="fifteen letters")
    assert "fifteen" not in refused.value.message


def test_every_secret_and_every_password_within_an_address_is_known_to_the_log() -> None:
    settings = Settings.model_validate(
        {
            "merchant_api_key": "key", "merchant_api_secret": "secret-one", "metrics_token": "secret-two-is-long",
            "redis_password": "secret three", "redis_url": "redis://:secret%2Ffour@cache.example/0",
            "database_url": "postgresql://who:secret%2Ffive@db.example/x",
        }
    )  # fmt: skip
    assert {"secret-one", "secret-two-is-long", "secret three", "secret/four", "secret/five"} <= set(settings.secrets())
    assert "" not in settings.secrets()
