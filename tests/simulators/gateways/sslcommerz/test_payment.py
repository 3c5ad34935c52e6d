"""One payment from session to validation, over real sockets (fact sheet sections 3 to 8)."""

from tests.simulators.stands import Receiver, open_stand, served


async def test_a_paid_session_is_told_by_ipn_and_validated_once() -> None:
    receiver = Receiver()
    async with served(receiver) as shop, open_stand() as stand:
        session = await stand.open_session(ipn_url=f"{shop}/ipn")
        assert session["status"] == "SUCCESS"
        paid = await stand.control("POST", "/shopper", body={"action": "pay", "order": "ORDER-1"})
        assert paid["state"] == "VALID"
        advanced = await stand.control("POST", "/clock/advance", body={"by_seconds": 1})
        assert advanced["quiet"]
        [ipn] = receiver.got
        assert ipn["status"] == "VALID"
        assert [(await stand.validate(ipn["val_id"]))["status"] for _ in range(3)] == [
            "VALID",
            "VALIDATED",
            "VALIDATED",
        ]
        for e in await stand.journal():
            print(e)
