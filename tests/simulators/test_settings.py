"""The settings: read once, checked whole, a wrong one named without its value."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from simulators.clock import ClockMode
from simulators.errors import SettingsError
from simulators.settings import Settings, read_settings


def test_defaults_listen_on_this_machine_with_the_control_plane() -> None:
    settings = Settings()
    assert (settings.host, settings.control, settings.clock) == ("127.0.0.1", True, ClockMode.SYSTEM)


def test_the_environment_is_read_under_what_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLCOMMERZ_PORT", "9201")
    monkeypatch.setenv("SEED", "")
    monkeypatch.setenv("CLOCK_START", "2031-01-01T06:00:00+06:00")
    monkeypatch.setenv("PEERS", '{"http://server.test": "127.0.0.1:1"}')
    settings = read_settings(merchant_port=9301)
    assert (settings.sslcommerz_port, settings.merchant_port, settings.seed) == (9201, 9301, None)
    assert settings.clock_start == datetime(2031, 1, 1, tzinfo=UTC)
    assert settings.peers == {"http://server.test": "127.0.0.1:1"}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("SSLCOMMERZ_PORT", "70000", "SSLCOMMERZ_PORT"),
        ("CLOCK_START", "2031-01-01T06:00:00", "needs an offset"),
        ("SERVER_URL", "localhost", "is not an address"),
        ("BASE_URLS", '{"phonepay": "http://a.test"}', "knows no listener phonepay"),
        ("PEERS", "server.test", "JSON"),
        ("SEED", "secret-looking", "SEED"),
    ],
)
def test_a_wrong_setting_is_named_and_not_shown(
    key: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(key, value)
    with pytest.raises(SettingsError, match=said) as wrong:
        read_settings()
    assert "secret-looking" not in str(wrong.value)


def test_a_name_that_is_no_setting_is_refused_by_hand_and_passed_over_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ValidationError, match="sslcommerz_prt"):
        Settings.model_validate({"sslcommerz_prt": 5})
    monkeypatch.setenv("SSLCOMMERZ_PRT", "5")
    assert read_settings().sslcommerz_port == 9101
    with pytest.raises(SettingsError, match="SSLCOMMERZ_PRT"):
        read_settings(sslcommerz_prt=5)
