"""Whom the journal names: our reference server where the settings say where it is, a merchant everywhere else."""

import pytest

from tests.simulators.stands import ORDER, STORE, Receiver, open_stand, served


@pytest.mark.parametrize(
    ("is_configured", "agent", "asking", "told"),
    [
        (True, "gatewright", "server", "server"),
        (True, "python-requests/2.32", "merchant", "server"),
        (False, "gatewright", "merchant", "merchant"),
    ],
)
async def test_our_server_is_the_server_only_where_it_is_configured(
    *, is_configured: bool, agent: str, asking: str, told: str
) -> None:
    async with served(Receiver()) as shop, open_stand(**({"server_url": shop} if is_configured else {})) as stand:
        fields = {**STORE, **ORDER, "ipn_url": f"{shop}/ipn"}
        url = f"{stand.urls['sslcommerz']}/gwprocess/v4/api.php"
        await stand.client.post(url, data=fields, headers={"user-agent": agent})
        await stand.control("POST", "/shopper", body={"action": "pay", "order": "ORDER-1"})
        await stand.control("POST", "/clock/advance", body={"by_seconds": 0})
        [opened] = await stand.journal(operation="createSession")
        [ipn] = await stand.journal(operation="ipn")
        assert (opened["from"], ipn["to"]) == (asking, told)


async def test_a_password_stays_out_of_the_journal_wherever_it_was_sent() -> None:
    odd = ["validator/api/validationserverAPI.php?store_id=testbox;store_passwd=qwerty", "nothing/qw%65rty"]
    async with open_stand() as stand:
        for path in odd:
            await stand.client.get(f"{stand.urls['sslcommerz']}/{path}", headers={"referer": "http://a.test/?p=qwerty"})
        part = "--B\nContent-Disposition: form-data; NAME=store_passwd\n\nqwerty\n--B--\n"
        headers = {"content-type": "multipart/form-data; boundary=B"}
        await stand.client.post(f"{stand.urls['sslcommerz']}/gwprocess/v4/api.php", content=part, headers=headers)
        told = str(await stand.journal())
        assert ("qwerty" in told, "qw%65rty" in told, told.count("***") >= 5) == (False, False, True)
