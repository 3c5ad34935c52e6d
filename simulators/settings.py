"""Every setting of the simulators with its default and meaning. The only reader of the environment on this side.

Each key is read from the environment variable of the same name in capitals, e.g. SSLCOMMERZ_PORT.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as UnreadableSettings

from simulators.clock import ClockMode
from simulators.errors import SettingsError

LISTENERS = ("control", "sslcommerz", "merchant")


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is not an address such as https://shop.example")
    return text.rstrip("/")


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("needs an offset, as in 2030-01-01T00:00:00Z")
    return instant.astimezone(UTC)


def _known_listeners(addresses: dict[str, str]) -> dict[str, str]:
    unknown = sorted(set(addresses) - set(LISTENERS))
    if unknown:
        raise ValueError(f"knows no listener {', '.join(unknown)}; there are {', '.join(LISTENERS)}")
    return addresses


WebAddress = Annotated[str, AfterValidator(_web_address)]
Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseModel):
    """All of it, checked whole. Built by hand it reads nothing from outside; `read_settings` reads the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Where the listeners are; port 0 takes a free one, and the program says which.
    host: str = "127.0.0.1"
    control_port: Port = 9100
    sslcommerz_port: Port = 9101
    merchant_port: Port = 9106
    # Also under the gateways' own host names, by TLS with a certificate of `gatewright certs`; the usual port is 9143.
    tls_port: Port | None = None
    # A forward proxy (CONNECT) that leads to the TLS listener and nowhere else; the usual port is 9180.
    proxy_port: Port | None = None
    # Where the authority and its certificate are kept. None: in the user's data folder.
    certs_dir: Path | None = None
    # Listener to the address that others know it by, as JSON: {"sslcommerz": "https://pay.example"}. Links and answers
    # use it; without one they use the Host header of the request at hand.
    base_urls: Annotated[dict[str, WebAddress], AfterValidator(_known_listeners)] = Field(default_factory=dict)

    # The control plane is what simulators are for. It answers loopback hosts and these, never a foreign Origin.
    control: bool = True
    control_hosts: list[str] = Field(default_factory=list)

    # The clock of the account `default`, and of every account that is opened without an instant of its own.
    clock: ClockMode = ClockMode.SYSTEM
    clock_start: Annotated[datetime, AfterValidator(_in_utc)] = datetime(2030, 1, 1, tzinfo=UTC)
    # Ids and choices follow from this number, so that a run can be repeated.
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None

    # Wire name to real address, as JSON: {"http://server.test": "127.0.0.1:40123"}. These are our own sides: they keep
    # the same clock, so limits towards them are on it.
    peers: dict[str, str] = Field(default_factory=dict)
    # Whom notifications may reach besides loopback addresses and our own sides: host names, addresses, networks
    # (10.0.0.0/8). Nobody else is ever called, so that a test never notifies a stranger.
    send_to: list[str] = Field(default_factory=list)

    # The shop on the merchant listener buys through this server, with this merchant's API key there.
    server_url: WebAddress = "http://127.0.0.1:8000"
    merchant_api_key: str = ""
    merchant_api_secret: SecretStr = SecretStr("")

    # Check every answer against its document before it leaves (for tests; a wrong one is a 500 and a log line).
    check_answers: bool = False

    @field_validator("proxy_port")
    @classmethod
    def _leads_somewhere(cls, port: int | None, others: ValidationInfo) -> int | None:
        if port is not None and others.data.get("tls_port") is None:
            raise ValueError("the proxy leads to the TLS listener: set TLS_PORT too (9143 is usual)")
        return port

    @property
    def certificates_folder(self) -> Path:
        """Where the certificates are kept."""
        return self.certs_dir or certificates_folder(os.environ)

    @property
    def configured_server_url(self) -> str:
        """Where our reference server is, if somebody said so: at the default's port anybody's shop may listen."""
        return self.server_url if "server_url" in self.model_fields_set else ""


class _FromEnvironment(BaseSettings, Settings):  # pyright: ignore[reportIncompatibleVariableOverride]  # both name model_config
    # An empty variable is an unset one: compose files pass `SEED=` for "none".
    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True, extra="ignore")


def certificates_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of the user's own where certificates are kept (XDG Base Directory: a relative one is void)."""
    told = Path(environment.get("XDG_DATA_HOME", ""))
    return (told if told.is_absolute() else Path.home() / ".local" / "share") / "gatewright" / "certs"


def read_environment() -> dict[str, str]:
    """Return all of it, for a program that is started in our place."""
    return dict(os.environ)


def read_settings(**given: object) -> Settings:
    """Read the environment, under what is given. Raises `SettingsError` that names every wrong key, never its value."""
    unknown = sorted(set(given) - set(Settings.model_fields))
    if unknown:
        raise SettingsError(f"{', '.join(unknown).upper()}: no such setting")
    try:
        return _FromEnvironment(**given)  # pyright: ignore[reportArgumentType]  # checked by pydantic at run time
    except ValidationError as wrong:
        raise SettingsError(_named(wrong)) from None
    except UnreadableSettings as wrong:
        raise SettingsError(f"{wrong} (it must be JSON)") from None


def _named(wrong: ValidationError) -> str:
    lines = [
        f"{'.'.join(str(part) for part in error['loc']).upper()}: {error['msg']}"
        for error in wrong.errors(include_url=False, include_context=False, include_input=False)
    ]
    return "; ".join(lines)
