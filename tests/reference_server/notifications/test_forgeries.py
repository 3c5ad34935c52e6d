"""IPNs that are not to be believed: refused, noted in the journal without a secret, and without any effect."""

import pytest

from tests.reference_server.scripted import Fields, Sale, ScriptedGateway, signed
from tests.reference_server.stage import staged


def _forgeries(sale: Fields) -> dict[str, Fields]:
    unsigned = {name: value for name, value in sale.items() if not name.startswith("verify")}
    uncovered = signed({name: value for name, value in unsigned.items() if name != "amount"})
    return {
        "altered amount": sale | {"amount": "1.00"},
        "altered status": sale | {"status": "FAILED"},
        "wrong key": signed(unsigned, passwd="guess"),
        "empty secret": signed(unsigned, passwd=""),
        "empty sign": sale | {"verify_sign": ""},
        "one sign of two wrong": sale | {"verify_sign_sha2": "0" * 64},
        "no sign but a verify_key": unsigned | {"verify_key": sale["verify_key"]},
        "sign without verify_key": {name: value for name, value in sale.items() if name != "verify_key"},
        "amount outside the sign": uncovered | {"amount": "100.50"},
        "verify_key names what is not there": sale | {"verify_key": sale["verify_key"] + ",nothing"},
        "another store": signed(unsigned | {"store_id": "other"}),
        "another order": signed(unsigned | {"tran_id": "OTHER-1"}),
        "a status of its own": signed(unsigned | {"status": "PAID"}),
        "a sign that is no ASCII": sale | {"verify_sign": "ঢাকা"},
    }


FORGERIES = list(_forgeries(signed(ScriptedGateway().describe(Sale("t", "100.50", "BDT", "k", {})))))


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_ipn_is_refused_and_changes_nothing(forgery: str) -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        fields = _forgeries(stage.gateway.pay(tran_id))[forgery]
        trail = (await stage.order(tran_id))["audit"]
        answer = await stage.ipn(session_id, fields)
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:gatewright:problem:forged")
        assert (await stage.order(tran_id))["audit"] == trail
        assert stage.gateway.calls["validateOrder"] == 0
        exchange = stage.server.journal.read()[-1]
        assert (exchange["operation"], exchange["forged"], bool(exchange["note"])) == ("ipn", True, True)


async def test_the_journal_says_what_a_wrong_sign_had_to_cover_and_no_secret_is_told() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.pay(tran_id) | {"verify_sign": "0" * 32})
        told = str(stage.server.journal.read())
        assert "store_passwd=***" in told
        assert f"tran_id={tran_id}" in told
        for secret in ("qwerty", "d8578edf8458ce06fbc5bb76a58c5ca4", "sec_test"):
            assert secret not in told
