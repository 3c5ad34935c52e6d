"""Merchants as the control plane opens and lists them; the one from the settings is opened here too."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from reference_server.chance import Chance
from reference_server.database import Database
from reference_server.errors import InvalidError
from reference_server.gateways.registry import Registry
from reference_server.ids import MerchantId
from reference_server.incarnation import note_knowledge
from reference_server.merchants.frontends import Frontends, is_web_address
from reference_server.merchants.model import GatewayAccount, Merchant
from reference_server.merchants.store import (
    add_merchant,
    digest_of,
    find_by_name,
    list_credentials,
    list_frontends,
    list_gateway_accounts,
    list_merchants,
)
from reference_server.redaction import Redaction, secrets_of


@dataclass(frozen=True, slots=True)
class GatewayTerms:
    """A merchant's account with one gateway."""

    name: str
    credentials: Mapping[str, str] = field(repr=False)
    base_url: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What the merchant shows with every call."""

    key: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A merchant to be opened. Without a key of its own one is drawn; with a seed, from that and all later ids too."""

    name: str
    gateway: GatewayTerms | None = None
    provisioning_url: str | None = None
    frontend_url: str | None = None
    api_key: ApiKey | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of all merchants without asking the store."""

    redaction: Redaction
    frontends: Frontends


class Accounts:
    """`frontend_url` is for those that name none; `known` is told what the journal hides and where shoppers go."""

    def __init__(
        self, database: Database, chance: Chance, *, registry: Registry, known: Known, frontend_url: str
    ) -> None:
        self._database = database
        self._redaction = known.redaction
        self._frontends = known.frontends
        self._chance = chance
        self._registry = registry
        self._frontend_url = frontend_url

    async def open_account(self, new: NewAccount) -> dict[str, object]:
        """Open a merchant; the secret is in this answer alone. Raises `ConflictError` for a name that is taken.

        Raises `InvalidError` for what cannot be used: credentials that are missing, an address that is none.
        """
        self._check(new.gateway)
        if new.frontend_url is not None and not is_web_address(new.frontend_url):
            told = "is not an address such as https://shop.example"
            raise InvalidError(told, pointer="/frontend_url", rule="format")
        # From the account's own seed, which is not in force before the account is there: the name may be another's.
        chance = self._chance if new.seed is None else Chance(new.seed, incarnation=self._chance.incarnation)
        api_key = new.api_key or ApiKey(
            key=f"key_{chance.token(new.name, 'api key', length=24)}",
            secret=f"sec_{chance.token(new.name, 'api secret', length=40)}",
        )
        self._hide(new, api_key)
        await self._database.run(lambda session: self._add(session, new, api_key))
        self._frontends.learn(new.name, self._frontend_of(new))
        if new.seed is not None:
            self._chance.reseed(new.seed, account=new.name)
        return {"name": new.name, "credentials": {"api": {"key": api_key.key, "secret": api_key.secret}}}

    async def renew_account(self, new: NewAccount, api_key: ApiKey) -> None:
        """Open the merchant, or bring it up to what the settings now say."""
        self._check(new.gateway)
        self._hide(new, api_key)

        def unit(session: Session) -> None:
            merchant = find_by_name(session, new.name)
            if merchant is None:
                self._add(session, new, api_key)
                return
            merchant.api_key, merchant.api_secret_digest = api_key.key, digest_of(api_key.secret)
            merchant.frontend_url = self._frontend_of(new)
            merchant.provisioning_url = new.provisioning_url
            session.add(merchant)
            note_knowledge(session)
            for account in list_gateway_accounts(session, merchant.id):
                session.delete(account)
            session.flush()
            if new.gateway is not None:
                session.add(_account_of(merchant.id, new.gateway))

        await self._database.run(unit)

    async def recall(self) -> None:
        """Make known what the store has from earlier starts: secrets to the journal, and where shoppers are sent."""

        def look(session: Session) -> tuple[list[tuple[str, str]], list[dict[str, str]]]:
            return list_frontends(session), list_credentials(session)

        frontends, credentials = await self._database.read(look)
        self._redaction.hide([secret for one in credentials for secret in secrets_of(one)])
        for name, frontend_url in frontends:
            self._frontends.learn(name, frontend_url)

    async def list_accounts(self) -> dict[str, object]:
        """Return every merchant without its secrets."""

        def look(session: Session) -> list[dict[str, object]]:
            return [
                {
                    "name": merchant.name,
                    "gateways": [account.gateway for account in list_gateway_accounts(session, merchant.id)],
                }
                for merchant in list_merchants(session)
            ]

        return {"accounts": await self._database.read(look)}

    def _add(self, session: Session, new: NewAccount, api_key: ApiKey) -> None:
        merchant_id = MerchantId(f"mer_{new.name}")
        merchant = Merchant(
            id=merchant_id,
            name=new.name,
            api_key=api_key.key,
            api_secret_digest=digest_of(api_key.secret),
            frontend_url=self._frontend_of(new),
            provisioning_url=new.provisioning_url,
        )
        account = None if new.gateway is None else _account_of(merchant_id, new.gateway)
        add_merchant(session, merchant, account)

    def _frontend_of(self, new: NewAccount) -> str:
        return (new.frontend_url or self._frontend_url).rstrip("/")

    def _hide(self, new: NewAccount, api_key: ApiKey) -> None:
        self._redaction.hide([api_key.secret, *secrets_of({} if new.gateway is None else new.gateway.credentials)])

    def _check(self, gateway: GatewayTerms | None) -> None:
        if gateway is None:
            return
        names = self._registry.credential_names(gateway.name)
        missing = [name for name in names if not gateway.credentials.get(name)]
        if missing:
            told = f"an account with {gateway.name} needs {', '.join(missing)}"
            raise InvalidError(told, pointer=f"/gateway/credentials/{missing[0]}", rule="required")


def _account_of(merchant_id: MerchantId, gateway: GatewayTerms) -> GatewayAccount:
    return GatewayAccount(
        merchant_id=merchant_id,
        gateway=gateway.name,
        credentials=dict(gateway.credentials),
        base_url=gateway.base_url.rstrip("/"),
    )
