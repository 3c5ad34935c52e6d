"""The calls that we make to SSLCommerz: session, validation, queries, refund. Source: fact sheet 1, 2, 7, 8 and 9."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

from reference_server.errors import GatewayNonsenseError
from reference_server.gateways.gateway import (
    GatewayLine,
    GatewayNotification,
    GatewayReport,
    GatewayWord,
    OpenedSession,
    OutgoingCall,
    RefundReport,
    RefundRequest,
    SentRefund,
    SessionRequest,
    Verdict,
)
from reference_server.gateways.sslcommerz.authenticity import credential_fields, verify_ipn
from reference_server.gateways.sslcommerz.errors import error_of_http_status
from reference_server.gateways.sslcommerz.notifications import read_ipn
from reference_server.gateways.sslcommerz.wire import (
    parse_query_answer,
    parse_refund_answer,
    parse_refund_query_answer,
    parse_session_answer,
    parse_validation_answer,
    render_refund_request,
    render_session_request,
)

_SESSION = "/gwprocess/v4/api.php"
_VALIDATION = "/validator/api/validationserverAPI.php"
_QUERY = "/validator/api/merchantTransIDvalidationAPI.php"
_FORM = {"content-type": "application/x-www-form-urlencoded"}


class SslCommerz:
    """SSLCommerz v4."""

    name = "sslcommerz"
    credential_names = ("store_id", "store_passwd")

    async def open_session(self, line: GatewayLine, request: SessionRequest) -> OpenedSession:
        """Open a session at the gateway."""
        fields = credential_fields(line.credentials) | render_session_request(request)
        call = OutgoingCall(
            operation="createSession",
            method="POST",
            url=line.base_url + _SESSION,
            limit_seconds=line.limits.session_seconds,
            body=urlencode(fields).encode(),
            headers=_FORM,
            account=line.account,
            subject=request.reference,
        )
        return parse_session_answer(await _ask(line, call))

    async def confirm(
        self, line: GatewayLine, notification: GatewayNotification, *, session_key: str
    ) -> tuple[GatewayReport, ...]:
        """Validate what claims money; for anything else ask how the transaction stands (only money has a val_id)."""
        if notification.word is not GatewayWord.CAPTURED or not notification.gateway_reference:
            return await self.query(line, notification.reference, session_key=session_key)
        query = {"val_id": notification.gateway_reference}
        call = _reading(line, _VALIDATION, query, operation="validateOrder", subject=notification.reference)
        return (parse_validation_answer(await _ask(line, call)),)

    async def query(self, line: GatewayLine, reference: str, *, session_key: str) -> tuple[GatewayReport, ...]:
        """Ask by session where we know its key; by tran_id where the answer of the session call was lost."""
        query = {"sessionkey": session_key} if session_key else {"tran_id": reference}
        call = _reading(line, _QUERY, query, operation="queryTransaction", subject=reference)
        reports = parse_query_answer(await _ask(line, call))
        # A session is one payment's alone; a tran_id is whatever shop of this store calls its order so.
        return tuple(replace(report, is_bound=bool(session_key)) for report in reports)

    async def refund(self, line: GatewayLine, request: RefundRequest) -> RefundReport:
        """Ask for a refund. A lost answer is followed by this same call.

        A refund can be queried only by refund_ref_id, which the lost answer would have told. The same refund_trans_id
        is the same refund to the gateway: it answers `processing`, "already initiated" (fact sheet 9).
        """
        if not request.money_reference:
            raise GatewayNonsenseError("the gateway never named a bank_tran_id for this money")
        query = render_refund_request(request)
        call = _reading(line, _QUERY, query, operation="initiateRefund", subject=request.subject)
        return parse_refund_answer(await _ask(line, call), bank_tran_id=request.money_reference)

    async def find_refund(self, line: GatewayLine, sent: SentRefund) -> RefundReport:
        """Ask by refund_ref_id."""
        query = {"refund_ref_id": sent.gateway_reference}
        call = _reading(line, _QUERY, query, operation="queryRefund", subject=sent.subject)
        return parse_refund_query_answer(await _ask(line, call), bank_tran_id=sent.money_reference)

    def refunds_after(self, key: str) -> timedelta:
        """Refunds are sent at once."""
        return timedelta()

    def verify(self, line: GatewayLine, fields: Mapping[str, str]) -> Verdict:
        """Judge an IPN by its store and signs."""
        return verify_ipn(fields, line.credentials)

    def read(self, fields: Mapping[str, str]) -> GatewayNotification:
        """Read an IPN."""
        return read_ipn(fields)


def _reading(line: GatewayLine, path: str, query: Mapping[str, str], *, operation: str, subject: str) -> OutgoingCall:
    # The host comes from the settings and every value is encoded, so an id shaped like a path stays an id (A12).
    fields = {**query, **credential_fields(line.credentials), "v": "1", "format": "json"}
    return OutgoingCall(
        operation=operation,
        method="GET",
        url=f"{line.base_url}{path}?{urlencode(fields)}",
        limit_seconds=line.limits.confirm_seconds,
        account=line.account,
        subject=subject,
    )


async def _ask(line: GatewayLine, call: OutgoingCall) -> bytes:
    answer = await line.caller.call(call)
    error = error_of_http_status(answer.status)
    if error is not None:
        raise error
    return answer.body
