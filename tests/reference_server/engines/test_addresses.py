"""PostgreSQL's URL in every form in which it is written down."""

import pytest
from sqlalchemy.engine import make_url

from reference_server.engines.addresses import is_postgres, read_postgres_url
from reference_server.errors import SettingsError

READ = "postgresql+asyncpg://gateway_user:gateway_pass@localhost:5432/payment_gateway"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        # The customer's document 001.
        ("postgresql://gateway_user:gateway_pass@localhost:5432/payment_gateway", READ),
        ("postgres://gateway_user:gateway_pass@localhost:5432/payment_gateway", READ),
        (READ, READ),
        (f"{READ}?sslmode=require", f"{READ}?ssl=require"),
        (f"{READ}?ssl=verify-full&channel_binding=require", f"{READ}?ssl=verify-full"),
    ],
)
def test_a_url_is_read_however_it_is_written(written: str, read: str) -> None:
    assert is_postgres(make_url(written))
    assert read_postgres_url(make_url(written)).render_as_string(hide_password=False) == read


@pytest.mark.parametrize("wrong", [f"{READ}?keepalive=1", "postgresql://localhost:5432", "postgresql://localhost/"])
def test_a_url_that_leads_nowhere_is_refused_without_showing_its_password(wrong: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL") as refused:
        read_postgres_url(make_url(wrong))
    assert "gateway_pass" not in str(refused.value)


def test_sqlite_is_another() -> None:
    assert not is_postgres(make_url("sqlite:///gatewright.db"))
