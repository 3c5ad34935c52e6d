"""Sends one planned notification and writes down what came of it. Whether and when is the outbox's business."""

from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from simulators.accounts import Account
from simulators.faults.plan import PlannedSend
from simulators.gateways.gateway import Notification
from simulators.journal import (
    BODY_BYTES,
    Actor,
    Direction,
    Exchange,
    Kind,
    Outcome,
    Request,
    WireAnswer,
    body_text,
)
from simulators.limits import OutgoingCall, limited
from simulators.network import GuardRefusal, Network
from simulators.redaction import Redaction

USER_AGENT = "gatewright-simulators"


class Sender:
    """One HTTP client for all accounts; each send has a connection of its own."""

    def __init__(self, network: Network, redaction: Redaction) -> None:
        self._network = network
        self._redaction = redaction
        self._client: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the client."""
        self._client = self._network.open_client(auto_decompress=False)

    async def stop(self) -> None:
        """Close the client."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def send(self, send: PlannedSend, account: Account) -> bool:
        """Bring one notification; say whether the merchant answered with a 2xx."""
        exchange = account.journal.begin(self._exchange(send))
        if send.dropped:
            account.journal.end(exchange, Outcome.NEVER_SENT)
            return False
        answer: WireAnswer | None = None
        try:
            target = self._network.judge(send.notification.url)
            async with limited(account.clock, self._network, call=_call_of(send.notification)):
                with account.activity.calling():
                    answer = await self._post(target, send.notification)
            outcome = Outcome.ANSWERED
        except GuardRefusal as refused:
            exchange.add_note(str(refused))
            outcome = Outcome.REFUSED_BY_GUARD
        except TimeoutError:
            outcome = Outcome.TIMED_OUT
        except (aiohttp.ClientError, OSError) as broken:
            outcome = _outcome_of(broken, exchange)
        account.journal.end(exchange, outcome, answer=answer)
        return answer is not None and 200 <= answer.status < 300

    async def _post(self, target: URL, notification: Notification) -> WireAnswer:
        if self._client is None:
            raise RuntimeError("the sender is not started")
        headers = {"Content-Type": notification.media_type, "User-Agent": USER_AGENT, **dict(notification.headers)}
        async with self._client.post(target, data=notification.body, headers=headers, allow_redirects=False) as answer:
            body = await _first_bytes(answer.content)
            told = self._redaction.headers(answer.raw_headers)
            return WireAnswer(answer.status, told, self._redaction.body(body_text(body), answer.content_type))

    def _exchange(self, send: PlannedSend) -> Exchange:
        notification = send.notification
        to = Actor.SERVER if self._network.is_server(notification.url) else Actor.MERCHANT
        body = self._redaction.body(body_text(notification.body), notification.media_type)
        url = self._redaction.text(notification.url)
        headers = [("content-type", notification.media_type), ("user-agent", USER_AGENT), *notification.headers]
        headers.insert(0, ("host", _host_of(url)))
        request = Request("POST", url, headers, body)
        return Exchange(
            Direction.OUT,
            Kind.NOTIFICATION,
            notification.event,
            Actor.GATEWAY,
            to,
            request,
            subject=notification.order,
            faults=list(send.faults),
            forged=notification.forged,
            note=notification.note,
        )


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:  # the guard refuses it in a moment, and says why
        return ""


def _call_of(notification: Notification) -> OutgoingCall:
    return OutgoingCall(notification.url, notification.limit_seconds, f"limit of {notification.event}")


def _outcome_of(broken: Exception, exchange: Exchange) -> Outcome:
    """A guard's refusal inside the resolver comes wrapped; a connection that never stood is unreachable, else reset."""
    if isinstance(broken.__cause__, GuardRefusal):
        exchange.add_note(str(broken.__cause__))
        return Outcome.REFUSED_BY_GUARD
    if isinstance(broken, aiohttp.ClientConnectorError | aiohttp.InvalidURL):
        exchange.add_note("nobody listens there")
        return Outcome.UNREACHABLE
    return Outcome.RESET


async def _first_bytes(content: aiohttp.StreamReader) -> bytes:
    """Read what the journal keeps of a body; more is not waited for, since a merchant may answer without end."""
    read = bytearray()
    while len(read) < BODY_BYTES and (part := await content.read(BODY_BYTES - len(read))):
        read += part
    return bytes(read)
