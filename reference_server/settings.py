"""Every setting of this side with its default and meaning. The only reader of the environment.

Each key is read from the environment variable of the same name in capitals, e.g. DATABASE_URL.
"""

from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic import model_validator as whole
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as UnreadableSettings

from reference_server.clock import ClockMode
from reference_server.errors import SettingsError


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
    if text.startswith(("postgresql", "postgres")):
        raise ValueError("PostgreSQL comes in a later release; for now use sqlite:///path/to/file.db")
    if not text.startswith("sqlite://"):
        raise ValueError("is not a database URL such as sqlite:///gatewright.db")
    return text


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("needs an offset, as in 2030-01-01T00:00:00Z")
    return instant.astimezone(UTC)


WebAddress = Annotated[str, AfterValidator(_web_address)]
Seconds = Annotated[float, Field(gt=0, le=300)]


class Settings(BaseModel):
    """All of it, checked whole. Built by hand it reads nothing from outside; `read_settings` reads the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Where we listen; port 0 takes a free one and says which.
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    environment: Environment = Environment.DEVELOPMENT

    # What gateways and browsers call us by: it goes into the return and IPN addresses of every session.
    public_url: WebAddress = "http://127.0.0.1:8000"
    # Where returning shoppers are sent: <frontend>/orders/<session id>. Without one, to the server's own page.
    frontend_url: WebAddress | None = None

    # sqlite:///gatewright.db is a file beside the current directory; sqlite:// lives in memory and is lost.
    database_url: Annotated[str, AfterValidator(_supported_database)] = "sqlite:///gatewright.db"
    # A worker that starts again under its name takes its predecessor's leases at once.
    worker_name: Annotated[str, Field(min_length=1, max_length=60)] = "server"
    # Redis as a shortcut for sessions and duplicates, and to share Socket.IO rooms among processes. It may go away.
    # Either whole (redis://:password@host:6379/0, rediss://…, unix:///…) or by its parts.
    redis_url: SecretStr = SecretStr("")
    redis_host: str = ""
    redis_port: Annotated[int, Field(ge=1, le=65535)] = 6379
    redis_password: SecretStr = SecretStr("")

    # Whether a session id is enough to hear of its payment over Socket.IO; if not, the tracking token is wanted.
    realtime_bare_session: bool = True
    # How many sockets may be open at once.
    realtime_sockets: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000

    # How many owed things run at once on the system clock.
    worker_jobs: Annotated[int, Field(ge=1, le=256)] = 8

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

    @whole(mode="after")
    def _hang_together(self) -> Self:
        if self.environment is Environment.PRODUCTION and (
            self.control or self.clock is ClockMode.VIRTUAL or self.seed is not None
        ):
            raise ValueError("CONTROL, CLOCK=virtual and SEED are for tests: not with ENVIRONMENT=production")
        if self.merchant_api_key and not self.merchant_api_secret.get_secret_value():
            raise ValueError("MERCHANT_API_KEY is set and MERCHANT_API_SECRET is not: an empty secret is no secret")
        if self.redis_address and urlsplit(self.redis_address).scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("REDIS_URL is not an address such as redis://127.0.0.1:6379/0")
        if self.sslcommerz_store_id and not self.sslcommerz_store_passwd.get_secret_value():
            raise ValueError("SSLCOMMERZ_STORE_ID is set and SSLCOMMERZ_STORE_PASSWD is not")
        return self

    @property
    def returns_to(self) -> str:
        """Where shoppers of merchants without a frontend of their own are sent."""
        return self.frontend_url or self.public_url

    @property
    def redis_address(self) -> str:
        """Redis' URL; nothing where there is none."""
        whole, password = self.redis_url.get_secret_value(), self.redis_password.get_secret_value()
        if whole or not self.redis_host:
            return whole
        user = f":{quote(password, safe='')}@" if password else ""
        return f"redis://{user}{self.redis_host}:{self.redis_port}/0"


class _FromEnvironment(BaseSettings, Settings):  # pyright: ignore[reportIncompatibleVariableOverride]  # model_config
    # An empty variable is an unset one: compose files pass `SEED=` for "none".
    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True, extra="ignore")


def read_settings(**given: object) -> Settings:
    """Read the environment, under what is given. Raises `SettingsError` that names every wrong key."""
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
    # Never the value found: it may be a secret.
    lines = [
        f"{'.'.join(str(part) for part in error['loc']).upper() or 'settings'}: {error['msg']}"
        for error in wrong.errors(include_url=False, include_context=False, include_input=False)
    ]
    return "; ".join(lines)
