"""Settings: read from the environment under what is given, checked whole, a wrong one named and never shown."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from reference_server.clock import ClockMode
from reference_server.errors import SettingsError
from reference_server.settings import Settings, read_settings


def test_defaults_serve_on_this_machine_without_a_control_plane() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.control, settings.clock) == (
        "127.0.0.1", 8000, False, ClockMode.SYSTEM,
    )  # fmt: skip


def test_the_environment_is_read_under_what_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PORT": "9000",
        "HOST": "0.0.0.0",  # noqa: S104  # what a container sets
        "CLOCK": "virtual",
        "CLOCK_START": "2031-01-01T06:00:00+06:00",
        "PEERS": '{"http://server.test": "127.0.0.1:1"}',
        "SEED": "",
        "PUBLIC_URL": "https://pay.example/",
        "SSLCOMMERZ_STORE_ID": "testbox",
        "SSLCOMMERZ_STORE_PASSWD": "qwerty",
    }.items():
        monkeypatch.setenv(name, value)
    settings = read_settings(port=9001)
    assert (settings.port, settings.host, settings.seed) == (9001, "0.0.0.0", None)  # noqa: S104  # what a container sets
    assert settings.clock_start == datetime(2031, 1, 1, tzinfo=UTC)
    assert settings.peers == {"http://server.test": "127.0.0.1:1"}
    assert settings.public_url == "https://pay.example"
    assert "qwerty" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "no", "PORT"),
        ("PORT", "70000", "PORT"),
        ("CLOCK", "sundial", "CLOCK"),
        ("CLOCK_START", "2030-01-01T00:00:00", "offset"),
        ("DATABASE_URL", "postgresql+asyncpg://x", "later release"),
        ("DATABASE_URL", "mysql://x", "not a database URL"),
        ("PUBLIC_URL", "server", "PUBLIC_URL"),
        ("PEERS", "a=b", "JSON"),
        ("SESSION_MINUTES", "0", "SESSION_MINUTES"),
        ("MERCHANT_API_KEY", "key", "MERCHANT_API_SECRET"),
        ("SSLCOMMERZ_STORE_ID", "testbox", "SSLCOMMERZ_STORE_PASSWD"),
        ("VALIDATION_LIMIT_SECONDS", "secret-looking", "VALIDATION_LIMIT_SECONDS"),
    ],
)
def test_a_wrong_setting_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=told) as refused:
        read_settings()
    assert "secret-looking" not in refused.value.message


@pytest.mark.parametrize("test_only", [{"control": True}, {"clock": ClockMode.VIRTUAL}, {"seed": 1}])
def test_production_refuses_what_is_for_tests(test_only: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="production"):
        read_settings(environment="production", **test_only)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1


def test_a_name_that_is_no_setting_is_refused_by_hand_and_passed_over_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ValidationError, match="sesion_minutes"):
        Settings.model_validate({"sesion_minutes": 5})
    monkeypatch.setenv("SESION_MINUTES", "5")
    assert read_settings().session_minutes == 15
    with pytest.raises(SettingsError, match="SESION_MINUTES"):
        read_settings(sesion_minutes=5)
