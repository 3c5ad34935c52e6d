"""TEST_MODE and its kin: as documented, and never in production."""

import pytest

from reference_server.errors import SettingsError
from reference_server.settings import read_settings


def test_the_customers_names_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TEST_MODE", "true"), ("TEST_PAYMENT_SUCCESS", "false"), ("TEST_PROCESSING_DELAY", "1000")):
        monkeypatch.setenv(name, value)
    settings = read_settings()
    assert (settings.test_mode, settings.test_payment_success, settings.test_processing_delay) == (True, False, 1000)


def test_without_them_the_sandbox_is_left_to_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TEST_MODE", "TEST_PAYMENT_SUCCESS", "TEST_PROCESSING_DELAY"):
        monkeypatch.delenv(name, raising=False)
    settings = read_settings()
    assert (settings.test_mode, settings.test_payment_success, settings.test_processing_delay) == (False, None, None)
    assert settings.retry_failed_payments == 0


def test_production_refuses_test_mode_and_says_so() -> None:
    with pytest.raises(SettingsError, match="TEST_MODE"):
        read_settings(environment="production", test_mode=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("test_processing_delay", "-1"),
        ("test_payment_success", "maybe"),
        ("test_mode", "2"),
        ("retry_failed_payments", 11),
    ],
)
def test_a_value_that_means_nothing_is_named_at_the_start(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=name.upper()):
        read_settings(**{name: value})
