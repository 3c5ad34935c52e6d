"""Faults that change what an answer says, as a client sees it and as the journal tells it."""

from collections.abc import Mapping

import httpx
import pytest

from simulators.faults.html_page import PAGE
from simulators.faults.malformed_body import GARBAGE
from tests.simulators.stands import ORDER, STORE, Json, Stand, open_stand


async def arm(stand: Stand, *faults: Json, operation: str = "createSession", **when: Json) -> None:
    body = {"when": {"operation": operation, **when}, "faults": list(faults)}
    await stand.control("POST", "/faults", body=body)


async def ask(stand: Stand, **fields: str) -> httpx.Response:
    url = f"{stand.urls['sslcommerz']}/gwprocess/v4/api.php"
    return await stand.client.post(url, data={**STORE, **ORDER, **fields})


async def sessions(stand: Stand) -> int:
    return len((await stand.control("GET", "/orders"))["orders"])


async def told(stand: Stand) -> list[str]:
    return [words for exchange in await stand.journal() for words in exchange["faults"]]


async def paid_and_validated(stand: Stand, **fields: str) -> tuple[str, str]:
    """Open and pay a session; return its key and its val_id."""
    key = (await stand.open_session(**fields))["sessionkey"]
    outcome = await stand.control("POST", "/shopper", body={"session": key, "action": "pay"})
    return key, outcome["return"]["fields"]["val_id"]


STATUSES: list[tuple[Json, int, str, int]] = [
    ({"code": 500}, 500, "500 Internal Server Error", 1),
    ({"code": 520}, 520, "520 status without a name", 1),
    ({"code": 503, "work": "skipped"}, 503, "503 Service Unavailable", 0),
    ({"code": 204}, 204, "", 1),
    ({"code": 200, "work": "skipped"}, 200, "200 OK", 0),
]


@pytest.mark.parametrize(("settings", "status", "text", "opened"), STATUSES)
async def test_a_status_comes_in_words_and_the_work_is_done_or_not(
    settings: Json, status: int, text: str, opened: int
) -> None:
    async with open_stand() as stand:
        await arm(stand, {"status": settings})
        answer = await ask(stand)
        assert (answer.status_code, answer.text, await sessions(stand)) == (status, text, opened)
        skipped = ["the work was not done"] if opened == 0 else []
        assert await told(stand) == [*skipped, f"answered with status {status}"]


async def test_a_status_may_keep_its_body() -> None:
    async with open_stand() as stand:
        await arm(stand, {"status": {"code": 500, "body": "kept"}})
        answer = await ask(stand)
        assert (answer.status_code, answer.json()["status"]) == (500, "SUCCESS")


@pytest.mark.parametrize("stack", [["status", "html_page"], ["html_page", "status"]])
async def test_a_page_may_have_any_status(stack: list[str]) -> None:
    known: Mapping[str, Json] = {"status": {"status": {"code": 502}}, "html_page": {"html_page": {}}}
    async with open_stand() as stand:
        await arm(stand, *(known[name] for name in stack))
        answer = await ask(stand)
        assert (answer.status_code, answer.content) == (502, PAGE)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_a_page_alone_keeps_the_status_and_a_type_may_lie_about_it() -> None:
    async with open_stand() as stand:
        await arm(stand, {"html_page": {}}, {"content_type": {"as": "application/json "}})
        answer = await ask(stand)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert await told(stand) == ["an HTML page instead of the answer", "Content-Type application/json"]


@pytest.mark.parametrize("how", ["unclosed", "empty", "garbage"])
async def test_a_malformed_body_has_its_right_length(how: str) -> None:
    async with open_stand() as stand:
        await arm(stand, {"malformed_body": {"how": how}})
        answer = await ask(stand)
        assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(answer.content)))
        if how == "unclosed":
            assert answer.text.startswith('{"status":"SUCCESS"')
        else:
            assert answer.content == {"empty": b"", "garbage": GARBAGE}[how]
        with pytest.raises(ValueError, match=r"."):
            answer.json()


async def test_a_type_stays_with_the_words_of_a_status() -> None:
    async with open_stand() as stand:
        await arm(stand, {"content_type": {"as": "application/json"}}, {"status": {"code": 500}})
        answer = await ask(stand)
        assert (answer.text, answer.headers["content-type"]) == ("500 Internal Server Error", "application/json")


