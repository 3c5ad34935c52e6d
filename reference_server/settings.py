"""Every setting of this side with its default and meaning. The only reader of the environment.

Each key is read from the environment variable of the same name in capitals, e.g. DATABASE_URL, or from a line of the
file that ENV_FILE names. reference_server/deploy/.env.example is written from this file.
"""

import os
from datetime import UTC, datetime
from enum import Enum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import quote, unquote, urlsplit

from limits import parse
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic import model_validator as whole
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as UnreadableSettings

from reference_server.clock import ClockMode
from reference_server.errors import SettingsError


class LogFormat(Enum):
    """How a line of the log is written."""

    JSON = "json"
    TEXT = "text"


class LogLevel(Enum):
    """How grave a line of the log is; `logging` knows them by the same names."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Environment(Enum):
    """What a mistake would cost here."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    # Reading the port raises `ValueError`, which names the key, where it is none.
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError("is not an address such as https://shop.example")
    return text.rstrip("/")


def _supported_database(text: str) -> str:
    if not text.startswith(("sqlite://", "postgresql://", "postgres://", "postgresql+asyncpg://")):
        raise ValueError("is not a database URL such as sqlite:///gatewright.db or postgresql://user@host:5432/name")
    return text


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("needs an offset, as in 2030-01-01T00:00:00Z")
    return instant.astimezone(UTC)


