"""Merchants over the API: registering, reading, and rotating key and secret. What is shown once is drawn here."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hmac import compare_digest
from typing import cast

from sqlmodel import Session

from contracts.binding import Answer, Call
from reference_server.apis.door import authenticated_merchant, header_of
from reference_server.apis.payments.first_endpoint import FirstEndpoint
from reference_server.apis.payments.instants import render_instant
from reference_server.apis.payments.reading import refuse_card_numbers
from reference_server.chance import Chance
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import ForbiddenError
from reference_server.ids import MerchantId
from reference_server.merchants.apply import NewMerchant, Rotation, register_merchant, rotate_key, rotate_secret
from reference_server.merchants.store import digest_of, get_merchant, list_gateway_names
from reference_server.models import Merchant as MerchantBody
from reference_server.models import NewMerchant as NewMerchantBody
from reference_server.models import RegisteredMerchant, Rotate, RotatedKey, RotatedSecret
from reference_server.redaction import Redaction

ADMIN_HEADER = b"x-admin-token"
# What is drawn once and shown must not sit in anybody's cache (RFC 9111 section 5.2.2.5).
NO_STORE = (("cache-control", "no-store"),)


@dataclass(frozen=True, slots=True)
class MerchantTerms:
    """What the settings say. Without a token registering is for everybody where it `is_open`, and else for nobody."""

    admin_token: str = field(repr=False)
    is_open: bool
    overlap: timedelta
    frontend_url: str
    redaction: Redaction


class Merchants:
    """`handlers` joins the document's operations to these functions."""

    def __init__(
        self, database: Database, clock: Clock, *, chance: Chance, endpoint: FirstEndpoint, terms: MerchantTerms
    ) -> None:
        self._database = database
        self._clock = clock
        self._chance = chance
        self._endpoint = endpoint
        self._terms = terms

    def handlers(self) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
        """Return every operation of this part of the document with what answers it."""
        return {
            "registerMerchant": self.register_merchant,
            "readMerchant": self.read_merchant,
            "rotateKey": self.rotate_key,
            "rotateSecret": self.rotate_secret,
        }

    async def register_merchant(self, call: Call) -> Answer:
        """Add a merchant and show its key and secret, once."""
        self._admit(header_of(call, ADMIN_HEADER))
        body, at = cast("NewMerchantBody", call.body), self._clock.now()
        refuse_card_numbers(body, ("email", "webhook_url"))
        url = body.get("webhook_url")
        checked = None if url is None else await self._endpoint.check(url)
        drawn = self._draw("", "merchant", length=20)
        api_key, api_secret = self._draw_key(""), self._draw_secret("")
        webhook_secret = (body.get("webhook_secret") or self._endpoint.draw_secret(drawn)) if url else None
        self._terms.redaction.hide(it for it in (api_secret, webhook_secret) if it)
        new = NewMerchant(
            id=MerchantId(f"mer_{drawn}"),
            name=drawn,
            email=_same_email(body["email"]),
            api_key=api_key,
            api_secret_digest=digest_of(api_secret),
            frontend_url=self._terms.frontend_url,
        )

        def register(session: Session) -> Answer:
            merchant = register_merchant(session, new, at=at)
            if checked is not None and webhook_secret is not None:
                self._endpoint.make(session, merchant, checked, secret=webhook_secret, at=at)
            answer: RegisteredMerchant = {
                "id": merchant.id,
                "email": new.email,
                "api_key": api_key,
                "api_secret": api_secret,
                "webhook_url": checked,
                "webhook_secret": webhook_secret,
                "gateways": list_gateway_names(session, merchant.id),
                "created_at": render_instant(at),
            }
            return Answer.json(201, answer, NO_STORE)

        return await self._database.run(register)

    async def read_merchant(self, call: Call) -> Answer:
        """Say whose key and secret these are."""
        merchant_id = authenticated_merchant().id

        def look(session: Session) -> MerchantBody:
            merchant = get_merchant(session, merchant_id)
            return {
                "id": merchant.id,
                "name": merchant.name,
                "email": merchant.email,
                "api_key": merchant.api_key,
                "webhook_url": self._endpoint.find_url(session, merchant.id),
                "gateways": list_gateway_names(session, merchant.id),
                "created_at": None if merchant.created_at is None else render_instant(merchant.created_at),
            }

        return Answer.json(200, await self._database.read(look))

    async def rotate_key(self, call: Call) -> Answer:
        """Put a new key in force."""
        merchant, rotation = authenticated_merchant(), self._rotation(call)
        drawn = self._draw_key(merchant.name)
        ends_at = await self._database.run(lambda session: rotate_key(session, merchant.id, drawn, rotation=rotation))
        answer: RotatedKey = {"api_key": drawn, "old_works_until": render_instant(ends_at)}
        return Answer.json(200, answer, NO_STORE)

    async def rotate_secret(self, call: Call) -> Answer:
        """Put a new secret in force; only its digest is stored."""
        merchant, rotation = authenticated_merchant(), self._rotation(call)
        drawn = self._draw_secret(merchant.name)
        self._terms.redaction.hide([drawn])
        ends_at = await self._database.run(
            lambda session: rotate_secret(session, merchant.id, drawn, rotation=rotation)
        )
        answer: RotatedSecret = {"api_secret": drawn, "old_works_until": render_instant(ends_at)}
        return Answer.json(200, answer, NO_STORE)

    def _admit(self, shown: str) -> None:
        """Raise `ForbiddenError` unless whoever asks may register merchants."""
        token = self._terms.admin_token
        if not token:
            if not self._terms.is_open:
                raise ForbiddenError("registering is closed here: the server has no ADMIN_TOKEN")
            return
        if not compare_digest(shown.encode(), token.encode()):
            raise ForbiddenError("registering wants the server's ADMIN_TOKEN in X-Admin-Token")

    def _rotation(self, call: Call) -> Rotation:
        body = cast("Rotate | None", call.body) or {}
        seconds = body.get("overlap_seconds")
        overlap = self._terms.overlap if seconds is None else timedelta(seconds=int(seconds))
        return Rotation(self._clock.now(), overlap)

    def _draw_key(self, account: str) -> str:
        return f"key_{self._draw(account, 'api key', length=24)}"

    def _draw_secret(self, account: str) -> str:
        return f"sec_{self._draw(account, 'api secret', length=40)}"

    def _draw(self, account: str, purpose: str, *, length: int) -> str:
        return self._chance.token(account, purpose, length=length)


def _same_email(email: str) -> str:
    # RFC 5321 leaves the capitals of a local part to its host; none that people register with tells them apart.
    return email.lower()
