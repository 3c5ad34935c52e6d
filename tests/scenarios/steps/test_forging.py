"""What somebody makes up reaches the server as they made it up, with what they could have seen and nothing else."""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from scenarios.exchanges import Exchange, Kind, Side
from scenarios.loader import load
from scenarios.verdicts import Verdict
from tests.scenarios.files import with_steps, write
from tests.wire.telling import Told, tell

TWO = (
    'open_payment: {as: cheap, amount: "10.00"}',
    "pay: {order: cheap}",
    'open_payment: {as: dear, amount: "900.00"}',
)


async def told(folder: Path, *steps: str) -> Told:
    return await tell(load([write(folder / "story.yaml", with_steps(*steps))])[0])


def returns_of(ended: Told) -> list[Exchange]:
    return [one for one in ended.ended.exchanges if one.kind is Kind.RETURN]


def fields_of(exchange: Exchange) -> dict[str, str]:
    return dict(parse_qsl(exchange.request.body, keep_blank_values=True))


@pytest.mark.parametrize("to", ["success", "fail", "cancel"])
async def test_a_forged_return_goes_to_the_address_that_the_gateway_was_given(tmp_path: Path, to: str) -> None:
    forged = f'forge_return: {{to: {to}, fields: {{status: VALID, error: ""}}}}'
    ended = await told(tmp_path, 'open_payment: {amount: "10.00"}', forged, "expect: {answer: 303}")

    opened = next(one for one in ended.ended.exchanges if one.operation == "createSession")
    (sent,) = returns_of(ended)
    assert ended.broken == []
    assert urlsplit(fields_of(opened)[f"{to}_url"]).path == sent.request.url
    assert fields_of(sent) == {"status": "VALID", "error": ""}


async def test_a_forger_takes_only_the_named_fields_of_what_the_shopper_saw(tmp_path: Path) -> None:
    taken = 'taken_from: {order: cheap, fields: [val_id, amount]}, fields: {amount: "900.00"}'
    ended = await told(tmp_path, *TWO, f"forge_return: {{order: dear, to: success, {taken}}}")

    genuine, forged = returns_of(ended)
    assert fields_of(forged) == {"val_id": fields_of(genuine)["val_id"], "amount": "900.00"}
    assert forged.request.url != genuine.request.url


async def test_a_forged_notification_carries_what_was_taken(tmp_path: Path) -> None:
    forged = "forge_notification: {order: dear, proof: missing, taken_from: {order: cheap, fields: [val_id]}}"
    ended = await told(tmp_path, *TWO, forged)

    sent = [one for one in ended.ended.exchanges if one.operation == "ipn" and one.side is Side.SIMULATORS]
    genuine, forgery = sent[0], next(one for one in sent if one.forged)
    assert fields_of(forgery)["val_id"] == fields_of(genuine)["val_id"]
    assert fields_of(forgery)["tran_id"] != fields_of(genuine)["tran_id"]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((*TWO, "forge_return: {to: fail, taken_from: {order: cheap, fields: [nonsense]}}"), "has shown nonsense"),
        ((TWO[0], "forge_notification: {taken_from: {order: cheap, fields: [val_id]}}"), "shown were nothing"),
        (
            ('open_payment: {amount: "0.00", expect_status: 400}', "forge_return: {to: fail}"),
            "nobody knows its return address",
        ),
    ],
)
async def test_what_a_forger_cannot_know_makes_the_story_inconclusive(
    tmp_path: Path, steps: tuple[str, ...], words: str
) -> None:
    ended = (await told(tmp_path, *steps)).ended

    assert ended.verdict is Verdict.INCONCLUSIVE
    assert words in ended.findings[-1].seen
