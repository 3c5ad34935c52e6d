"""What shortens or decides things for tests does not start in production."""

import pytest

from reference_server.errors import SettingsError
from reference_server.settings import read_settings


@pytest.mark.parametrize("switch", ["test_mode", "webhook_retry_intervals_test", "control"])
def test_no_switch_for_tests_is_on_in_production(switch: str) -> None:
    with pytest.raises(SettingsError, match=switch.upper()):
        read_settings(environment="production", **{switch: True})