async def test_a_redirect_leads_elsewhere_or_in_a_circle() -> None:
    async with open_stand() as stand:
        await arm(stand, {"redirect": {"to": "http://evil.test/x", "code": 307}}, nth=1)
        await arm(stand, {"redirect": {}}, operation="validateOrder")
        first = await ask(stand)
        assert (first.status_code, first.headers["location"]) == (307, "http://evil.test/x")
        url = f"{stand.urls['sslcommerz']}/validator/api/validationserverAPI.php?store_id=testbox&store_passwd=qwerty"
        with pytest.raises(httpx.TooManyRedirects):
            await stand.client.get(url, params=None, follow_redirects=True)
        second = await stand.client.get(url)
        assert (second.status_code, second.headers["location"]) == (302, url)
        exchanges = await stand.journal(operation="validateOrder")
        assert "qwerty" not in str(exchanges)
        assert await sessions(stand) == 1


async def test_a_page_is_kept_when_it_is_redirected() -> None:
    async with open_stand() as stand:
        await arm(stand, {"html_page": {}}, {"redirect": {"to": "/x"}})
        answer = await ask(stand)
        assert (answer.status_code, answer.content, answer.headers["location"]) == (302, PAGE, "/x")


async def test_of_every_stretch_the_first_calls_are_let_through() -> None:
    async with open_stand() as stand:
        await arm(stand, {"rate_limit": {"after": 2, "retry_after_seconds": 90}})
        seen = [await ask(stand, tran_id=f"A{number}") for number in range(4)]
        assert [one.status_code for one in seen] == [200, 200, 429, 429]
        assert (seen[2].headers["retry-after"], seen[2].text) == ("90", "429 Too Many Requests")
        await stand.control("POST", "/clock/advance", body={"by_seconds": 60})
        assert (await ask(stand)).headers["retry-after"] == "30"
        await stand.control("POST", "/clock/advance", body={"by_seconds": 30})
        assert [(await ask(stand)).status_code for _ in range(3)] == [200, 200, 429]
        assert await sessions(stand) == 4
        assert (await told(stand))[0] == "rate limited: 429, Retry-After 90"


async def test_without_a_number_nobody_is_let_through() -> None:
    async with open_stand() as stand:
        await arm(stand, {"rate_limit": {}}, {"html_page": {}})
        for _ in range(2):
            answer = await ask(stand)
            assert (answer.status_code, answer.headers["retry-after"], answer.content) == (429, "60", PAGE)
            await stand.control("POST", "/clock/advance", body={"by_seconds": 60})
        assert await sessions(stand) == 0


BROKEN: list[tuple[Json, str, Json]] = [
    ({"member": "status"}, "member status missing", None),
    ({"member": "status", "how": "null"}, "member status null", None),
    ({"member": "status", "how": "other_type"}, "member status of another type", ["SUCCESS"]),
    ({"member": "gw", "how": "other_type"}, "member gw of another type", str),
]


@pytest.mark.parametrize(("settings", "words", "left"), BROKEN)
async def test_a_member_is_broken_and_the_others_are_not(settings: Json, words: str, left: Json) -> None:
    async with open_stand() as stand:
        await arm(stand, {"wrong_schema": settings})
        answer = (await ask(stand)).json()
        member = answer.get(settings["member"])
        assert isinstance(member, left) if left is str else member == left
        assert (settings["member"] in answer) == ("how" in settings)
        assert (answer["storeBanner"], await told(stand)) == ("", [words])


async def test_which_member_is_broken_follows_the_seed() -> None:
    chosen: list[list[str]] = []
    for _ in range(2):
        async with open_stand(seed=11) as stand:
            await arm(stand, {"wrong_schema": {}})
            for number in range(8):
                await ask(stand, tran_id=f"A{number}")
            chosen.append(await told(stand))
    assert chosen[0] == chosen[1]
    assert len(set(chosen[0])) > 1


async def test_a_member_that_is_not_there_is_not_broken() -> None:
    async with open_stand() as stand:
        await arm(stand, {"wrong_schema": {"member": "nothing"}})
        assert (await ask(stand)).json()["status"] == "SUCCESS"
        assert await told(stand) == ["no member nothing to break in this answer"]


