"""Settings: read from the environment under what is given, checked whole, a wrong one named and never shown."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from reference_server.clock import ClockMode
from reference_server.errors import SettingsError
from reference_server.settings import Environment, Settings, read_settings


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
        ("DATABASE_URL", "mysql://x", "not a database URL"),
        ("PUBLIC_URL", "server", "PUBLIC_URL"),
        ("FRONTEND_URL", "http://shop.example:99999", "FRONTEND_URL"),
        ("PEERS", "a=b", "JSON"),
        ("SESSION_MINUTES", "0", "SESSION_MINUTES"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,proxy", "TRUSTED_PROXIES"),
        ("RATE_LIMIT_MERCHANT", "often", "RATE_LIMIT_MERCHANT"),
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


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, ""),
        ({"redis_url": "rediss://:hunter2@cache.example:6380/2"}, "rediss://:hunter2@cache.example:6380/2"),
        ({"redis_host": "cache.example"}, "redis://cache.example:6379/0"),
        (
            {"redis_host": "cache.example", "redis_port": 6380, "redis_password": "p@ss/word"},
            "redis://:p%40ss%2Fword@cache.example:6380/0",
        ),
        ({"redis_url": "redis://a.example/0", "redis_host": "b.example"}, "redis://a.example/0"),
    ],
)
def test_redis_is_named_whole_or_by_its_parts(given: dict[str, object], address: str) -> None:
    settings = Settings.model_validate(given)

    assert settings.redis_address == address
    assert not [word for word in ("hunter2", "p@ss", "p%40ss") if word in repr(settings)]


def test_what_is_no_redis_is_refused_at_the_start_and_not_shown() -> None:
    with pytest.raises(SettingsError, match="REDIS_URL") as refused:
        read_settings(redis_url="http://:hidden@cache.example")

    assert "hidden" not in str(refused.value)


def test_shoppers_return_to_our_own_page_unless_there_is_a_frontend() -> None:
    assert Settings(public_url="https://pay.example").returns_to == "https://pay.example"
    assert Settings(frontend_url="https://shop.example/").returns_to == "https://shop.example"


def test_proxies_are_listed_between_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")
    assert read_settings().trusted_proxies == ("127.0.0.1", "10.0.0.0/8")


def test_a_rate_is_as_set_and_else_as_the_environment_wants() -> None:
    production, development = Settings(environment=Environment.PRODUCTION), Settings()
    rates = [it.rate(it.rate_limit_merchant, in_production="9/minute") for it in (production, development)]
    assert rates == ["9/minute", "off"]
    assert Settings(rate_limit_address="5/second").rate("5/second", in_production="9/minute") == "5/second"