def _networks(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        ip_network(text, strict=False)
    return texts


def _listed(given: object) -> object:
    """Read a list as people write one in an environment: parts between commas."""
    return tuple(part.strip() for part in given.split(",") if part.strip()) if isinstance(given, str) else given


def _rate(text: str | None) -> str | None:
    try:
        _ = text is None or text.strip().lower() == "off" or parse(text)
    except ValueError:
        raise ValueError("is not a rate such as 600/minute, nor off") from None
    return text


# Whoever may ask as often as he likes finds a shorter one.
TOKEN_LENGTH_MIN = 16
WebAddress = Annotated[str, AfterValidator(_web_address)]
Seconds = Annotated[float, Field(gt=0, le=300)]


class Settings(BaseModel):
    """All of it, checked whole. Built by hand it reads nothing from outside; `read_settings` reads the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Where we listen; port 0 takes a free one and says which.
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    environment: Environment = Environment.DEVELOPMENT
    # The customer's name for it: `production` is that, any other value is development. ENVIRONMENT goes before it.
    node_env: str = ""

    # The log, on the standard error: `json`, one object a line, or `text`, the customer's [ISO] [LEVEL] message.
    log_format: LogFormat = LogFormat.JSON
    # From which level on lines are written: debug (each request, too), info (what happened to payments, refunds,
    # webhooks), warning, error.
    log_level: LogLevel = LogLevel.WARNING

    # Prometheus reads /metrics where we listen with `Authorization: Bearer` and this token. Without a token only
    # from this very machine, and with ENVIRONMENT=production not at all.
    metrics_token: SecretStr = SecretStr("")
    # A listener of its own for /metrics and /health, also of a worker; it wants no token, so keep it from strangers.
    metrics_host: str = "127.0.0.1"
    metrics_port: Annotated[int, Field(ge=0, le=65535)] | None = None

    # What gateways and browsers call us by: it goes into the return and IPN addresses of every session.
    # Unset, `gatewright serve` is reached by this machine alone, at the port where it listens.
    public_url: WebAddress = "http://127.0.0.1:8000"
    # Where returning shoppers are sent: <frontend>/orders/<session id>. Without one, to the server's own page.
    frontend_url: WebAddress | None = None

    # Our own proxies: 10.0.0.7,10.1.0.0/16. Only these are believed when they say for whom they speak (X-Forwarded-For,
    # -Proto, -Host).
    trusted_proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_networks)] = ()
    # Answer over HTTPS only (TLS ends at a trusted proxy), but for health, metrics and this machine's own calls.
    # Unset: with ENVIRONMENT=production.
    require_https: bool | None = None
    # How often one merchant, and one address without regard to whose, may ask: 600/minute, 20/second, or off.
    # Unset: 6000/minute and 3000/minute with ENVIRONMENT=production, else off.
    rate_limit_merchant: Annotated[str | None, AfterValidator(_rate)] = None
    rate_limit_address: Annotated[str | None, AfterValidator(_rate)] = None

    # sqlite:///gatewright.db is a file beside the current directory, for one process; sqlite:// lives in memory and is
    # lost; postgresql://user:password@host:5432/name is shared by any number of processes.
    database_url: Annotated[str, AfterValidator(_supported_database), Field(repr=False)] = "sqlite:///gatewright.db"
    # How many connections to PostgreSQL this process may have at once.
    database_pool: Annotated[int, Field(ge=1, le=500)] = 20
    # Bring the tables up to this release at the start; if not, a start on older ones is refused and names the command.
    migrate_at_start: bool = True
    # A worker that starts again under its name takes its predecessor's leases at once, so that two that live must not
    # share one. Without a name it is `server` on SQLite, and on PostgreSQL the host's name and a number of its own.
    worker_name: Annotated[str, Field(max_length=60)] = ""
    # Whether `gatewright serve` runs what is owed as well, beside `gatewright worker` or in place of it. On SQLite it
    # has to: nobody else can.
    embedded_worker: bool = True
    # Redis as a shortcut for sessions and duplicates, and to share Socket.IO rooms among processes. It may go away.
    # Either whole (redis://:password@host:6379/0, rediss://…, unix:///…) or by its parts.
    redis_url: SecretStr = SecretStr("")
    redis_host: str = ""
    redis_port: Annotated[int, Field(ge=1, le=65535)] = 6379
    redis_password: SecretStr = SecretStr("")
    redis_db: Annotated[int, Field(ge=0, le=1_000)] = 0

    # Whether a session id is enough to hear of its payment over Socket.IO; if not, the tracking token is wanted.
    realtime_bare_session: bool = True
    # How many sockets may be open at once in one process, and of these from one address (in IPv6 from one /64). A whole
    # office stands behind one, and everybody behind a proxy that TRUSTED_PROXIES does not name.
    realtime_sockets: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    realtime_sockets_per_address: Annotated[int, Field(ge=1, le=1_000_000)] = 1_000

    # How many owed things run at once on the system clock in each queue: payment, refund, webhook, and all else.
    worker_jobs: Annotated[int, Field(ge=1, le=256)] = 16
    # How long what is of no use to anybody stays: notifications that were dealt with. Money and audit trail stay.
    keep_days: Annotated[int, Field(ge=1, le=3650)] = 90

    # /_control: the clock, the journal, accounts. Never together with ENVIRONMENT=production.
    control: bool = False
    clock: ClockMode = ClockMode.SYSTEM
    # Where a virtual clock begins; a database that has seen a later instant goes on from there.
    clock_start: Annotated[datetime, AfterValidator(_in_utc)] = datetime(2030, 1, 1, tzinfo=UTC)
    # Test mode: ids follow from this number, so that a run can be repeated.
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None
    # Wire name to real address, as JSON: {"http://server.test": "127.0.0.1:40123"}. These are our own peers.
    peers: dict[str, str] = Field(default_factory=dict)
    # Check every answer against openapi.yaml before it leaves (for tests; a wrong one is a 500 and a log line).
    check_answers: bool = False

    # Who may register merchants over the API: whoever shows this in X-Admin-Token. Without it everybody in
    # development, and with ENVIRONMENT=production nobody.
    admin_token: SecretStr = SecretStr("")
    # How long a key or secret that was rotated out goes on working beside the new one, if the merchant says nothing.
    rotation_overlap_hours: Annotated[int, Field(ge=0, le=720)] = 24

    # The sandbox acquirer in test mode, refused with ENVIRONMENT=production. Without TEST_MODE the other two do
    # nothing.
    test_mode: bool = False
    # Whether every payment succeeds or none does, in place of the sandbox's rates.
    test_payment_success: bool | None = None
    # How long the sandbox takes for each payment and refund, in milliseconds, in place of 5 to 10 and 3 to 5 seconds.
    test_processing_delay: Annotated[int, Field(ge=0, le=3_600_000)] | None = None
    # How long authorized money waits for its capture before it is released.
    authorization_hours: Annotated[int, Field(ge=1, le=720)] = 168
    # How many further tries a payment gets by itself that was declined for a passing reason; 0 switches that off.
    retry_failed_payments: Annotated[int, Field(ge=0, le=10)] = 0

    # The merchant that exists from the start, and its gateway account. Without a key there is none.
    merchant_api_key: str = ""
    merchant_api_secret: SecretStr = SecretStr("")
    sslcommerz_store_id: str = ""
    sslcommerz_store_passwd: SecretStr = SecretStr("")
    sslcommerz_base_url: WebAddress = "https://sandbox.sslcommerz.com"
    # The merchant's system that delivers what was paid for; without it nothing is owed after the money.
    provisioning_url: WebAddress | None = None

    # How long we wait for each peer before the answer counts as lost.
    session_limit_seconds: Seconds = 10
    validation_limit_seconds: Seconds = 5
    provisioning_limit_seconds: Seconds = 5
    # How long one advance of the clock over /_control may take, in real time: a peer may never answer.
    advance_limit_seconds: Seconds = 30
    # How long a shopper has at the gateway before we look and let the payment expire.
    session_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    # How long risky money may stay held before a person has to look.
    hold_hours: Annotated[int, Field(ge=1, le=720)] = 72
    # Money proven after a failure, a cancel or our own expiry: `accept` delivers, `review` asks a person, `refund`
    # gives it back.
    late_capture: Literal["accept", "review", "refund"] = "accept"
    # A delivery whose schedule has ended: `review` asks a person, `waive` gives it up and the whole money back.
    fulfilment_end: Literal["review", "waive"] = "review"

    # Webhooks. How long an attempt may take, connecting, headers and body together.
    webhook_limit_seconds: Annotated[float, Field(gt=0, le=60)] = 5
    # The customer's short gaps between attempts, for tests: 0, 5, 10, 15, 20 seconds instead of 0, 1, 5, 30, 120
    # minutes. Refused with ENVIRONMENT=production.
    webhook_retry_intervals_test: bool = False
    # By up to which share a gap is longer, drawn anew each time: 0 keeps them exact, 0.2 spreads retries out.
    webhook_jitter: Annotated[float, Field(ge=0, le=1)] = 0
    # How many attempts at one endpoint run at once.
    webhook_concurrency: Annotated[int, Field(ge=1, le=256)] = 16
    # An endpoint at which nothing has arrived for so long, however often it was tried, is disabled.
    webhook_disable_hours: Annotated[int, Field(ge=1, le=720)] = 24
    # By which clock attempts are stamped for receivers that are not PEERS: `wall` is the machine's, which they check
    # stamps by; `product` is ours, which differs from it on a virtual clock.
    webhook_stamps: Literal["product", "wall"] = "wall"
    # Networks that webhooks may be sent to although they are nobody's in the Internet, as JSON: ["10.1.0.0/16"].
    # Without it this machine's own in development, so that a shop on 127.0.0.1 works, and in production none.
    webhook_networks: Annotated[tuple[str, ...], AfterValidator(_networks)] | None = None
    # Ports that webhooks may be sent to, as JSON. Without it any in development, and in production 443 and 8443.
    webhook_ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = ()

    @whole(mode="after")
    def _hang_together(self) -> Self:
        if self.environment is Environment.PRODUCTION and (
            self.control or self.clock is ClockMode.VIRTUAL or self.seed is not None
        ):
            raise ValueError("CONTROL, CLOCK=virtual and SEED are for tests: not with ENVIRONMENT=production")
        if 0 < len(self.metrics_token.get_secret_value()) < TOKEN_LENGTH_MIN:
            raise ValueError(f"METRICS_TOKEN is shorter than {TOKEN_LENGTH_MIN} letters: that can be guessed")
        if 0 < len(self.admin_token.get_secret_value()) < TOKEN_LENGTH_MIN:
            raise ValueError(f"ADMIN_TOKEN is shorter than {TOKEN_LENGTH_MIN} letters: that can be guessed")
        if not self.embedded_worker and self.database_url.startswith("sqlite"):
            raise ValueError("EMBEDDED_WORKER=false wants PostgreSQL: SQLite is one process's, which runs what is owed")
        if self.environment is Environment.PRODUCTION and self.test_mode:
            raise ValueError("TEST_MODE decides how payments end: not with ENVIRONMENT=production")
        if self.environment is Environment.PRODUCTION and self.webhook_retry_intervals_test:
            raise ValueError("WEBHOOK_RETRY_INTERVALS_TEST gives up within a minute: not with ENVIRONMENT=production")
        if self.merchant_api_key and not self.merchant_api_secret.get_secret_value():
            raise ValueError("MERCHANT_API_KEY is set and MERCHANT_API_SECRET is not: an empty secret is no secret")
        if self.redis_address and urlsplit(self.redis_address).scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("REDIS_URL is not an address such as redis://127.0.0.1:6379/0")
        if self.sslcommerz_store_id and not self.sslcommerz_store_passwd.get_secret_value():
            raise ValueError("SSLCOMMERZ_STORE_ID is set and SSLCOMMERZ_STORE_PASSWD is not")
        return self

    @property
    def is_https_required(self) -> bool:
        """Whether what came unencrypted is refused."""
        is_production = self.environment is Environment.PRODUCTION
        return is_production if self.require_https is None else self.require_https

    def rate(self, said: str | None, *, in_production: str) -> str:
        """Return the rate that counts where the setting may be unset."""
        if said is not None:
            return said
        return in_production if self.environment is Environment.PRODUCTION else "off"

    @property
    def returns_to(self) -> str:
        """Where shoppers of merchants without a frontend of their own are sent."""
        return self.frontend_url or self.public_url

    def secrets(self) -> list[str]:
        """Return every value that no log and no journal may show: secrets, and the passwords within addresses."""
        values = [value.get_secret_value() for _, value in self if isinstance(value, SecretStr)]
        within = [urlsplit(address).password for address in (self.database_url, self.redis_url.get_secret_value())]
        return [value for value in (*values, *map(unquote, filter(None, within)), *filter(None, within)) if value]

    @property
    def redis_address(self) -> str:
        """Redis' URL; nothing where there is none."""
        whole, password = self.redis_url.get_secret_value(), self.redis_password.get_secret_value()
        if whole or not self.redis_host:
            return whole
        user = f":{quote(password, safe='')}@" if password else ""
        return f"redis://{user}{self.redis_host}:{self.redis_port}/{self.redis_db}"


class _FromEnvironment(BaseSettings, Settings):  # pyright: ignore[reportIncompatibleVariableOverride]  # model_config
    # An empty variable is an unset one: compose files pass `SEED=` for "none".
    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True, extra="ignore")

    @whole(mode="before")
    @classmethod
    def _know_node_env(cls, values: dict[str, object]) -> dict[str, object]:
        said = str(values.get("node_env", "")).strip().lower()
        if not said or "environment" in values:
            return values
        # Of Node's words only this one means that a mistake costs money.
        meant = Environment.PRODUCTION if said == "production" else Environment.DEVELOPMENT
        return values | {"environment": meant}


def read_settings(**given: object) -> Settings:
    """Read the environment, under what is given. Raises `SettingsError` that names every wrong key."""
    unknown = sorted(set(given) - set(Settings.model_fields))
    if unknown:
        raise SettingsError(f"{', '.join(unknown).upper()}: no such setting")
    try:
        return _FromEnvironment(_env_file=_find_env_file(), **given)  # pyright: ignore[reportCallIssue]  # the library reads it
    except ValidationError as wrong:
        raise SettingsError(_named(wrong)) from None
    except UnreadableSettings as wrong:
        raise SettingsError(f"{wrong} (it must be JSON)") from None


def _find_env_file() -> Path | None:
    """Return the file that ENV_FILE names: `NAME=value` lines, which the environment itself goes before."""
    named = os.environ.get("ENV_FILE", "")
    if named and not Path(named).is_file():
        raise SettingsError(f"ENV_FILE: there is no file {named}")
    return Path(named) if named else None


def _named(wrong: ValidationError) -> str:
    # Never the value found: it may be a secret.
    lines = [
        f"{'.'.join(str(part) for part in error['loc']).upper() or 'settings'}: {error['msg']}"
        for error in wrong.errors(include_url=False, include_context=False, include_input=False)
    ]
    return "; ".join(lines)
