"""Joins what stands before the API: proxies, encryption, limits, pages of other origins, compression."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from contracts.binding import Answer, Call, Document, Handler, NoAnswer
from reference_server.chance import Chance
from reference_server.clock import machine_ordinal
from reference_server.documents import OPENAPI
from reference_server.door.cors import Origins
from reference_server.door.doorstep import DoorTerms
from reference_server.door.encryption import Encryption
from reference_server.door.forwarded import Proxies
from reference_server.door.limits import Limiter, require_left, rule_of
from reference_server.door.visit import current_visit
from reference_server.joining.parts import Parts
from reference_server.merchants.model import Merchant
from reference_server.merchants.store import list_frontends
from reference_server.settings import Settings

# Generous: 100 and 50 a second, over a minute. Shoppers behind one address share the second.
MERCHANT_RATE, ADDRESS_RATE = "6000/minute", "3000/minute"
_ROTATIONS = ("rotateKey", "rotateSecret")


@dataclass(frozen=True, slots=True)
class Keeping:
    """What keeps merchants and addresses from asking too often: one limiter for both."""

    terms: DoorTerms
    limit: Callable[[Merchant], Awaitable[None]]


def join_keeping(parts: Parts) -> Keeping:
    """Return what the two halves of the door are told."""
    settings = parts.settings
    limiter = Limiter(parts.clock, redis_address=settings.redis_address)
    merchant_rule = rule_of(settings.rate(settings.rate_limit_merchant, in_production=MERCHANT_RATE))

    async def limit(merchant: Merchant) -> None:
        quota = await limiter.count(merchant_rule, "merchant", who=merchant.id)
        visit = current_visit()
        if visit is not None:
            visit.count(quota)
        require_left(quota)

    terms = DoorTerms(
        proxies=Proxies(settings.trusted_proxies),
        encryption=Encryption(settings.public_url, is_required=settings.is_https_required),
        origins=_origins(parts),
        limiter=limiter,
        rule=rule_of(settings.rate(settings.rate_limit_address, in_production=ADDRESS_RATE)),
        unlimited=_unlimited(settings),
        draw_id=_draw_id(parts.chance),
    )
    return Keeping(terms, limit)


def forgetting(parts: Parts, handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    """Let whoever rotates a key or a secret be asked for it anew at once."""

    def joined(answer: Handler) -> Handler:
        async def answer_and_forget(call: Call) -> Answer | NoAnswer:
            try:
                return await answer(call)
            finally:
                parts.known.forget()

        return answer_and_forget

    return {name: joined(answer) if name in _ROTATIONS else answer for name, answer in handlers.items()}


def _origins(parts: Parts) -> Origins:
    async def recall() -> None:
        for name, frontend_url in await parts.database.read(list_frontends):
            parts.frontends.learn(name, frontend_url)

    methods = {operation.method for operation in Document.load(OPENAPI).operations}
    return Origins(parts.frontends, methods=methods, recall=recall, monotonic=lambda: machine_ordinal() / 1e9)


def _unlimited(settings: Settings) -> tuple[str, ...]:
    """Return how the paths begin that are never limited: a notification kept out is money that nobody hears of."""
    operations = Document.load(OPENAPI).operations
    notified = [one for one in operations if _sender_of(one.extensions.get("x-journal")) == "gateway"]
    operating = [one for one in operations if "operating" in one.tags]
    return tuple({one.path.partition("{")[0] for one in (*notified, *operating)})


def _sender_of(told: object) -> object:
    return told.get("from") if isinstance(told, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # of the document, any JSON


def _draw_id(chance: Chance) -> Callable[[], str]:
    return lambda: f"req_{chance.token('', 'request', length=20)}"