async def test_a_stale_answer_tells_what_was_before_the_payment() -> None:
    async with open_stand() as stand:
        key, val_id = await paid_and_validated(stand)
        await arm(stand, {"stale_state": {}}, operation="validateOrder", nth=1)
        assert (await stand.validate(val_id))["status"] == "INVALID_TRANSACTION"
        assert (await stand.validate(val_id))["status"] == "VALIDATED"
        await arm(stand, {"stale_state": {}}, operation="queryTransaction")
        assert (await stand.query(sessionkey=key))["status"] == "PENDING"
        assert await told(stand) == [
            "VALID told as INVALID_TRANSACTION, as before it was paid",
            "VALIDATED told as PENDING",
        ]


async def test_an_answer_about_another_order_has_the_same_sum() -> None:
    async with open_stand() as stand:
        _, val_id = await paid_and_validated(stand)
        await arm(stand, {"other_order": {}}, operation="validateOrder")
        told_of = await stand.validate(val_id)
        assert (told_of["status"], told_of["amount"]) == ("VALID", "1250.00")
        assert told_of["tran_id"] != "ORDER-1"
        assert told_of["val_id"] != val_id
        assert await told(stand) == [f"told of the order {told_of['tran_id']}"]


async def test_what_an_answer_does_not_tell_cannot_be_old_or_anothers() -> None:
    async with open_stand() as stand:
        await arm(stand, {"stale_state": {}}, {"other_order": {}}, operation="validateOrder")
        assert (await stand.validate("unknown"))["status"] == "INVALID_TRANSACTION"
        assert await told(stand) == [
            "no state in this answer that was another before",
            "no order in this answer that could be another",
        ]


async def test_spoilt_answers_stack() -> None:
    async with open_stand() as stand:
        _, val_id = await paid_and_validated(stand)
        stack: list[Json] = [
            {"other_order": {}},
            {"wrong_schema": {"member": "amount"}},
            {"content_type": {"as": "text/plain"}},
            {"status": {"code": 203}},
        ]
        await arm(stand, *stack, operation="validateOrder")
        url = f"{stand.urls['sslcommerz']}/validator/api/validationserverAPI.php"
        answer = await stand.client.get(url, params={**STORE, "val_id": val_id})
        assert (answer.status_code, answer.headers["content-type"]) == (203, "text/plain")
        assert "amount" not in answer.json()
        assert answer.json()["tran_id"].startswith("OTHER-")


async def test_after_faults_are_cleared_a_genuine_payment_passes() -> None:
    async with open_stand() as stand:
        for fault in ("html_page", "reset_after_work", "cut_body", "rate_limit", "stale_state", "other_order"):
            await stand.control("POST", "/faults", body={"faults": [{fault: {}}]})
        await stand.control("DELETE", "/faults")
        _, val_id = await paid_and_validated(stand, tran_id="AFTER")
        assert (await stand.validate(val_id))["status"] == "VALID"


async def test_the_played_merchants_answers_can_be_struck_too() -> None:
    async with open_stand() as stand:
        body = {"when": {"operation": "provision"}, "faults": [{"status": {"code": 500}}]}
        await stand.control("POST", "/faults", body=body)
        answer = await stand.client.post(
            f"{stand.urls['merchant']}/default/provision",
            json={"key": "k", "order": "o", "amount": "1.00", "currency": "BDT"},
            headers={"idempotency-key": "k"},
        )
        [effect] = (await stand.control("GET", "/effects"))["effects"]
        assert (answer.status_code, effect["done"]) == (500, 1)


async def test_every_fault_is_listed_with_its_settings_and_what_it_can_strike() -> None:
    async with open_stand() as stand:
        kinds = {kind["name"]: kind for kind in (await stand.control("GET", "/faults/kinds"))["kinds"]}
    assert (kinds["early"]["strikes"], kinds["drop"]["settings"]) == ({"sslcommerz": ["createSession"]}, [])
    assert kinds["late"]["settings"][0] == {
        "name": "by_seconds", "kind": "number", "about": "how much later", "required": True,
        "possible": "a number from 1e-06 to 3.1536e+08", "minimum": 0.000001, "maximum": 315_360_000,
    }  # fmt: skip
    assert kinds["never_answer"]["strikes"].keys() == {"sslcommerz", "merchant"}
    by_name = {setting["name"]: setting for setting in kinds["tamper"]["settings"]}
    assert (by_name["amount"]["max_length"], by_name["amount"]["required"]) == (21, False)
    assert by_name["proof"]["options"] == ["right", "kept"]
    assert "pattern" not in by_name["value"]
    assert kinds["duplicate"]["settings"][2]["default"] is False
