"""The sandbox acquirer: rates, delays and declines by draw, the same answer for the same key, and test mode."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.chance import fraction_of
from reference_server.errors import GatewayNonsenseError, GatewayRefusedError
from reference_server.gateways.gateway import (
    Authorization,
    AuthorizationRequest,
    Forged,
    GatewayLine,
    GatewayReport,
    GatewayWord,
    Limits,
    Method,
    RefundRequest,
    RefundWord,
    SentRefund,
    SessionRequest,
)
from reference_server.gateways.registry import Registry
from reference_server.gateways.sandbox import Sandbox, SandboxTerms
from reference_server.gateways.sandbox.errors import DECLINES
from reference_server.money import Money

SUM = Money(50_000, "INR")
SANDBOX = Sandbox(SandboxTerms(), fraction_of)
MANY = 20_000
SECOND, MS = timedelta(seconds=1), timedelta(milliseconds=1)


def ask(key: str, method: Method = Method.CARD, *, captures: bool = True, sandbox: Sandbox = SANDBOX) -> GatewayReport:
    return asyncio.run(sandbox.authorize(AuthorizationRequest(key, "GW1", SUM, method, captures)))


async def words(method: Method) -> Counter[GatewayWord]:
    requests = (AuthorizationRequest(f"att_{nth}", "GW1", SUM, method, captures=True) for nth in range(MANY))
    return Counter([(await SANDBOX.authorize(request)).word for request in requests])


@pytest.mark.parametrize(
    ("method", "rate"), [(Method.UPI, 0.90), (Method.CARD, 0.95), (Method.WALLET, 0.95), (Method.NETBANKING, 0.95)]
)
async def test_so_many_payments_succeed_as_the_customer_wrote(method: Method, rate: float) -> None:
    counted = await words(method)
    # Five standard deviations of 20,000 draws are 0.011; the draws follow from the keys, so this never wavers.
    assert abs(counted[GatewayWord.CAPTURED] / MANY - rate) < 0.011
    assert counted[GatewayWord.CAPTURED] + counted[GatewayWord.FAILED] == MANY


@given(st.text(min_size=1, max_size=30), st.sampled_from(Method), st.booleans())
def test_the_same_key_is_answered_the_same_in_every_process(key: str, method: Method, captures: object) -> None:
    one, other = Sandbox(SandboxTerms(), fraction_of), Sandbox(SandboxTerms(), fraction_of)
    told = [ask(key, method, captures=bool(captures), sandbox=sandbox) for sandbox in (one, other, one)]
    assert told[0] == told[1] == told[2]
    assert one.answers_after(key) == other.answers_after(key)


def test_delays_are_spread_over_the_whole_span_and_never_leave_it() -> None:
    payments = [SANDBOX.answers_after(f"att_{nth}") for nth in range(2_000)]
    refunds = [SANDBOX.refunds_after(f"{nth}-1") for nth in range(2_000)]
    assert 5 * SECOND <= min(payments) < 5.1 * SECOND
    assert 9.9 * SECOND < max(payments) <= 10 * SECOND
    assert 3 * SECOND <= min(refunds) < 3.1 * SECOND
    assert 4.9 * SECOND < max(refunds) <= 5 * SECOND
    assert all(delay % MS == timedelta() for delay in (*payments, *refunds))


@pytest.mark.parametrize("method", Method)
async def test_every_decline_of_a_method_comes_about_and_says_why(method: Method) -> None:
    requests = [AuthorizationRequest(f"att_{nth}", "GW1", SUM, method, captures=True) for nth in range(3_000)]
    told = [(await SANDBOX.authorize(request)) for request in requests]
    declines = {report.decline.code for report in told if report.decline is not None}
    assert declines == {decline.code for decline in DECLINES[method]}
    assert all(report.reason and not report.claims for report in told if report.decline is not None)


@pytest.mark.parametrize(("succeeds", "word"), [(True, GatewayWord.CAPTURED), (False, GatewayWord.FAILED)])
def test_test_mode_decides_in_place_of_the_draw(succeeds: object, word: GatewayWord) -> None:
    sandbox = Sandbox(SandboxTerms(bool(succeeds), timedelta(milliseconds=250)), fraction_of)
    assert {ask(f"att_{nth}", sandbox=sandbox).word for nth in range(200)} == {word}
    assert sandbox.answers_after("att_1") == sandbox.refunds_after("1-1") == timedelta(milliseconds=250)


def test_money_is_held_where_the_merchant_captures() -> None:
    sandbox = Sandbox(SandboxTerms(succeeds=True), fraction_of)
    held = ask("att_1", captures=False, sandbox=sandbox)
    assert (held.word, held.claims, held.gateway_reference) == (GatewayWord.AUTHORIZED, (SUM,), "sbx_att_1")
    part = Authorization(held.gateway_reference, "GW1", Money(20_000, "INR"))
    captured, voided = asyncio.run(sandbox.capture(part)), asyncio.run(sandbox.void(part))
    assert (captured.word, captured.claims) == (GatewayWord.CAPTURED, (part.money,))
    assert voided.word is GatewayWord.CANCELLED


class Nobody:
    """A caller that must never be needed."""

    async def call(self, call: object) -> object:
        raise AssertionError(call)


async def test_refunds_are_back_as_soon_as_they_are_sent() -> None:
    line = _line()
    request = RefundRequest("1-1", "sbx_att_1", SUM, SUM, "broken", "GW1")
    sent = await SANDBOX.refund(line, request)
    assert (sent.word, sent.gateway_reference) == (RefundWord.REFUNDED, "1-1")
    found = await SANDBOX.find_refund(line, SentRefund("1-1", "sbx_att_1", "GW1"))
    assert found.word is RefundWord.REFUNDED


async def test_what_only_gateways_with_a_page_do_is_refused() -> None:
    line = _line()
    request = SessionRequest("GW1", SUM, "", *([None] * 3))  # pyright: ignore[reportArgumentType]  # never looked at
    with pytest.raises(GatewayRefusedError):
        await SANDBOX.open_session(line, request)
    with pytest.raises(GatewayNonsenseError):
        SANDBOX.read({"tran_id": "GW1"})
    assert isinstance(SANDBOX.verify(line, {}), Forged)
    assert await SANDBOX.query(line, "GW1", session_key="") == ()


def _line() -> GatewayLine:
    registry = Registry({"sandbox": SANDBOX}, caller=Nobody(), limits=Limits(1, 1))  # pyright: ignore[reportArgumentType]  # never called
    return registry.line("sandbox", account="m", credentials={}, base_url="").line
