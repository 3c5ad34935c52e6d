"""Refunds on the wire, as fact sheet 9 has them: what is sent, and what is understood of each answer."""

import json
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import pytest

from reference_server.errors import GatewayError, GatewayNonsenseError, GatewayRefusedError
from reference_server.gateways.gateway import GatewayLine, Limits, OutgoingCall, PeerAnswer, RefundRequest, SentRefund
from reference_server.gateways.gateway import RefundWord as Word
from reference_server.gateways.sslcommerz import GATEWAY
from reference_server.money import Money

BANK = "2601011200001SIMBANKTRAN01"
REQUEST = RefundRequest("ab12-1", BANK, Money(1_000, "USD"), Money(121_600, "BDT"), "One was broken", "T1")
SENT = SentRefund("59bd63fea5455", BANK, "T1")


class Answering:
    """Answers every call with the same body."""

    def __init__(self, answer: object, *, status: int = 200) -> None:
        self.answer = PeerAnswer(status, json.dumps(answer).encode())
        self.calls: list[OutgoingCall] = []

    async def call(self, call: OutgoingCall) -> PeerAnswer:
        self.calls.append(call)
        return self.answer


def line(caller: Answering) -> GatewayLine:
    credentials = {"store_id": "testbox", "store_passwd": "qwerty"}
    return GatewayLine("default", credentials, "http://sslcommerz.test", caller, Limits(10, 5))


def asked(caller: Answering) -> Mapping[str, list[str]]:
    (call,) = caller.calls
    assert call.method == "GET"
    assert urlsplit(call.url).path == "/validator/api/merchantTransIDvalidationAPI.php"
    return parse_qs(urlsplit(call.url).query, keep_blank_values=True)


async def test_a_refund_names_the_money_the_settled_sum_and_its_own_key() -> None:
    caller = Answering({"APIConnect": "DONE", "bank_tran_id": BANK, "status": "success", "refund_ref_id": "59bd"})
    report = await GATEWAY.refund(line(caller), REQUEST)
    assert asked(caller) == {
        "bank_tran_id": [BANK],
        "refund_amount": ["1216.00"],
        "refund_remarks": ["One was broken"],
        "refe_id": ["ab12-1"],
        "refund_trans_id": ["ab12-1"],
        "store_id": ["testbox"],
        "store_passwd": ["qwerty"],
        "v": ["1"],
        "format": ["json"],
    }
    assert (report.word, report.gateway_reference) == (Word.ACCEPTED, "59bd")


async def test_a_refund_is_followed_by_the_name_that_the_gateway_gave_it() -> None:
    caller = Answering({"APIConnect": "DONE", "status": "refunded"})
    assert (await GATEWAY.find_refund(line(caller), SENT)).word is Word.REFUNDED
    assert asked(caller)["refund_ref_id"] == ["59bd63fea5455"]
    assert "bank_tran_id" not in asked(caller)


@pytest.mark.parametrize(("status", "word"), [("processing", Word.PROCESSING), ("failed", Word.REFUSED)])
async def test_an_answer_to_a_refund_is_understood(status: str, word: Word) -> None:
    told = {"APIConnect": "DONE", "status": status, "errorReason": "why"}
    report = await GATEWAY.refund(line(Answering(told)), REQUEST)
    assert (report.word, report.gateway_reference, report.reason) == (word, "", "why")


@pytest.mark.parametrize(("status", "word"), [("processing", Word.PROCESSING), ("cancelled", Word.CANCELLED)])
async def test_an_answer_to_a_refund_query_is_understood(status: str, word: Word) -> None:
    report = await GATEWAY.find_refund(line(Answering({"APIConnect": "DONE", "status": status})), SENT)
    assert report.word is word


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({}, GatewayNonsenseError),
        ([], GatewayNonsenseError),
        ({"APIConnect": "DONE"}, GatewayNonsenseError),
        ({"APIConnect": "DONE", "status": "done"}, GatewayNonsenseError),
        ({"APIConnect": "DONE", "status": "success", "bank_tran_id": "OTHER"}, GatewayNonsenseError),
        ({"APIConnect": "FAILED", "status": "success"}, GatewayRefusedError),
        ({"APIConnect": "INACTIVE"}, GatewayRefusedError),
        ({"APIConnect": "INVALID_REQUEST"}, GatewayRefusedError),
    ],
)
async def test_an_answer_that_says_nothing_of_this_refund_is_none(told: object, error: type[GatewayError]) -> None:
    with pytest.raises(error):
        await GATEWAY.refund(line(Answering(told)), REQUEST)
    with pytest.raises(error):
        await GATEWAY.find_refund(line(Answering(told)), SENT)


async def test_a_broken_gateway_is_no_answer() -> None:
    with pytest.raises(GatewayNonsenseError):
        await GATEWAY.refund(line(Answering({}, status=500)), REQUEST)


async def test_money_that_the_gateway_never_named_cannot_be_asked_back() -> None:
    caller = Answering({})
    with pytest.raises(GatewayNonsenseError, match="bank_tran_id"):
        await GATEWAY.refund(line(caller), RefundRequest("k", "", Money(1, "BDT"), Money(1, "BDT"), "", "T1"))
    assert caller.calls == []
