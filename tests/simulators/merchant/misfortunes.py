"""What happens to a shop, one misfortune each; every one returns what is seen of the shop from outside afterwards.

The right shop and a flawed one go through the same and must be seen to differ exactly as their table says.
"""

import asyncio
from collections.abc import Mapping

from simulators.gateways.sslcommerz.authenticity import prove
from tests.simulators.merchant.shops import WHOLE_DAY, ShopStand
from tests.simulators.stands import STORE, Json

PASSWORD = STORE["store_passwd"]
SOURCE = "103.26.139.87"


def proven(fields: Mapping[str, str], password: str = PASSWORD, *, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Sign fields as the gateway would, leaving some out of what is signed."""
    plain = {name: value for name, value in fields.items() if not name.startswith("verify_")}
    return plain | prove({name: value for name, value in plain.items() if name not in without}, password)


async def paid_in_silence(shop: ShopStand, placed: Json, **act: Json) -> dict[str, str]:
    """Pay with every notification lost; gives the fields that the gateway would have told."""
    await shop.arm("drop", event="ipn")
    outcome = await shop.pay(placed, **act)
    await shop.heal()
    return outcome["return"]["fields"]


async def invented(shop: ShopStand, placed: Json) -> dict[str, str]:
    """A perfect message about money that nobody has paid."""
    outcome = await shop.act(placed, "cancel")
    await shop.advance()
    told = outcome["return"]["fields"] | {"status": "VALID", "val_id": "3001010600009Invented9", "error": ""}
    return told | {"risk_level": "0", "risk_title": "Safe", "store_amount": told["amount"]}


async def forged(shop: ShopStand, **headers: str) -> Json:
    placed = await shop.buy()
    fields = await invented(shop, placed)
    await shop.post(proven(fields, "guessed"), **headers)
    await shop.advance(60)
    return await shop.effects()


async def forged_with_switch(shop: ShopStand) -> Json:
    placed = await shop.buy()
    await shop.post(proven(await invented(shop, placed) | {"sandbox": "1"}, "guessed"))
    await shop.advance(60)
    return await shop.effects()


async def forged_from_the_gateways_address(shop: ShopStand) -> Json:
    return await forged(shop, **{"x-forwarded-for": f"10.0.0.1, {SOURCE}"})


async def unsigned(shop: ShopStand) -> Json:
    placed = await shop.buy()
    fields = await invented(shop, placed)
    await shop.post({name: value for name, value in fields.items() if not name.startswith("verify_")})
    await shop.advance(60)
    return await shop.effects()


async def blank_password(shop: ShopStand) -> Json:
    placed = await shop.buy()
    fields = await invented(shop, placed)
    await shop.stand.control("PUT", "/shop", body={"settings": {"credentials": {"store_passwd": ""}}})
    ready = (await shop.ask("GET", "/ready")).status_code
    await shop.post(proven(fields, ""))
    await shop.advance(60)
    return ready, await shop.effects()


async def signed_without_the_sum(shop: ShopStand) -> Json:
    placed = await shop.buy()
    await shop.post(proven(await invented(shop, placed), without=("amount", "currency_amount")))
    await shop.advance(60)
    return await shop.effects()


async def note_with_blanks_at_its_ends(shop: ShopStand) -> Json:
    placed = await shop.buy(note=" a=b & 50 % + ঢাকা ")
    await shop.pay(placed)
    return await shop.state(placed)


async def plain_purchase(shop: ShopStand) -> Json:
    placed = await shop.buy()
    await shop.pay(placed)
    return await shop.state(placed), await shop.effects(placed)


async def invented_return(shop: ShopStand) -> Json:
    placed = await shop.buy()
    fields = {"tran_id": placed["reference"], "status": "VALID", "val_id": "made0up"}
    await shop.post(fields, path="/return/success")
    await shop.advance(60)
    return await shop.effects()


async def forged_cancel_while_paying(shop: ShopStand) -> Json:
    placed = await shop.buy()
    await shop.post({"tran_id": placed["reference"], "status": "CANCELLED"}, path="/return/cancel")
    seen = await shop.state(placed)
    await shop.pay(placed)
    return seen, await shop.effects()


async def payment_to_somebody_else(shop: ShopStand) -> Json:
    placed = await shop.buy()
    opened = await shop.stand.control("POST", "/accounts", body={"name": "thief", "now": "2030-01-01T00:00:00Z"})
    thief = opened["credentials"]["sslcommerz"]
    told = await shop.stand.open_session(
        **thief, tran_id=placed["reference"], total_amount=placed["amount"], ipn_url=f"{shop.shop_url}/ipn"
    )
    await shop.stand.control("POST", "/shopper", account="thief", body={"session": told["sessionkey"], "action": "pay"})
    await shop.stand.control("POST", "/clock/advance", account="thief", body={"by_seconds": 0})
    await shop.advance(60)
    return await shop.effects()


async def redirected_validator(shop: ShopStand) -> Json:
    trap = f"{shop.stand.urls['merchant']}/default/receive"
    await shop.stand.control("PUT", "/receiver", body={"script": [{"body": "{}"}]})
    await shop.arm({"redirect": {"to": trap}}, operation="validateOrder")
    placed = await shop.buy()
    await shop.pay(placed)
    return len((await shop.stand.control("GET", "/receiver"))["received"])


async def val_id_that_is_a_query(shop: ShopStand) -> Json:
    placed = await shop.buy()
    fields = await invented(shop, placed)
    await shop.post(proven(fields | {"val_id": "x&store_id=evil"}))
    asked = await shop.stand.journal(operation="validateOrder")
    return any("store_id=evil" in one["request"]["url"] for one in asked)


async def wrong_sum(shop: ShopStand, *, of: Json = None, **paid: str) -> Json:
    placed = await shop.buy(**(of or {"amount": "1250.00"}))
    await shop.pay(placed, **paid)
    return await shop.effects()


async def one_taka(shop: ShopStand) -> Json:
    return await wrong_sum(shop, amount="10.00")


async def one_paisa_less(shop: ShopStand) -> Json:
    return await wrong_sum(shop, amount="1249.99")


async def other_currency(shop: ShopStand) -> Json:
    return await wrong_sum(shop, of={"amount": "100.00", "currency": "USD"}, currency="BDT")


async def val_id_of_another_order(shop: ShopStand, *, dear: str) -> Json:
    cheap, other = await shop.buy(amount="10.00"), await shop.buy(amount=dear)
    fields = await paid_in_silence(shop, cheap)
    told = {**fields, "tran_id": other["reference"], "amount": dear, "currency_amount": dear}
    await shop.post(proven(told))
    await shop.advance(60)
    return await shop.effects(other)


async def val_id_of_a_cheap_order(shop: ShopStand) -> Json:
    return await val_id_of_another_order(shop, dear="1250.00")


async def val_id_of_an_equal_order(shop: ShopStand) -> Json:
    return await val_id_of_another_order(shop, dear="10.00")


async def clients_price(shop: ShopStand) -> Json:
    await shop.stand.control("PUT", "/shop", body={"settings": {}})
    placed = await shop.buy(amount="10.00")
    return placed["amount"]


async def risky_payment(shop: ShopStand) -> Json:
    placed = await shop.buy()
    await shop.pay(placed, risk_level=1)
    return await shop.state(placed), await shop.effects()


async def told_twice(shop: ShopStand) -> Json:
    await shop.arm({"duplicate": {"copies": 3}}, event="ipn")
    placed = await shop.buy()
    await shop.pay(placed)
    await shop.advance(600)
    return await shop.effects()


async def told_thrice_at_once(shop: ShopStand) -> Json:
    await shop.arm({"burst": {"copies": 3}}, event="ipn")
    placed = await shop.buy()
    await shop.pay(placed)
    return await shop.effects()


async def told_by_two_channels(shop: ShopStand) -> Json:
    placed = await shop.buy()
    outcome = await shop.pay(placed)
    await shop.post(outcome["return"]["fields"], path="/return/success")
    await shop.advance()
    return await shop.effects()


async def told_again(shop: ShopStand, *, after: float, restart: bool = False) -> Json:
    placed = await shop.buy()
    outcome = await shop.pay(placed)
    await shop.advance(after)
    if restart:
        await shop.stand.control("POST", "/shop/restart")
    await shop.post(outcome["return"]["fields"])
    await shop.advance()
    return await shop.effects()


async def told_again_after_a_restart(shop: ShopStand) -> Json:
    return await told_again(shop, after=0, restart=True)


async def told_again_after_six_minutes(shop: ShopStand) -> Json:
    return await told_again(shop, after=360)


async def first_validation_lost(shop: ShopStand) -> Json:
    await shop.arm("reset_after_work", operation="validateOrder", nth=1)
    placed = await shop.buy()
    outcome = await shop.pay(placed)
    await shop.post(outcome["return"]["fields"])
    await shop.advance(60)
    return await shop.effects()


async def validator_away(shop: ShopStand) -> Json:
    await shop.arm({"status": {"code": 503}}, operation="validateOrder")
    placed = await shop.buy()
    await shop.pay(placed)
    seen = await shop.state(placed)
    await shop.heal()
    await shop.advance(WHOLE_DAY)
    return seen, await shop.state(placed)


async def failure_after_success(shop: ShopStand) -> Json:
    placed = await shop.buy()
    outcome = await shop.pay(placed)
    told = {name: value for name, value in outcome["return"]["fields"].items() if name != "val_id"}
    await shop.post(proven(told | {"status": "FAILED", "error": "late news"}))
    return await shop.state(placed)


async def success_after_failure(shop: ShopStand) -> Json:
    placed = await shop.buy()
    await shop.act(placed, "decline")
    await shop.advance()
    again = (await shop.ask("POST", f"/orders/{placed['order']}/payments")).json()
    seen = await shop.state(placed)
    await shop.pay(again)
    return seen, await shop.state(placed)


async def success_after_the_shoppers_cancel(shop: ShopStand) -> Json:
    placed = await shop.buy()
    await shop.ask("POST", f"/orders/{placed['order']}/cancel")
    await shop.pay(placed)
    order = await shop.order(placed)
    return order["state"], order["paid"], [one["cause"] for one in order["refunds"]]


async def news_before_the_answer(shop: ShopStand) -> Json:
    placed = await shop.buy()
    fields = await invented(shop, placed)
    answer = await shop.post(proven(fields | {"tran_id": "NOBODY-KNOWS-ME"}))
    return answer.status_code


async def old_failure_after_new_success(shop: ShopStand) -> Json:
    first = await shop.buy()
    second = (await shop.ask("POST", f"/orders/{first['order']}/payments")).json()
    await shop.pay(second)
    await shop.act(first, "decline")
    await shop.advance()
    return await shop.state(first)


async def return_and_notification_at_once(shop: ShopStand) -> Json:
    await shop.arm({"delay": {"by_seconds": 2}}, operation="validateOrder")
    placed = await shop.buy()
    outcome = await shop.act(placed)
    coming_back = asyncio.ensure_future(shop.post(outcome["return"]["fields"], path="/return/success"))
    await shop.advance(10)
    await coming_back
    await shop.advance()
    return await shop.effects()


async def paid_while_cancelling(shop: ShopStand) -> Json:
    """The gateway's answer that nothing is paid is on its way for long, and the payment overtakes it."""
    await shop.arm({"delay": {"by_seconds": 5}}, operation="queryTransaction")
    placed = await shop.buy()
    cancelling = asyncio.ensure_future(shop.ask("POST", f"/orders/{placed['order']}/cancel"))
    await shop.advance()
    await shop.act(placed)
    await shop.advance(60)
    await cancelling
    return await shop.state(placed), await shop.effects()


async def paid_twice(shop: ShopStand) -> Json:
    first = await shop.buy()
    second = (await shop.ask("POST", f"/orders/{first['order']}/payments")).json()
    await shop.pay(first)
    await shop.pay(second)
    order = await shop.order(first)
    return await shop.effects(), [one["cause"] for one in order["refunds"]]


async def two_refunds_at_once(shop: ShopStand) -> Json:
    placed = await shop.buy(amount="100.00")
    await shop.pay(placed)
    answers = [await shop.ask("POST", f"/orders/{placed['order']}/refunds", {"amount": "60.00"}) for _ in range(2)]
    return [one.status_code for one in answers]


async def refund_while_delivering(shop: ShopStand) -> Json:
    await shop.arm({"status": {"code": 500}}, gateway="merchant", operation="provision", nth=1)
    placed = await shop.buy()
    await shop.pay(placed)
    answer = await shop.ask("POST", f"/orders/{placed['order']}/refunds", {"amount": placed["amount"]})
    await shop.advance(600)
    return answer.status_code, await shop.effects()


async def first_delivery_fails(shop: ShopStand) -> Json:
    await shop.arm("reset_after_work", gateway="merchant", operation="provision", nth=1)
    placed = await shop.buy()
    await shop.pay(placed)
    await shop.advance(WHOLE_DAY)
    order = await shop.order(placed)
    return await shop.effects(), order["delivered"], len(order["refunds"])


async def create_answer_lost(shop: ShopStand) -> Json:
    await shop.arm("reset_after_work", operation="createSession", nth=1)
    await shop.ask("POST", "/orders", {})
    orphan = (await shop.gateway_orders())[0]
    await shop.pay({"session": orphan["session"]})
    await shop.advance(WHOLE_DAY)
    return await shop.effects()


async def refund_answer_lost(shop: ShopStand) -> Json:
    placed = await shop.buy()
    await shop.pay(placed)
    await shop.arm("reset_after_work", operation="queryTransaction", nth=1)
    await shop.ask("POST", f"/orders/{placed['order']}/refunds", {"amount": "10.00"})
    await shop.advance(60)
    asked = [one["request"]["url"] for one in await shop.stand.journal(operation="queryTransaction")]
    references = [part for url in asked for part in url.split("&") if part.startswith("refund_trans_id=")]
    return len(set(references))


async def nobody_tells(shop: ShopStand) -> Json:
    placed = await shop.buy()
    await paid_in_silence(shop, placed)
    await shop.advance(WHOLE_DAY)
    return await shop.effects()
